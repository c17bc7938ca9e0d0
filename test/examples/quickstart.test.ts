import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { startGateway } from '../../src/main.ts';
import { exchange, postJson } from '../support/http-client.ts';

const root = join(import.meta.dirname, '../..');

const CHAT = '/v1/chat/completions';

/** The configuration that `npm start` serves, on free ports and with a store of its own. */
function shippedConfig(folder: string): string {
  const path = join(folder, 'sluice.yaml');
  const text = readFileSync(join(root, 'config/sluice.yaml'), 'utf8')
    .replace('port: 8080', 'port: 0')
    .replace('port: 8081', 'port: 0')
    .replace('./data/sluice.db', join(folder, 'sluice.db'));
  writeFileSync(path, text);
  return path;
}

async function startShipped(): Promise<{ readonly url: string; readonly adminUrl: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-quickstart-'));
  const gateway = await startGateway({ configPath: shippedConfig(folder), log: pino({ level: 'silent' }) });
  onTestFinished(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true });
  });
  return {
    url: `http://127.0.0.1:${gateway.dataPlane.port}`,
    adminUrl: `http://127.0.0.1:${gateway.admin.port}`,
  };
}

async function steer(adminUrl: string, verb: string, body: object = {}): Promise<void> {
  const { status } = await postJson(`${adminUrl}/api/v1/rollouts/fast-v2/${verb}`, body);
  expect(status).toBe(200);
}

test('the quickstart does what it says against the configuration of npm start, even after an abort', async () => {
  const { url, adminUrl } = await startShipped();
  await steer(adminUrl, 'abort');
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(root, 'examples/quickstart/quickstart.ts')],
    { env: { ...process.env, SLUICE_URL: url, SLUICE_ADMIN_URL: adminUrl } },
  );
  expect(stdout).toMatch(/openai: \S/);
  expect(stdout).toMatch(/openai, streamed: \S/);
  expect(stdout).toMatch(/anthropic: \S/);
  expect(stdout).toMatch(/canary of 200: \d+ at 5 %, \d+ at 50 % \(0 left it\), 0 after abort/);
  expect(stdout).toContain('redacted before it left: secret.github_pat=1');
  expect(stdout).toMatch(/sluice_rollout_weight\{rollout="fast-v2",arm="canary"\} 5\b/);
  expect(stderr).toBe('');
}, 60_000);

test('the conversation of the README is in the stable arm at 5 %, in the canary at 50 %, and back after an abort', async () => {
  const { url, adminUrl } = await startShipped();
  const arm = async (): Promise<unknown> => {
    const metadata = { conversation: 'chat-1' };
    const messages = [{ role: 'user', content: 'Hello' }];
    const { headers } = await postJson(`${url}${CHAT}`, { model: 'chat-fast', messages, metadata });
    return [headers['x-sluice-model'], headers['x-sluice-arm']];
  };
  expect(await arm()).toEqual(['fast-v1', 'stable']);
  await steer(adminUrl, 'set-weight', { weight: 50 });
  expect(await arm()).toEqual(['fast-v2', 'canary']);
  await steer(adminUrl, 'abort');
  expect(await arm()).toEqual(['fast-v1', 'stable']);
});

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const)('a %s call is answered by the simulated models of npm start', async (encoding, compress) => {
  const { url } = await startShipped();
  const body = compress(JSON.stringify({ model: 'chat-fast', messages: [{ role: 'user', content: 'Hello' }] }));
  const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
  const reply = await exchange(`${url}${CHAT}`, { body, headers });
  expect([reply.status, reply.json()]).toMatchObject([200, { object: 'chat.completion' }]);
});
