import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cli } from '../cli/run-cli.ts';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';

/** For what comes with the next look at the store, twice a second; a busy machine may be late. */
const PATIENCE = { timeout: 10_000, interval: 25 };

interface Options {
  readonly required?: boolean;
  readonly store?: string;
  readonly extra?: object;
}

async function setup({ required = true, store = 'sqlite::memory:', extra = {} }: Options = {}) {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    store,
    auth: { required },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'client' } },
    passthrough: { provider: 'up' },
    models: { allowed: { provider: 'up' }, other: { provider: 'up' } },
    teams: [{ name: 'search', models: ['allowed'], metadata: { team: 'search' } }],
    ...extra,
  });
  return { gateway, upstream };
}

function storeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'sluice.db');
}

interface Made {
  readonly id: string;
  readonly secret: string;
}

async function sluice(gateway: TestGateway, ...argv: string[]): Promise<Made> {
  const { status, stdout } = await cli(['key', ...argv, '--url', gateway.adminUrl, '--json'], { now: Date.now() });
  expect([argv, status]).toEqual([argv, 0]);
  return JSON.parse(stdout) as Made;
}

const send = (gateway: TestGateway, secret: string, model = 'allowed', content = 'Hello') =>
  postJson(
    `${gateway.url}${CHAT}`,
    { model, messages: [{ role: 'user', content }] },
    { authorization: `Bearer ${secret}` },
  );

const statusOf = async (gateway: TestGateway, secret: string, model?: string) =>
  (await send(gateway, secret, model)).status;

test('a key made by the command line opens the running gateway at once, and nothing of it goes on', async () => {
  const { gateway, upstream } = await setup();
  const { secret, id } = await sluice(gateway, 'create', 'mobile');
  expect(await statusOf(gateway, secret)).toBe(200);
  expect(gateway.log.requests).toMatchObject([{ key: 'mobile' }]);
  expect(JSON.stringify(upstream.calls.map(({ rawHeaders }) => rawHeaders))).not.toContain(secret);
  await sluice(gateway, 'revoke', id);
  expect(await statusOf(gateway, secret)).toBe(401);
  expect(JSON.stringify([gateway.log.lines])).not.toContain(secret.slice(14));
});

test('what a team may use bounds its keys', async () => {
  const { gateway } = await setup();
  const { secret } = await sluice(gateway, 'create', 'mobile', '--team', 'search');
  expect([await statusOf(gateway, secret, 'allowed'), await statusOf(gateway, secret, 'other')]).toEqual([200, 403]);
});

test('a revoked key ends on both gateways of one store', async () => {
  const store = `sqlite:${storeFile()}`;
  const [{ gateway: one }, { gateway: two }] = [await setup({ store }), await setup({ store })];
  const { secret, id } = await sluice(one, 'create', 'mobile');
  expect([await statusOf(one, secret), await statusOf(two, secret)]).toEqual([200, 200]);
  await sluice(one, 'revoke', id);
  expect(await statusOf(one, secret)).toBe(401);
  await vi.waitUntil(async () => (await statusOf(two, secret)) === 401, PATIENCE);
});

test('a key that was tried before it was made is known on the other gateway soon after', async () => {
  const path = storeFile();
  const [{ gateway: one }, { gateway: two }] = [
    await setup({ store: `sqlite:${path}` }),
    await setup({ store: `sqlite:${path}` }),
  ];
  const { secret, id } = await sluice(one, 'create', 'mobile');
  await sluice(one, 'revoke', id);
  // It may have heard of the key, and not yet of its end.
  await vi.waitUntil(async () => (await statusOf(two, secret)) === 401, PATIENCE);
  const next = await sluice(one, 'create', 'mobile');
  await vi.waitUntil(async () => (await statusOf(two, next.secret)) === 200, PATIENCE);
  expect(await statusOf(two, secret)).toBe(401);
});

test('a rotated secret stays good for its overlap, and none without one', async () => {
  const { gateway } = await setup();
  const first = await sluice(gateway, 'create', 'mobile');
  expect(await statusOf(gateway, first.secret)).toBe(200);
  const second = await sluice(gateway, 'rotate', 'mobile', '--overlap', '1h');
  expect([await statusOf(gateway, first.secret), await statusOf(gateway, second.secret)]).toEqual([200, 200]);
  const third = await sluice(gateway, 'rotate', 'mobile', '--overlap', '0');
  const statuses = [first, second, third].map(({ secret }) => statusOf(gateway, secret));
  expect(await Promise.all(statuses)).toEqual([401, 401, 200]);
});

test('whatever is wrong with a key, the answer is the same, word for word', async () => {
  const { gateway } = await setup();
  const revoked = await sluice(gateway, 'create', 'revoked');
  await sluice(gateway, 'revoke', revoked.id);
  const expired = await sluice(gateway, 'create', 'expired', '--expires', '2020-01-01');
  const rotated = await sluice(gateway, 'create', 'rotated');
  await sluice(gateway, 'rotate', rotated.id, '--overlap', '0');
  const unknown = { secret: `sk-sluice-${'a'.repeat(43)}` };
  const answers = new Set<string>();
  for (const { secret } of [revoked, expired, rotated, unknown, { secret: 'sk-other' }, unknown, revoked]) {
    const { status, text, headers } = await send(gateway, secret);
    answers.add(JSON.stringify([status, text, Object.keys(headers)]));
  }
  expect([...answers].map((each) => (JSON.parse(each) as unknown[])[0])).toEqual([401]);
});

test('where no key is required, an ended key is the anonymous caller, and still goes nowhere', async () => {
  const { gateway, upstream } = await setup({ required: false });
  const { secret, id } = await sluice(gateway, 'create', 'mobile');
  await sluice(gateway, 'revoke', id);
  expect(await statusOf(gateway, secret)).toBe(200);
  expect(gateway.log.requests).toMatchObject([{ key: 'anonymous' }]);
  expect(JSON.stringify(upstream.calls.map(({ rawHeaders }) => rawHeaders))).not.toContain(secret);
});

test('a stored key changes what is redacted as one of the file does', async () => {
  const { gateway, upstream } = await setup();
  const { body } = await gateway.admin('POST', '/api/v1/keys', { name: 'strict', redaction: { emails: 'mask' } });
  const { secret: strict, id } = body as Made;
  const { secret: plain } = await sluice(gateway, 'create', 'plain');
  const sent = async (secret: string) => {
    await send(gateway, secret, 'allowed', 'Write to ann@example.com');
    return upstream.calls.at(-1)!.body.toString();
  };
  expect(await sent(plain)).toContain('ann@example.com');
  expect(await sent(strict)).not.toContain('ann@example.com');
  await gateway.admin('PATCH', `/api/v1/keys/${id}`, { redaction: null });
  expect(await sent(strict)).toContain('ann@example.com');
});

test('while the store is broken known keys are served, others are told to wait, and nobody gets in', async () => {
  const path = storeFile();
  const { gateway } = await setup({ store: `sqlite:${path}` });
  const { secret } = await sluice(gateway, 'create', 'mobile');
  expect(await statusOf(gateway, secret)).toBe(200);
  const database = new Database(path);
  database.exec('alter table api_keys rename to away');
  const unknown = await send(gateway, `sk-sluice-${'b'.repeat(43)}`);
  expect([unknown.status, unknown.headers['retry-after']]).toEqual([503, '1']);
  expect(await statusOf(gateway, secret)).toBe(200);
  expect((await gateway.metrics()).sum('sluice_key_lookups_total', { result: 'unavailable' })).toBe(1);
  database.exec('alter table away rename to api_keys');
  database.close();
  await vi.waitUntil(async () => (await statusOf(gateway, `sk-sluice-${'c'.repeat(43)}`)) === 401, PATIENCE);
});
