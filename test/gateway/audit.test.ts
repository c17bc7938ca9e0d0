import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { AuditEntryView } from '../../src/core/audit.ts';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

const SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
const CHAT = '/v1/chat/completions';

const CONFIG: TestConfig = {
  providers: { sim: { type: 'simulator' } },
  models: { m: { target: 'sim/m' }, told: { target: 'sim/m', audit: true } },
  keys: [{ name: 'dev', secret: 'sk-very-secret-dev-key', models: ['m', 'told'] }],
  rollouts: [
    {
      name: 'next',
      match: { model: 'm' },
      stable: { target: 'sim/m' },
      canary: { target: 'sim/m2' },
      steps: ['5%', '100%'],
    },
  ],
  redaction: { secrets: { request: 'block' } },
};

const ask = (model: string, content = 'Tell me a tale of the sea') => ({
  model,
  messages: [{ role: 'user', content }],
});
const DEV = { authorization: 'Bearer sk-very-secret-dev-key' };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-audit-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Oldest first. */
async function trail(gateway: TestGateway, kind = ''): Promise<readonly AuditEntryView[]> {
  const query = kind === '' ? '' : `&kind=${kind}`;
  const { body } = await gateway.admin('GET', `/api/v1/audit?after=0&limit=1000${query}`);
  return body;
}

async function verdict(gateway: TestGateway): Promise<{ ok: boolean; entries: number }> {
  return (await gateway.admin('GET', '/api/v1/audit/verify')).body;
}

test('a change by the API is told before and after, under one id, with who asked and what came of it', async () => {
  const gateway = await startTestGateway(CONFIG);
  await gateway.admin('POST', '/api/v1/rollouts/next/set-weight', { weight: 37, reason: 'a try' });
  const [intent, outcome, ...more] = await trail(gateway, 'rollout.set-weight');
  expect(more).toEqual([]);
  expect(intent).toMatchObject({
    phase: 'intent',
    actor: 'api',
    subject: 'rollout:next',
    detail: { weight: 37, reason: 'a try', peer: '127.0.0.1' },
    result: 'done',
  });
  expect(outcome).toMatchObject({
    phase: 'outcome',
    id: intent!.id,
    detail: { result: 'done', told: { status: 200, etag: '"2"' } },
  });
  expect(await verdict(gateway)).toMatchObject({ ok: true });
});

test('a change that was refused is told as failed, with the code', async () => {
  const gateway = await startTestGateway(CONFIG);
  await gateway.admin('POST', '/api/v1/rollouts/nobody/pause', {});
  const [intent, outcome] = await trail(gateway, 'rollout.pause');
  expect(intent).toMatchObject({ subject: 'rollout:nobody', result: 'failed' });
  expect(outcome!.detail).toEqual({ result: 'failed', told: { code: 'rollout_not_found' } });
});

test('every verb of the API that changes something is told, and none that only looks', async () => {
  const gateway = await startTestGateway(CONFIG);
  const at = '/api/v1/rollouts/next';
  const declared = { match: { model: 'told' }, stable: { target: 'sim/m' }, canary: { target: 'sim/m2' } };
  for (const verb of ['pause', 'resume', 'promote', 'abort', 'retry']) await gateway.admin('POST', `${at}/${verb}`, {});
  await gateway.admin('PUT', '/api/v1/rollouts/other', declared);
  await gateway.admin('PUT', '/api/v1/rollouts/other', { ...declared, steps: ['50%', '100%'] });
  await gateway.admin('POST', '/api/v1/rollouts/other/undo', {});
  await fetch(`${gateway.adminUrl}/api/v1/rollouts/other`, { method: 'DELETE' });
  await gateway.admin('POST', '/api/v1/config/reload', {});
  for (const path of ['rollouts', 'config', 'requests', 'audit/key', 'audit/checkpoints'])
    await gateway.admin('GET', `/api/v1/${path}`);
  await gateway.admin('POST', '/api/v1/redact', { text: 'x' });
  await gateway.admin('POST', `${at}/assign`, { units: ['u'] });
  const entries = await trail(gateway);
  expect(
    entries
      .filter(({ phase, actor }) => phase === 'intent' && actor === 'api')
      .map(({ kind, result }) => [kind, result]),
  ).toEqual(
    [
      'rollout.pause',
      'rollout.resume',
      'rollout.promote',
      'rollout.abort',
      'rollout.retry',
      'rollout.apply',
      'rollout.apply',
      'rollout.undo',
      'rollout.delete',
      'config.reload',
    ].map((kind) => [kind, 'done']),
  );
});

test('what the configuration file declares and each reload that takes effect is told', async () => {
  const gateway = await startTestGateway(CONFIG);
  expect(await trail(gateway)).toMatchObject([
    {
      kind: 'rollout.apply',
      phase: 'fact',
      actor: 'config',
      subject: 'rollout:next',
      detail: { weight: 5, revision: 1 },
    },
  ]);
  await gateway.reload({ ...CONFIG, log: { level: 'warn' } });
  await gateway.reload({ ...CONFIG, log: { level: 'warn' } });
  const [intent, outcome, ...more] = await trail(gateway, 'config.reloaded');
  expect(more).toEqual([]);
  expect(intent).toMatchObject({
    actor: 'config',
    detail: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  });
  expect(outcome).toMatchObject({ id: intent!.id, detail: { result: 'done' } });
});

test('a call that a policy denies is told with its request, its key and the rule', async () => {
  const gateway = await startTestGateway({
    ...CONFIG,
    keys: [{ name: 'dev', secret: 'sk-very-secret-dev-key', models: ['other'] }],
  });
  const reply = await postJson(`${gateway.url}${CHAT}`, ask('m'), DEV);
  expect(reply.status).toBe(403);
  expect(await trail(gateway, 'policy.denied')).toMatchObject([
    {
      phase: 'fact',
      actor: 'key:dev',
      subject: `request:${reply.headers['x-sluice-request-id'] as string}`,
      detail: { rule: 'model_not_allowed', requestedModel: 'm' },
    },
  ]);
});

test('a policy in CEL that denies is told by its name, with all that was decided', async () => {
  const gateway = await startTestGateway({
    ...CONFIG,
    policies: [{ name: 'no-m', when: 'request.model == "m"', deny: 'Not m' }],
  });
  expect((await postJson(`${gateway.url}${CHAT}`, ask('m'), DEV)).status).toBe(403);
  const detail = { rule: 'no-m', code: 'policy_denied', policies: [{ rule: 'no-m', decision: 'deny' }] };
  expect(await trail(gateway, 'policy.denied')).toMatchObject([{ phase: 'fact', detail }]);
});

test('what becomes of a key is told before and after, never its secret', async () => {
  const gateway = await startTestGateway(CONFIG);
  const api = async (method: string, path: string, body?: object): Promise<Record<string, string>> =>
    (await gateway.admin(method, `/api/v1/keys${path}`, body)).body;
  const made = await api('POST', '', { name: 'mobile' });
  const rotated = await api('POST', `/${made['id']}/rotate`, { overlap: '0' });
  await api('DELETE', `/${made['id']}`);
  const entries = await Promise.all(['key.create', 'key.rotate', 'key.revoke'].map((kind) => trail(gateway, kind)));
  expect(entries.map((each) => each.map(({ phase }) => phase))).toEqual(
    Array.from({ length: 3 }, () => ['intent', 'outcome']),
  );
  expect(entries[1]![0]).toMatchObject({ subject: `key:${made['id']}` });
  const told = JSON.stringify(entries);
  expect([told.includes(made['secret']!), told.includes(rotated['secret']!)]).toEqual([false, false]);
});

test('a new key is told with the id that later changes name, and what was declared by its hash', async () => {
  const gateway = await startTestGateway(CONFIG);
  const { body } = await gateway.admin('POST', '/api/v1/keys', { name: 'mobile' });
  const { id } = body as { id: string };
  await gateway.admin('PATCH', `/api/v1/keys/${id}`, { models: ['m'] });
  const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
  expect(await trail(gateway, 'key.create')).toMatchObject([
    { detail: { name: 'mobile', sha256 } },
    { detail: { result: 'done', told: { status: 201, location: `/api/v1/keys/${id}` } } },
  ]);
  expect(await trail(gateway, 'key.change')).toMatchObject([
    { subject: `key:${id}`, detail: { fields: ['models'], sha256 } },
    { detail: { result: 'done' } },
  ]);
});

test('a secret that somebody pastes where a name is asked for is masked', async () => {
  const gateway = await startTestGateway({
    ...CONFIG,
    keys: [{ name: 'dev', secret: 'sk-very-secret-dev-key', models: ['*'] }],
    models: { 'gh*': { target: 'sim/m', audit: true } },
    redaction: { secrets: 'allow' },
    policies: [{ name: 'no-x', when: 'request.model.endsWith("x")', deny: 'Not x' }],
    rollouts: [],
  });
  for (const model of [SECRET, `${SECRET} x`]) await postJson(`${gateway.url}${CHAT}`, ask(model), DEV);
  await gateway.admin('POST', '/api/v1/keys', { name: SECRET });
  await fetch(`${gateway.adminUrl}/api/v1/keys/${SECRET}`, { method: 'DELETE' });
  await gateway.admin('POST', '/api/v1/rollouts/next/pause', { reason: `as ${SECRET} leaked` });
  const entries = await trail(gateway);
  const kinds = ['request', 'policy.denied', 'key.create', 'key.create', 'key.revoke', 'key.revoke'];
  expect(entries.map(({ kind }) => kind)).toEqual([...kinds, 'rollout.pause', 'rollout.pause']);
  expect(entries.filter(({ entry }) => entry.includes(SECRET))).toEqual([]);
  expect(entries[6]!.detail).toMatchObject({ reason: expect.stringMatching(/^as .+ leaked$/) as string });
});

test('each call that is passed through is told where `passthrough.audit` says so, and refused where it cannot be', async () => {
  const upstream = await startFakeUpstream(answerChat);
  const keys = [{ name: 'dev', secret: 'sk-very-secret-dev-key', models: ['*'] }];
  const providers = { up: { type: 'openai', baseUrl: `${upstream.url}/v1` }, sim: { type: 'simulator' } } as const;
  const start = (audit: boolean) =>
    startTestGateway({ ...CONFIG, keys, rollouts: [], providers, passthrough: { provider: 'up', audit } });
  const [told, untold] = [await start(true), await start(false)];
  const { headers } = await postJson(`${told.url}/v1/files`, {}, DEV);
  await postJson(`${untold.url}/v1/files`, {}, DEV);
  expect(await trail(untold)).toEqual([]);
  expect(await trail(told)).toMatchObject([
    {
      kind: 'request',
      actor: 'key:dev',
      subject: `request:${headers['x-sluice-request-id'] as string}`,
      detail: { operation: 'passthrough', provider: 'up', status: 200, outcome: 'success' },
    },
  ]);
  const { gateway } = await mute({ keys, passthrough: { provider: 'up', audit: true } });
  await gateway.admin('POST', '/api/v1/config/reload', {});
  expect((await postJson(`${gateway.url}/v1/files`, {}, DEV)).status).toBe(503);
});

test('the configuration that a gateway begins with is told, as it may have changed while none ran', async () => {
  const store = `sqlite:${join(folder(), 'sluice.db')}`;
  const first = await startTestGateway({ ...CONFIG, rollouts: [], store });
  await trail(first);
  await first.stop();
  const second = await startTestGateway({ ...CONFIG, rollouts: [], store, log: { level: 'warn' } });
  const entries = await trail(second, 'config.loaded');
  expect(entries).toMatchObject([{ phase: 'fact', actor: 'config' }, { phase: 'fact' }]);
  const [before, after] = entries.map(({ detail }) => (detail as { sha256: string }).sha256);
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  expect(after).not.toBe(before);
});

test('a block by redaction is told with rule, place and keyed hash, once a request, however many there are', async () => {
  const gateway = await startTestGateway(CONFIG);
  const ids: unknown[] = [];
  for (let call = 0; call < 40; call++)
    ids.push((await postJson(`${gateway.url}${CHAT}`, ask('m', `Use ${SECRET}`), DEV)).headers['x-sluice-request-id']);
  const entries = await trail(gateway, 'redaction.blocked');
  expect(entries.map(({ subject }) => subject)).toEqual(ids.map((id) => `request:${String(id)}`));
  const [{ detail }] = entries as [AuditEntryView];
  expect(detail).toMatchObject({
    rules: [{ rule: 'secret.github_pat', direction: 'request', count: 1 }],
    findings: [
      { rule: 'secret.github_pat', where: 'messages[0].content', hash: expect.stringMatching(/^\S{8,}$/) as string },
    ],
  });
  // The same value has the same hash.
  expect(new Set(entries.map((each) => JSON.stringify((each.detail as { findings: unknown }).findings))).size).toBe(1);
});

test('each request of a model with `audit: true` is told, of others none', async () => {
  const gateway = await startTestGateway(CONFIG);
  await postJson(`${gateway.url}${CHAT}`, ask('m'), DEV);
  const reply = await postJson(`${gateway.url}${CHAT}`, ask('told'), DEV);
  const entries = await trail(gateway, 'request');
  expect(entries).toMatchObject([
    {
      actor: 'key:dev',
      subject: `request:${reply.headers['x-sluice-request-id'] as string}`,
      detail: { route: 'told', provider: 'sim', status: 200, outcome: 'success', operation: 'chat' },
    },
  ]);
});

test('no secret and nothing of what was said is in the trail, nor in the store or the spool', async () => {
  const path = join(folder(), 'sluice.db');
  const gateway = await startTestGateway({ ...CONFIG, store: `sqlite:${path}` });
  await postJson(`${gateway.url}${CHAT}`, ask('told'), DEV);
  await postJson(`${gateway.url}${CHAT}`, ask('told', `Use ${SECRET}`), DEV);
  await gateway.admin('PUT', '/api/v1/rollouts/other', {
    match: { model: 'told' },
    stable: { target: 'sim/m' },
    canary: { target: 'sim/m2', params: { user: 'param-of-an-arm' } },
  });
  const text = (await trail(gateway)).map(({ entry }) => entry).join('\n');
  expect(text).toContain('redaction.blocked');
  expect(text).toContain('rollout:other');
  for (const secret of [SECRET, 'sk-very-secret-dev-key', 'tale of the sea', 'param-of-an-arm'])
    expect(text).not.toContain(secret);
});

test('while the store is away entries wait in the spool, changes go on, and all is in the chain when it is back', async () => {
  const path = join(folder(), 'sluice.db');
  const gateway = await startTestGateway({ ...CONFIG, rollouts: [], store: `sqlite:${path}` });
  await gateway.admin('POST', '/api/v1/config/reload', {});
  await trail(gateway);
  const other = new Database(path);
  other.exec('begin exclusive');
  expect((await gateway.admin('POST', '/api/v1/config/reload', {})).status).toBe(200);
  const reasons = async (): Promise<string[]> => {
    const reply = await fetch(`${gateway.adminUrl}/readyz`);
    return ((await reply.json()) as { reasons: string[] }).reasons;
  };
  await expect
    .poll(reasons)
    .toContain('audit entries wait in the spool, as the store cannot take them: database is locked');
  await expect
    .poll(async () => (await gateway.metrics()).sum('sluice_audit_entries_total', { result: 'spool' }))
    .toBe(2);
  other.exec('rollback');
  other.close();
  await expect.poll(async () => (await trail(gateway)).length, { timeout: 10_000 }).toBe(5);
  expect(await verdict(gateway)).toMatchObject({ ok: true, entries: 5 });
  await expect.poll(reasons, { timeout: 10_000 }).toEqual([]);
});

/** Neither the store nor the spool can be written: its place is taken by a file. */
async function mute(change: TestConfig = {}): Promise<{ gateway: TestGateway; heal: () => void }> {
  const path = join(folder(), 'sluice.db');
  const upstream = await startFakeUpstream(answerChat);
  const gateway = await startTestGateway({
    ...CONFIG,
    rollouts: [],
    providers: { sim: { type: 'simulator' }, up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    store: `sqlite:${path}`,
    ...change,
  });
  await gateway.admin('POST', '/api/v1/config/reload', {});
  await trail(gateway);
  writeFileSync(`${path}.audit-spool`, '');
  const other = new Database(path);
  other.exec('begin exclusive');
  return {
    gateway,
    heal: () => {
      other.exec('rollback');
      other.close();
    },
  };
}

test('a change that must be recorded and cannot be answers 503 and is not made; what it is told of later is a refusal', async () => {
  const { gateway, heal } = await mute();
  expect(await gateway.admin('POST', '/api/v1/config/reload', {})).toMatchObject({
    status: 503,
    body: { error: { code: 'audit_unavailable' } },
  });
  const call = await postJson(`${gateway.url}${CHAT}`, ask('told'), DEV);
  expect([call.status, (call.json() as { error: { code: string } }).error.code]).toEqual([503, 'audit_unavailable']);
  expect((await postJson(`${gateway.url}${CHAT}`, ask('m'), DEV)).status).toBe(200);
  expect((await gateway.metrics()).sum('sluice_audit_write_failures_total')).toBeGreaterThan(0);
  heal();
  await expect.poll(async () => (await trail(gateway, 'config.reload')).length, { timeout: 10_000 }).toBe(4);
  expect((await trail(gateway, 'config.reload')).map(({ result }) => result)).toEqual(['done', null, 'refused', null]);
  expect(await verdict(gateway)).toMatchObject({ ok: true });
  expect((await postJson(`${gateway.url}${CHAT}`, ask('told'), DEV)).status).toBe(200);
});

test('where `audit.required` does not name it, it is done all the same and recorded later', async () => {
  const { gateway, heal } = await mute({ audit: { required: ['key.*'] } });
  expect((await gateway.admin('POST', '/api/v1/config/reload', {})).status).toBe(200);
  expect((await postJson(`${gateway.url}${CHAT}`, ask('told'), DEV)).status).toBe(200);
  heal();
  await expect.poll(async () => (await trail(gateway, 'request')).length, { timeout: 10_000 }).toBe(1);
  expect((await trail(gateway, 'config.reload')).map(({ result }) => result)).toEqual(['done', null, 'done', null]);
});

test('what comes when the queue is full is counted, told by readiness, and recorded as a number when that is possible', async () => {
  const { gateway, heal } = await mute({ audit: { queue: 100, required: [] } });
  for (let call = 0; call < 103; call++) await postJson(`${gateway.url}${CHAT}`, ask('told'), DEV);
  await expect
    .poll(async () => (await gateway.metrics()).sum('sluice_audit_entries_total', { result: 'lost' }))
    .toBe(3);
  const reply = await fetch(`${gateway.adminUrl}/readyz`);
  expect(((await reply.json()) as { reasons: string[] }).reasons).toContain(
    '3 audit entries were lost: the queue was full',
  );
  heal();
  await expect.poll(async () => (await trail(gateway, 'audit.lost')).length, { timeout: 10_000 }).toBe(1);
  expect((await trail(gateway, 'audit.lost'))[0]).toMatchObject({ actor: 'gateway', detail: { entries: 3 } });
  expect((await trail(gateway, 'request')).length).toBe(100);
});

test('checkpoints go to their file, and hold against the chain when it is stopped', async () => {
  const path = folder();
  const file = join(path, 'checkpoints.txt');
  const gateway = await startTestGateway({
    ...CONFIG,
    store: `sqlite:${join(path, 'sluice.db')}`,
    audit: { checkpoints: file },
  });
  await gateway.admin('POST', '/api/v1/config/reload', {});
  const kept = async () =>
    (await gateway.admin('POST', '/api/v1/audit/verify', { checkpoints: readFileSync(file, 'utf8') })).body;
  await expect.poll(kept).toMatchObject({ ok: true, keptCheckpoints: 1 });
  await gateway.stop();
  expect(readFileSync(file, 'utf8').match(/^sluice-audit\/[0-9a-f]{16}\n4\n/m)).not.toBeNull();
});

test('an old copy of the store that is put back is found by the checkpoints that the gateway itself kept', async () => {
  const path = folder();
  const [store, copy] = [join(path, 'sluice.db'), join(path, 'copy.db')];
  const config = { ...CONFIG, store: `sqlite:${store}`, audit: { checkpoints: join(path, 'checkpoints.txt') } };
  const first = await startTestGateway(config);
  await first.stop();
  copyFileSync(store, copy);
  const second = await startTestGateway(config);
  await second.admin('POST', '/api/v1/config/reload', {});
  await second.stop();
  copyFileSync(copy, store);
  const third = await startTestGateway(config);
  expect((await trail(third, 'audit.rolled_back')).length).toBe(1);
  const { problem } = (await third.admin('GET', '/api/v1/audit/verify')).body as { problem: { what: string } };
  expect(problem.what).toMatch(/checkpoint that was kept|is cut off: the checkpoint/);
});

test('the thread that serves asks the store nothing about the trail', async () => {
  const gateway = await startTestGateway({ ...CONFIG, store: `sqlite:${join(folder(), 'sluice.db')}` });
  const prepare = vi.spyOn(Database.prototype, 'prepare');
  onTestFinished(() => prepare.mockRestore());
  for (let call = 0; call < 20; call++) await postJson(`${gateway.url}${CHAT}`, ask('told'), DEV);
  await postJson(`${gateway.url}${CHAT}`, ask('m', `Use ${SECRET}`), DEV);
  await gateway.admin('POST', '/api/v1/rollouts/next/pause', {});
  expect((await trail(gateway, 'request')).length).toBe(20);
  expect(await verdict(gateway)).toMatchObject({ ok: true });
  const statements = prepare.mock.calls.map(([sql]) => sql);
  expect(statements.some((sql) => sql.includes('rollout'))).toBe(true);
  expect(statements.filter((sql) => sql.includes('audit_'))).toEqual([]);
});

test('what the controller decides is told before and after, with its evidence', async () => {
  const upstream = await startFakeUpstream((call) => {
    if (call.body.includes('"bad"')) call.outgoing.writeHead(500).end('{}');
    else answerChat(call);
  });
  const gateway = await startTestGateway({
    providers: {
      up: {
        type: 'openai',
        baseUrl: `${upstream.url}/v1`,
        retries: { attempts: 0 },
        circuitBreaker: { failures: 1000 },
      },
    },
    models: { m: { target: 'up/good' } },
    rollouts: [
      {
        name: 'next',
        match: { model: 'm' },
        stable: { target: 'up/good' },
        canary: { target: 'up/bad' },
        steps: ['50%', '100%'],
        guard: { error_rate: '+25%' },
      },
    ],
  });
  const decided = async () => {
    await Promise.all(Array.from({ length: 20 }, () => postJson(`${gateway.url}${CHAT}`, ask('m'))));
    return trail(gateway, 'rollout.abort');
  };
  await expect.poll(decided, { timeout: 15_000 }).toMatchObject([
    {
      phase: 'intent',
      actor: 'controller',
      subject: 'rollout:next',
      result: 'done',
      detail: { evidence: { decision: 'rollback' } },
    },
    { phase: 'outcome', detail: { result: 'done', told: { phase: 'degraded', weight: 0 } } },
  ]);
});
