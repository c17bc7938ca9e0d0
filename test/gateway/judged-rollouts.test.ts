import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestConfig } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const COMMAND = fileURLToPath(new URL('../../bin/sluice', import.meta.url));

const CANARY = {
  name: 'next',
  match: { model: 'm' },
  canary: { target: 'up/new' },
  steps: ['50%', '100%'],
  step: { min: '1h' },
  guard: { error_rate: '+25%' },
};

interface Event {
  readonly action: string;
  readonly actor: string;
  readonly reason: string;
}

/** A provider whose model `new` answers every third request with 500. */
async function failingUpstream(): Promise<string> {
  let asked = 0;
  const { url } = await startFakeUpstream((call) => {
    const { model } = JSON.parse(call.body.toString()) as { model: string };
    if (model === 'new' && ++asked % 3 === 0) call.outgoing.writeHead(500).end('{}');
    else answerChat(call);
  });
  return url;
}

function configFor(upstream: string, rest: TestConfig = {}): TestConfig {
  return {
    upstream: { retries: { attempts: 0 } },
    providers: { up: { type: 'openai', baseUrl: `${upstream}/v1` } },
    models: { m: { target: 'up/old' } },
    rollouts: [CANARY],
    ...rest,
  };
}

let users = 0;

/** Requests of new users to each gateway in turn until a rollout is rolled back. */
async function sendUntilRolledBack(urls: readonly string[], adminUrl: string): Promise<number> {
  for (let sent = 0; ; sent++) {
    await postJson(`${urls[sent % urls.length]}${CHAT}`, { model: 'm', messages: [], user: `user-${users++}` });
    if (sent % 20 === 19 && (await phase(adminUrl)) === 'degraded') return sent + 1;
  }
}

async function read<T>(adminUrl: string, path: string): Promise<T> {
  return (await (await fetch(`${adminUrl}/api/v1/rollouts/next${path}`)).json()) as T;
}

const phase = async (adminUrl: string): Promise<string> => (await read<{ phase: string }>(adminUrl, '')).phase;
const history = (adminUrl: string): Promise<readonly Event[]> => read(adminUrl, '/history');

test('a canary that fails is rolled back by itself, told on the stream of events and counted', async () => {
  const gateway = await startTestGateway(configFor(await failingUpstream()));
  const stop = new AbortController();
  const events = await fetch(`${gateway.adminUrl}/api/v1/events`, { signal: stop.signal });
  await sendUntilRolledBack([gateway.url], gateway.adminUrl);
  const [last] = await history(gateway.adminUrl);
  expect(last).toMatchObject({ action: 'abort', actor: 'controller' });
  expect(last!.reason).toMatch(/^error_rate is up \(at least \+\d+ %\), margin/);
  let told = '';
  for await (const chunk of events.body!) {
    told += Buffer.from(chunk).toString();
    if (told.includes('"action":"abort"')) break;
  }
  stop.abort();
  const metrics = await gateway.metrics();
  const decision = { rollout: 'next', decision: 'rollback', reason: 'guard' };
  expect(metrics.sum('sluice_rollout_decisions_total', decision)).toBe(1);
  expect(metrics.sum('sluice_rollout_weight', { rollout: 'next', arm: 'canary' })).toBe(0);
});

test('the caller who is at fault on both arms alike does not roll it back', async () => {
  const { url } = await startFakeUpstream((call) => void call.outgoing.writeHead(400).end('{}'));
  const gateway = await startTestGateway(configFor(url));
  for (let sent = 0; sent < 300; sent++)
    await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages: [], user: `user-${users++}` });
  expect(await phase(gateway.adminUrl)).toBe('progressing');
});

test('a canary whose provider refuses every request, as it lacks the model, is rolled back', async () => {
  const { url } = await startFakeUpstream((call) => {
    const { model } = JSON.parse(call.body.toString()) as { model: string };
    if (model === 'new') call.outgoing.writeHead(404).end('{}');
    else answerChat(call);
  });
  const gateway = await startTestGateway(configFor(url));
  await sendUntilRolledBack([gateway.url], gateway.adminUrl);
  expect((await history(gateway.adminUrl))[0]!.reason).toMatch(/^error_rate/);
});

test('two gateways on one store judge the traffic of both together and act once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-two-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = configFor(await failingUpstream(), { store: `sqlite:${join(folder, 'sluice.db')}` });
  const [one, two] = [await startTestGateway(config), await startTestGateway(config)];
  await sendUntilRolledBack([one.url, two.url], two.adminUrl);
  const events = await history(one.adminUrl);
  expect(events.filter(({ actor }) => actor === 'controller')).toHaveLength(1);
  await expect.poll(() => phase(one.adminUrl)).toBe('degraded');
  const arms = new Set<unknown>();
  for (let user = 0; user < 20; user++) {
    const { headers } = await postJson(`${one.url}${CHAT}`, { model: 'm', messages: [], user: `u${user}` });
    arms.add(headers['x-sluice-arm']);
  }
  expect(arms).toEqual(new Set(['stable']));
});

test('a store that cannot be written is told of by readiness, and requests are served all the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-locked-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'sluice.db');
  const gateway = await startTestGateway(configFor(await failingUpstream(), { store: `sqlite:${path}` }));
  const leads = async () => (await gateway.metrics()).sum('sluice_controller_leader');
  await expect.poll(leads).toBe(1);
  const other = new Database(path);
  other.exec('begin exclusive');
  const reasons = async () => {
    const reply = await fetch(`${gateway.adminUrl}/readyz`);
    const { ready, reasons: all } = (await reply.json()) as { ready: boolean; reasons: string[] };
    // Of the audit trail, which tells of the same fault where an entry waits, its own tests tell.
    return [reply.status, { ready, reasons: all.filter((reason) => !reason.startsWith('audit ')) }] as const;
  };
  const message = 'what is known of rollouts cannot be stored: database is locked';
  await expect.poll(reasons, { timeout: 8_000 }).toEqual([200, { ready: true, reasons: [message] }]);
  expect(await leads()).toBe(0);
  expect((await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages: [] })).headers['x-sluice-rollout']).toBe(
    'next',
  );
  other.exec('rollback');
  other.close();
  await expect.poll(reasons, { timeout: 8_000 }).toEqual([200, { ready: true, reasons: [] }]);
  await expect.poll(leads).toBe(1);
});

interface Process {
  readonly child: ChildProcess;
  readonly url: string;
  readonly adminUrl: string;
}

async function serve(file: string): Promise<Process> {
  const child = spawn(process.execPath, [COMMAND, 'serve', '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let told = '';
  for await (const chunk of child.stdout!) {
    told += String(chunk);
    if (told.includes('operators:')) break;
  }
  const address = (plane: string) => new RegExp(`${plane}: (http://127\\.0\\.0\\.1:\\d+)`).exec(told)![1]!;
  return { child, url: address('apps'), adminUrl: address('operators') };
}

test('a gateway that is killed goes on judging where it was, and never relaunches what was rolled back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-killed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'sluice.json');
  const planes = { gateway: { port: 0 }, admin: { port: 0 }, store: `sqlite:${join(folder, 'sluice.db')}` };
  writeFileSync(file, JSON.stringify({ ...configFor(await failingUpstream()), ...planes, log: { level: 'info' } }));

  const first = await serve(file);
  for (let sent = 0; sent < 30; sent++)
    await postJson(`${first.url}${CHAT}`, { model: 'm', messages: [], user: `killed-${sent}` });
  const judged = async ({ adminUrl }: Process) => {
    const rollout = await fetch(`${adminUrl}/api/v1/rollouts/next/analysis`);
    return ((await rollout.json()) as { requests?: number }).requests ?? 0;
  };
  await expect.poll(() => judged(first), { timeout: 15_000 }).toBe(30);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await serve(file);
  // The lease of the one that was killed has to run out.
  await expect.poll(() => judged(second), { timeout: 15_000 }).toBe(30);
  await sendUntilRolledBack([second.url], second.adminUrl);
  second.child.kill('SIGKILL');
  await once(second.child, 'exit');

  const third = await serve(file);
  expect(await phase(third.adminUrl)).toBe('degraded');
  const events = await history(third.adminUrl);
  expect(events.filter(({ actor }) => actor === 'controller')).toHaveLength(1);
}, 60_000);
