/**
 * The provider that the benchmark calls, in a process of its own: it answers from memory. A `"stream": true` call gets
 * `max_tokens` frames (100 by default), the first at once and the others `--gap` ms apart (20 by default).
 * Prints `{"port": …}` when it listens.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { monotonicMicros } from './clock.ts';
import { Pacer } from './pacer.ts';
import { CHAT_REPLY, FINISH_FRAMES, ROLE_FRAME, tokenFrame } from './payload.ts';

const DEFAULT_FRAMES = 100;
const JSON_HEAD = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(CHAT_REPLY)) };

const { values } = parseArgs({ options: { gap: { type: 'string', default: '20' } } });
const pacer = new Pacer(Number(values.gap));

const server = createServer(answer);
server.keepAliveTimeout = 75_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
);

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/clock') response.end(String(monotonicMicros()));
  else if (request.url !== '/v1/chat/completions') response.writeHead(404).end();
  else readBody(request, (body) => complete(response, body));
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => done(body));
}

function complete(response: ServerResponse, body: string): void {
  if (/"stream"\s*:\s*true/.test(body)) return stream(response, body);
  response.writeHead(200, JSON_HEAD).end(CHAT_REPLY);
}

let tokens = 0;

function nextToken(): string {
  return tokenFrame(monotonicMicros(), tokens++);
}

function stream(response: ServerResponse, body: string): void {
  const { max_tokens: frames = DEFAULT_FRAMES } = JSON.parse(body) as { max_tokens?: number };
  let sent = 1;
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.write(ROLE_FRAME + nextToken());
  const leave = pacer.join(() => {
    if (sent++ < frames) return void response.write(nextToken());
    // At once: turns that are made up for come before `close` does, and another end would be an error.
    leave();
    response.end(FINISH_FRAMES);
  });
  response.on('close', leave);
}
