import type { ServerResponse } from 'node:http';
import type { Exchange } from '../core/exchange.ts';
import { addOwnHeaders } from './reply-headers.ts';

/** An answer of the gateway's own. */
export function respondJson(outgoing: ServerResponse, exchange: Exchange, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value), 'utf8');
  const headers = ['content-type', 'application/json', 'content-length', String(body.length)];
  addOwnHeaders(headers, exchange);
  exchange.status = 200;
  outgoing.writeHead(200, headers).end(body);
}

/** Somebody is there; who asks need not say who he is. */
export function respondReachable(outgoing: ServerResponse, exchange: Exchange): void {
  const headers = ['content-length', '0'];
  addOwnHeaders(headers, exchange);
  exchange.status = 200;
  outgoing.writeHead(200, headers).end();
}
