import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { armAt, unitPosition } from '../../src/core/assignment.ts';
import type { Rollout } from '../../src/core/rollout.ts';
import {
  answerChat,
  closedPort,
  startFakeUpstream,
  type FakeUpstream,
  type UpstreamCall,
} from '../support/fake-upstream.ts';
import { postJson, type HttpReply } from '../support/http-client.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const CANARY = {
  name: 'next',
  match: { model: 'm' },
  canary: { target: 'up/new' },
  sticky: ['user'],
  steps: ['20%', '60%', '100%'],
};

interface Setup {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
}

function configFor(url: string, rollouts: readonly unknown[], rest: TestConfig = {}): TestConfig {
  return {
    providers: { up: { type: 'openai', baseUrl: `${url}/v1` }, claude: { type: 'anthropic', baseUrl: url } },
    models: { m: { target: 'up/old' }, c: { provider: 'claude' } },
    keys: [
      { name: 'tester', secret: 'sk-tester', allowArmOverride: true },
      { name: 'app', secret: 'sk-app' },
    ],
    rollouts,
    ...rest,
  };
}

async function setup(rollouts: readonly unknown[], rest: TestConfig = {}): Promise<Setup> {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  return { upstream, gateway: await startTestGateway(configFor(upstream.url, rollouts, rest)) };
}

function ask(
  { url }: TestGateway,
  fields: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpReply> {
  return postJson(`${url}${CHAT}`, { model: 'm', messages: [], ...fields }, headers);
}

const armOf = ({ headers }: HttpReply): unknown => headers['x-sluice-arm'];
const modelOf = ({ body }: UpstreamCall): unknown => (JSON.parse(body.toString()) as { model: unknown }).model;

/** As the contract defines it: the unit's place under the canary's weight. */
const expectedArm = (unit: string, weight: number): string =>
  unitPosition('next', unit) < weight / 100 ? 'canary' : 'stable';

const USERS = Array.from({ length: 60 }, (_, index) => `user-${index}`);

async function armsOfUsers(gateway: TestGateway): Promise<unknown[]> {
  const arms: unknown[] = [];
  for (const user of USERS) arms.push(armOf(await ask(gateway, { user })));
  return arms;
}

test('each user is on the arm that the assignment formula gives, at every weight, from the next request on', async () => {
  const { gateway } = await setup([CANARY]);
  expect(await armsOfUsers(gateway)).toEqual(USERS.map((user) => expectedArm(user, 20)));
  for (const weight of [0, 37, 100]) {
    const set = await gateway.admin('POST', '/api/v1/rollouts/next/set-weight', { weight });
    expect(set).toMatchObject({ status: 200, body: { weight, phase: 'paused' } });
    expect(await armsOfUsers(gateway)).toEqual(USERS.map((user) => expectedArm(user, weight)));
    const told = await gateway.metrics();
    expect(told.sum('sluice_rollout_weight', { rollout: 'next', arm: 'canary' })).toBe(weight);
    expect(told.sum('sluice_rollout_weight', { rollout: 'next', arm: 'stable' })).toBe(100 - weight);
  }
});

test('headers and the provider’s request tell the arm; a call that no rollout matches tells none', async () => {
  const { gateway, upstream } = await setup([CANARY]);
  const users = {
    canary: USERS.find((user) => expectedArm(user, 20) === 'canary')!,
    stable: USERS.find((user) => expectedArm(user, 20) === 'stable')!,
  };
  const [canary, stable] = [await ask(gateway, { user: users.canary }), await ask(gateway, { user: users.stable })];
  expect(canary.headers).toMatchObject({
    'x-sluice-rollout': 'next',
    'x-sluice-arm': 'canary',
    'x-sluice-model': 'new',
  });
  expect(stable.headers).toMatchObject({
    'x-sluice-rollout': 'next',
    'x-sluice-arm': 'stable',
    'x-sluice-model': 'old',
  });
  expect(upstream.calls.map(modelOf)).toEqual(['new', 'old']);
  const other = await postJson(`${gateway.url}/v1/messages`, { model: 'c' });
  expect(other.status).toBe(200);
  expect([other.headers['x-sluice-rollout'], armOf(other)]).toEqual([undefined, undefined]);
});

test('the first sticky source that the request has decides: metadata of the header before the body’s', async () => {
  const { gateway } = await setup([{ ...CANARY, sticky: ['metadata.conversation', 'user', 'key'] }]);
  const arm = async (fields: object, headers: Record<string, string> = {}): Promise<unknown> =>
    armOf(await ask(gateway, fields, headers));
  for (const unit of USERS.slice(0, 20)) {
    const expected = expectedArm(unit, 20);
    expect(await arm({ user: 'someone', metadata: { conversation: unit } })).toBe(expected);
    expect(
      await arm(
        { metadata: { conversation: 'another' } },
        { 'x-sluice-metadata': JSON.stringify({ conversation: unit }) },
      ),
    ).toBe(expected);
    expect(await arm({ user: unit, metadata: { conversation: '' } })).toBe(expected);
  }
  expect(await arm({}, { authorization: 'Bearer sk-app' })).toBe(expectedArm('app', 20));
});

test('an arm’s params and prompt change the provider’s request and nothing else', async () => {
  const { gateway, upstream } = await setup(
    [
      {
        name: 'tone',
        match: { 'metadata.route': 'support' },
        arms: {
          a: { weight: 0 },
          b: { weight: 100, params: { temperature: 0.2, top_p: null }, prompt: 'support@v7' },
        },
      },
    ],
    { prompts: { support: { v7: { system: 'Be "brief".\n' } } } },
  );
  const headers = { 'x-sluice-metadata': '{"route":"support"}' };
  const system = JSON.stringify('Be "brief".\n');
  const call = async (path: string, body: string): Promise<string> => {
    await postJson(`${gateway.url}${path}`, JSON.parse(body) as object, headers);
    return upstream.calls.at(-1)!.body.toString();
  };
  const seed = '"seed":1';
  expect(await call(CHAT, `{"model":"m","temperature":1,${seed},"messages":[{"role":"user","content":"hi"}]}`)).toBe(
    `{"top_p":null,"model":"old","temperature":0.2,${seed},"messages":[{"role":"system","content":${system}},{"role":"user","content":"hi"}]}`,
  );
  expect(
    await call(
      CHAT,
      `{"model":"m","messages":[{"role":"system","content":"Be long."},{"role":"user","content":"hi"}]}`,
    ),
  ).toContain(`"messages":[{"role":"system","content":${system}},{"role":"user","content":"hi"}]`);
  expect(JSON.parse(await call('/v1/responses', '{"model":"m","input":"hi","instructions":"Be long."}'))).toEqual({
    model: 'old',
    input: 'hi',
    instructions: 'Be "brief".\n',
    temperature: 0.2,
    top_p: null,
  });
  expect(JSON.parse(await call('/v1/messages', '{"model":"c","max_tokens":5,"messages":[]}'))).toMatchObject({
    model: 'c',
    system: 'Be "brief".\n',
    temperature: 0.2,
  });
  await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages: [] });
  expect(upstream.calls.at(-1)!.body.toString()).toBe('{"model":"old","messages":[]}');
});

test('rollouts of different layers join in one request, told by the first; those of one layer exclude each other', async () => {
  const canary = (name: string, layer: object, change: object) => ({
    name,
    layer,
    match: { model: 'm' },
    canary: change,
    sticky: ['user'],
    steps: ['100%'],
  });
  const { gateway, upstream } = await setup(
    [
      canary('target', { name: 'a' }, { target: 'up/new' }),
      canary('cold', { name: 'b', to: 50 }, { params: { temperature: 0 }, prompt: 'support@v7' }),
      canary('hot', { name: 'b', from: 50 }, { params: { temperature: 1 } }),
    ],
    { prompts: { support: { v7: { system: 'Be brief.' } } } },
  );
  const message = { role: 'system', content: 'Be brief.' };
  for (const user of USERS.slice(0, 20)) {
    const reply = await ask(gateway, { user });
    expect(reply.headers).toMatchObject({ 'x-sluice-rollout': 'target', 'x-sluice-arm': 'canary' });
    const isCold = unitPosition('layer/b', user) < 0.5;
    const changes = isCold ? { temperature: 0, messages: [message] } : { temperature: 1, messages: [] };
    expect(JSON.parse(upstream.calls.at(-1)!.body.toString())).toEqual({ model: 'new', user, ...changes });
  }
  const told = await gateway.admin('POST', '/api/v1/rollouts/cold/assign', { units: USERS });
  const arms = (told.body as readonly { arm: string | null }[]).map(({ arm }) => arm);
  expect(arms).toEqual(USERS.map((user) => (unitPosition('layer/b', user) < 0.5 ? 'canary' : null)));
});

test('the holdout is served as if there were no rollout; only metrics tell of it', async () => {
  const { gateway, upstream } = await setup([{ ...CANARY, steps: ['100%'] }], {
    holdout: { share: '50%', sticky: ['user'], salt: 'h' },
  });
  const isOut = (user: string): boolean => unitPosition('holdout/h', user) < 0.5;
  expect(await armsOfUsers(gateway)).toEqual(USERS.map((user) => (isOut(user) ? undefined : 'canary')));
  expect(upstream.calls.map(modelOf)).toEqual(USERS.map((user) => (isOut(user) ? 'old' : 'new')));
  const told = await gateway.metrics();
  const out = USERS.filter(isOut).length;
  expect(told.sum('sluice_requests_total', { rollout: 'holdout', arm: 'out' })).toBe(out);
  expect(told.sum('sluice_requests_total', { rollout: 'next', arm: 'canary' })).toBe(USERS.length - out);
});

test('what the arms of an experiment leave over takes no part', async () => {
  const { gateway } = await setup([
    { name: 'next', match: { model: 'm' }, sticky: ['user'], arms: { a: { weight: 30 }, b: { weight: 30 } } },
  ]);
  const at = (user: string): string | undefined => {
    const u = unitPosition('next', user);
    return u < 0.3 ? 'a' : u < 0.6 ? 'b' : undefined;
  };
  expect(await armsOfUsers(gateway)).toEqual(USERS.map(at));
  expect(new Set(USERS.map(at)).size).toBe(3);
});

test('a fallback serves, but the request counts for the arm that it was assigned to', async () => {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const config = configFor(upstream.url, [{ ...CANARY, canary: { target: 'dead/new' }, steps: ['100%'] }]);
  const gateway = await startTestGateway({
    ...config,
    providers: {
      ...(config['providers'] as object),
      dead: { type: 'openai', baseUrl: `http://127.0.0.1:${await closedPort()}/v1` },
    },
    models: { m: { target: 'up/old', fallbacks: ['up/spare'] } },
    upstream: { retries: { attempts: 0 } },
  });
  const reply = await ask(gateway, { user: 'a' });
  expect(reply.headers).toMatchObject({
    'x-sluice-arm': 'canary',
    'x-sluice-provider': 'up',
    'x-sluice-model': 'spare',
  });
  const labels = { rollout: 'next', arm: 'canary', provider: 'up', model: 'spare', outcome: 'success' };
  const told = await gateway.metrics();
  expect(told.sum('sluice_requests_total', labels)).toBe(1);
  expect(told.sum('sluice_requests_total')).toBe(1);
});

test('an arm that fails at its own provider fails for the app; its errors count for the arm', async () => {
  const upstream = await startFakeUpstream((call) => {
    if (modelOf(call) === 'new') call.outgoing.writeHead(500).end();
    else answerChat(call);
  });
  const gateway = await startTestGateway(
    configFor(upstream.url, [{ ...CANARY, steps: ['50%'] }], { upstream: { retries: { attempts: 0 } } }),
  );
  for (const user of USERS.slice(0, 20)) await ask(gateway, { user });
  const canaries = USERS.slice(0, 20).filter((user) => expectedArm(user, 50) === 'canary').length;
  const told = await gateway.metrics();
  expect(told.sum('sluice_requests_total', { arm: 'canary', outcome: 'error', error_type: 'http_500' })).toBe(canaries);
  expect(told.sum('sluice_requests_total', { arm: 'stable', outcome: 'success' })).toBe(20 - canaries);
});

test('only a key that may choose its arm is given the one that it asks for', async () => {
  const { gateway } = await setup([{ ...CANARY, sticky: ['user'] }]);
  const user = USERS.find((each) => expectedArm(each, 20) === 'stable')!;
  const arm = async (secret: string, asked: string): Promise<unknown[]> => {
    const reply = await ask(gateway, { user }, { authorization: `Bearer ${secret}`, 'x-sluice-arm': asked });
    return [reply.status, armOf(reply)];
  };
  expect(await arm('sk-tester', 'canary')).toEqual([200, 'canary']);
  expect(await arm('sk-app', 'canary')).toEqual([200, 'stable']);
  expect(await arm('nobody', 'canary')).toEqual([200, 'stable']);
  expect((await arm('sk-tester', 'nonsense'))[0]).toBe(400);
});

test('a rollout applied over the admin API takes effect on the next request, and its removal, too', async () => {
  const { gateway } = await setup([]);
  expect(armOf(await ask(gateway, { user: 'a' }))).toBeUndefined();
  const applied = await gateway.admin('PUT', '/api/v1/rollouts/next', { ...CANARY, steps: ['100%'] });
  expect(applied.status).toBeLessThan(300);
  expect(armOf(await ask(gateway, { user: 'a' }))).toBe('canary');
  await gateway.admin('POST', '/api/v1/rollouts/next/abort', {});
  expect(armOf(await ask(gateway, { user: 'a' }))).toBe('stable');
  expect((await gateway.metrics()).sum('sluice_rollout_phase', { rollout: 'next', phase: 'degraded' })).toBe(1);
  await fetch(`${gateway.adminUrl}/api/v1/rollouts/next`, { method: 'DELETE' });
  expect(armOf(await ask(gateway, { user: 'a' }))).toBeUndefined();
});

test('an open stream stays on its arm when the weight changes', async () => {
  const upstream = await startFakeUpstream(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n');
  });
  const gateway = await startTestGateway(configFor(upstream.url, [{ ...CANARY, steps: ['100%'] }]));
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { body: '{"model":"m","user":"a","stream":true}', headers: { connection: 'close' } }));
  await client.until('Hel');
  await gateway.admin('POST', '/api/v1/rollouts/next/set-weight', { weight: 0 });
  upstream.calls[0]!.outgoing.end('data: [DONE]\n\n');
  expect(await client.untilEnd()).toContain('x-sluice-arm: canary');
  expect(gateway.log.requests).toMatchObject([{ rollout: 'next', arm: 'canary', outcome: 'success' }]);
});

test('a restart on the same database keeps weight and phase, and so every user’s arm', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const config = configFor(upstream.url, [CANARY], { store: `sqlite:${join(folder, 'sluice.db')}` });
  const first = await startTestGateway(config);
  await first.admin('POST', '/api/v1/rollouts/next/set-weight', { weight: 42.5 });
  const before = await armsOfUsers(first);
  const { body } = await first.admin('GET', '/api/v1/rollouts/next');
  await first.stop();
  const second = await startTestGateway(config);
  expect((await second.admin('GET', '/api/v1/rollouts/next')).body).toEqual(body);
  expect(body).toMatchObject({ weight: 42.5, phase: 'paused' });
  expect(await armsOfUsers(second)).toEqual(before);
});

test('the assignment that the control plane explains is the one that the data plane makes', async () => {
  const { gateway } = await setup([CANARY]);
  const { spec, state } = { spec: { salt: 'next', kind: 'canary', arms: [{}, {}] }, state: { weight: 20 } };
  const rollout = { spec, state } as unknown as Rollout;
  for (const user of USERS.slice(0, 10))
    expect(armOf(await ask(gateway, { user }))).toBe(['stable', 'canary'][armAt(rollout, unitPosition('next', user))]);
});
