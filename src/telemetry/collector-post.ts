import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import type { Milliseconds } from '../core/units.ts';

/** Where a collector is and how it is spoken to, out of the configuration and the environment. */
export type CollectorOptions = ReturnType<typeof convertLegacyHttpOptions>;

export interface CollectorReply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Uint8Array;
}

/** What a collector says of a batch is short; what is longer says nothing to us. */
const LONGEST_REPLY = 64 * 1024;

/** One request; follows no redirect, as its headers may hold a key. Rejects where no reply comes in time. */
export async function postToCollector(
  options: CollectorOptions,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  within: Milliseconds,
): Promise<CollectorReply> {
  const url = new URL(options.url);
  const agent = await options.agentFactory(url.protocol);
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } });
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${within} ms`)), within).unref();
    outgoing.once('close', () => clearTimeout(timer));
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => readReply(incoming).then(resolve, reject));
    outgoing.end(body);
  });
}

async function readReply(incoming: IncomingMessage): Promise<CollectorReply> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LONGEST_REPLY) chunks.push(chunk);
  }
  const body = length <= LONGEST_REPLY ? Buffer.concat(chunks) : Buffer.alloc(0);
  return { status: incoming.statusCode!, headers: incoming.headers, body };
}

/** Whoever asks again later may find it there. Certificates that are not trusted stay so. */
export function isUnreachable(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall !== undefined || code === 'ECONNRESET';
}
