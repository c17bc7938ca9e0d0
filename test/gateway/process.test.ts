import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

test('SIGTERM drains: a stream that finishes in time is whole, one that does not gets an error event, and the exit code is 0', async () => {
  const upstream = await startFakeUpstream(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n');
  });
  const { child, port } = await serve({
    gateway: { port: 0, timeouts: { drain: '250ms' } },
    admin: { port: 0 },
    store: 'sqlite::memory:',
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { provider: 'up' } },
  });
  const clients = await Promise.all([RawConnection.open(port), RawConnection.open(port)]);
  for (const [index, client] of clients.entries()) {
    client.send(rawRequest('/v1/chat/completions', { body: '{"model":"m","stream":true}' }));
    await client.until('Hel');
    expect(upstream.calls).toHaveLength(index + 1);
  }
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  upstream.calls[0]!.outgoing.end('data: [DONE]\n\n');
  expect(await clients[0]!.until('\r\n0\r\n\r\n')).toContain('data: [DONE]');
  expect(await clients[1]!.untilEnd()).toContain('"code":"overloaded"');
  expect(await exited).toEqual([0, null]);
});
