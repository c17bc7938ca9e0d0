import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';

const COMMAND = fileURLToPath(new URL('../../bin/sluice', import.meta.url));

/** A gateway in a process of its own, and the port of its data plane. */
async function serve(config: object): Promise<{ child: ReturnType<typeof spawn>; port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-process-'));
  const file = join(folder, 'sluice.json');
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(process.execPath, [COMMAND, 'serve', '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const port = await new Promise<number>((resolve, reject) => {
    let told = '';
    const read = (chunk: Buffer): void => {
      told += chunk.toString();
      const found = /apps: http:\/\/127\.0\.0\.1:(\d+)/.exec(told);
      if (found !== null) resolve(Number(found[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', () => reject(new Error(told)));
  });
  return { child, port };
}

/** A gateway whose clients are each in the middle of a stream. */
async function openStreams(count: number, drain: string) {
  const upstream = await startFakeUpstream(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n');
  });
  const { child, port } = await serve({
    gateway: { port: 0, timeouts: { drain } },
    admin: { port: 0 },
    store: 'sqlite::memory:',
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { provider: 'up' } },
  });
  const clients: RawConnection[] = [];
  for (let index = 0; index < count; index++) {
    const client = await RawConnection.open(port);
    client.send(rawRequest('/v1/chat/completions', { body: '{"model":"m","stream":true}' }));
    await client.until('Hel');
    clients.push(client);
  }
  return { child, port, upstream, clients };
}

/** Resolves when the port takes no more connections. */
async function closedToNew(port: number): Promise<void> {
  const isOpen = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
  while (await isOpen());
}

test('SIGTERM drains: nobody new is let in, streams go on to their own end, and the exit code is 0', async () => {
  const { child, port, upstream, clients } = await openStreams(2, '600s');
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await closedToNew(port);
  for (const [index, client] of clients.entries()) {
    const { outgoing } = await upstream.call(index);
    outgoing.end('data: {"choices":[{"index":0,"delta":{"content":"lo"}}]}\n\ndata: [DONE]\n\n');
    expect(await client.until('\r\n0\r\n\r\n')).toContain('data: [DONE]');
  }
  expect(await exited).toEqual([0, null]);
});

test('a stream that is still open when the time to drain is up gets an error event, and the exit code is 0', async () => {
  const { child, clients } = await openStreams(1, '1ms');
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const told = await clients[0]!.untilEnd();
  expect(told).toContain('"code":"overloaded"');
  expect(told).not.toContain('[DONE]');
  expect(await exited).toEqual([0, null]);
});
