import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ROLE_FRAME, tokenFrame } from '../payload.ts';
import type { StreamClientOptions } from '../stream-client.ts';

const SCRIPT = new URL('../stream-client.ts', import.meta.url).pathname;

/** Opens streams against a server that answers as told. */
async function openAgainst(answer: RequestListener, streams: number): Promise<{ code: unknown; errors: string }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`;
  const options: StreamClientOptions = { url, headers: {}, body: '{}', streams, rampSeconds: 0, holdSeconds: 0 };
  const client = spawn(process.execPath, [SCRIPT, JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  client.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const [code] = await once(client, 'close');
  return { code, errors };
}

test('a refused stream ends the opening at once, with the reply that it got', async () => {
  let answered = 0;
  const { code, errors } = await openAgainst((_, response) => {
    // Ten streams of sixty open; then the server is full, and keeps the connection.
    if (answered++ < 10) response.writeHead(200).write(ROLE_FRAME + tokenFrame(1, 1));
    else response.writeHead(503, { 'retry-after': '1' }).end('{"error":"full"}');
  }, 60);
  expect(code).toBe(1);
  expect(errors).toMatch(/^10 of 60 streams opened: one ended before its first frame: HTTP\/1\.1 503 /);
});

test('no more than 32 streams wait for their first frame at a time', async () => {
  let waiting: ServerResponse[] = [];
  let most = 0;
  const answerAll = (): void => {
    for (const response of waiting) response.writeHead(200).write(ROLE_FRAME + tokenFrame(1, 1));
    waiting = [];
  };
  const { code } = await openAgainst((_, response) => {
    waiting.push(response);
    most = Math.max(most, waiting.length);
    // Time enough for the ones that should not come.
    if (waiting.length === 32) setTimeout(answerAll, 50);
  }, 96);
  expect(code).toBe(0);
  expect(most).toBe(32);
});
