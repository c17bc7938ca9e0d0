import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { exchange, postJson } from '../support/http-client.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const FULL = 'sk-sluice-full-access-key';
const BOUND = 'sk-sluice-bound-to-some-models';
const CALL = { model: 'allowed', messages: [] };

async function setup(required: boolean, apiKey: string | null = 'sk-provider') {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    auth: { required },
    providers: {
      up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey },
      claude: { type: 'anthropic', baseUrl: upstream.url, apiKey },
    },
    passthrough: { provider: 'up' },
    models: {
      allowed: { provider: 'up' },
      'also-*': { provider: 'up' },
      forbidden: { provider: 'up' },
      'claude-*': { provider: 'claude' },
    },
    keys: [
      { name: 'full', secret: FULL },
      { name: 'bound', secret: BOUND, models: ['allowed', 'also-*'] },
    ],
  });
  return { gateway, upstream };
}

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` });

const WRONG: readonly [string, Record<string, string>][] = [
  ['none', {}],
  ['an unknown key', bearer('sk-wrong')],
  ['a key with one character more', bearer(`${FULL}x`)],
  ['a key with one character less', bearer(FULL.slice(0, -1))],
  ['a key in another case', bearer(FULL.toUpperCase())],
  ['another scheme', { authorization: `Basic ${Buffer.from(`user:${FULL}`).toString('base64')}` }],
  ['a key under another scheme', { authorization: `Basic ${FULL}` }],
  ['the provider’s key', bearer('sk-provider')],
  ['an empty key', { authorization: 'Bearer ', 'x-api-key': '' }],
  ['the key’s name', bearer('full')],
];

test('where keys are required, everything without one gets the same answer, word for word', async () => {
  const { gateway, upstream } = await setup(true);
  const bodies = new Set<string>();
  const headers = new Set<string>();
  for (const [, credentials] of WRONG) {
    for (const path of [
      CHAT,
      '/v1/files',
      '/v1/models',
      '/v1/models/allowed',
      '/v1/nothing',
      '/v1/feedback',
      '/v1//files',
    ]) {
      const reply = await postJson(`${gateway.url}${path}`, CALL, credentials);
      expect([path, reply.status, reply.headers['x-should-retry']]).toEqual([path, 401, 'false']);
      bodies.add(reply.text);
      headers.add(Object.keys(reply.headers).join());
    }
  }
  expect([...bodies].map((body) => JSON.parse(body) as unknown)).toEqual([
    {
      error: {
        message: expect.any(String) as string,
        type: 'authentication_error',
        param: null,
        code: 'invalid_api_key',
      },
    },
  ]);
  expect(headers.size).toBe(1);
  expect(upstream.calls).toEqual([]);
});

test('a wrong key on an Anthropic path is told in Anthropic’s form', async () => {
  const { gateway } = await setup(true);
  const reply = await postJson(`${gateway.url}/v1/messages`, {}, { 'x-api-key': 'sk-wrong' });
  expect(reply.status).toBe(401);
  expect(reply.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
});

test('a key is judged before the body is: a wrong one learns nothing about it', async () => {
  const { gateway } = await setup(true);
  const reply = await exchange(`${gateway.url}${CHAT}`, { body: 'not json' });
  expect(reply.status).toBe(401);
});

test.each([
  ['Authorization', bearer(FULL)],
  ['Authorization in another spelling', { AUTHORIZATION: `bearer   ${FULL}` }],
  ['x-api-key', { 'x-api-key': FULL }],
  ['x-api-key beside an Authorization of another service', { 'x-api-key': FULL, authorization: 'Bearer sk-theirs' }],
])('a key is taken from %s', async (_name, headers) => {
  const { gateway } = await setup(true);
  expect((await postJson(`${gateway.url}${CHAT}`, CALL, headers)).status).toBe(200);
  expect(gateway.log.requests).toMatchObject([{ key: 'full' }]);
});

test('where keys are optional, an unknown key is the anonymous caller', async () => {
  const { gateway } = await setup(false);
  const statuses: number[] = [];
  for (const headers of [{}, bearer('sk-unknown'), bearer(FULL)])
    statuses.push((await postJson(`${gateway.url}${CHAT}`, CALL, headers)).status);
  expect(statuses).toEqual([200, 200, 200]);
  expect(gateway.log.requests.map(({ key }) => key)).toEqual(['anonymous', 'anonymous', 'full']);
});

test('a key that is bound to models may call these and nothing else', async () => {
  const { gateway, upstream } = await setup(true);
  const call = async (model: string): Promise<number> =>
    (await postJson(`${gateway.url}${CHAT}`, { ...CALL, model }, bearer(BOUND))).status;
  expect(await Promise.all(['allowed', 'also-this', 'forbidden', 'unknown', 'Allowed'].map(call))).toEqual([
    200, 200, 403, 403, 403,
  ]);
  const refused = await postJson(`${gateway.url}${CHAT}`, { ...CALL, model: 'forbidden' }, bearer(BOUND));
  expect(refused.json()).toMatchObject({
    error: { code: 'model_not_allowed', type: 'permission_error', param: 'model' },
  });
  expect(refused.headers['x-should-retry']).toBe('false');
  expect(upstream.calls).toHaveLength(2);
});

test.each(['/v1/files', '/v1/audio/speech', '/v1/models/forbidden'])(
  'what is passed through (%s) needs a key for all models',
  async (path) => {
    const { gateway, upstream } = await setup(true);
    const get = async (secret: string): Promise<number> =>
      (await exchange(`${gateway.url}${path}`, { method: 'GET', headers: bearer(secret) })).status;
    const [bound, full] = [await get(BOUND), await get(FULL)];
    expect([bound, full]).toEqual([403, 200]);
    expect(upstream.calls.length).toBeLessThanOrEqual(1);
  },
);

test('a call without a model needs a key for all models', async () => {
  const { gateway } = await setup(true);
  const call = async (secret: string): Promise<number> =>
    (await postJson(`${gateway.url}/v1/moderations`, { input: 'x' }, bearer(secret))).status;
  expect([await call(BOUND), await call(FULL)]).toEqual([403, 200]);
});

test('a key lists the models that it may use', async () => {
  const { gateway } = await setup(true);
  const list = async (secret: string): Promise<string[]> => {
    const reply = await exchange(`${gateway.url}/v1/models`, { method: 'GET', headers: bearer(secret) });
    return (reply.json() as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  expect(await list(BOUND)).toEqual(['allowed']);
  expect(await list(FULL)).toEqual(['allowed', 'forbidden']);
});

test('with `apiKey: client` the caller’s own key goes on, in the header that it came in', async () => {
  const { gateway, upstream } = await setup(false, 'client');
  await postJson(`${gateway.url}${CHAT}`, CALL, bearer('sk-theirs'));
  await postJson(`${gateway.url}/v1/messages`, { model: 'claude-x' }, { 'x-api-key': 'sk-ant-theirs' });
  await exchange(`${gateway.url}/v1/files`, { method: 'GET', headers: bearer('sk-theirs') });
  expect(upstream.calls.map(({ headers }) => headers.authorization ?? headers['x-api-key'])).toEqual([
    'Bearer sk-theirs',
    'sk-ant-theirs',
    'Bearer sk-theirs',
  ]);
});

test('with `apiKey: client` a key of the gateway stays here, and the caller’s other one goes on', async () => {
  const { gateway, upstream } = await setup(true, 'client');
  await postJson(`${gateway.url}${CHAT}`, CALL, bearer(FULL));
  await postJson(`${gateway.url}${CHAT}`, CALL, { 'x-api-key': FULL, authorization: 'Bearer sk-theirs' });
  await postJson(`${gateway.url}${CHAT}`, CALL, { ...bearer(FULL), 'x-api-key': BOUND });
  expect(upstream.calls.map(({ headers }) => [headers.authorization, headers['x-api-key']])).toEqual([
    [undefined, undefined],
    ['Bearer sk-theirs', undefined],
    [undefined, undefined],
  ]);
});

test.each([
  ['the second of two Authorization headers', ['authorization', 'Bearer sk-theirs', 'authorization', `Bearer ${FULL}`]],
  ['the second of two x-api-key headers', ['x-api-key', 'sk-theirs', 'x-api-key', FULL]],
])('with `apiKey: client` a key of the gateway stays here even as %s', async (_name, headers) => {
  const { gateway, upstream } = await setup(false, 'client');
  const reply = await exchange(`${gateway.url}${CHAT}`, { body: JSON.stringify(CALL), headers });
  expect(JSON.stringify(upstream.calls.map(({ rawHeaders }) => rawHeaders))).not.toContain(FULL);
  expect([200, 400, 401]).toContain(reply.status);
});

test.each([null, 'sk-provider', 'client'])(
  'no key of the gateway reaches a provider whose apiKey is %s',
  async (apiKey) => {
    const { gateway, upstream } = await setup(true, apiKey);
    await postJson(`${gateway.url}${CHAT}`, CALL, bearer(FULL));
    await exchange(`${gateway.url}/v1/files`, { method: 'GET', headers: { 'x-api-key': FULL } });
    expect(upstream.calls).toHaveLength(2);
    expect(JSON.stringify(upstream.calls.map(({ rawHeaders }) => rawHeaders))).not.toContain(FULL);
  },
);

test('keys change with a reload, at once', async () => {
  const { gateway, upstream } = await setup(true);
  await gateway.reload({
    auth: { required: true },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { allowed: { provider: 'up' } },
    keys: [{ name: 'next', secret: 'sk-sluice-next' }],
  });
  expect((await postJson(`${gateway.url}${CHAT}`, CALL, bearer(FULL))).status).toBe(401);
  expect((await postJson(`${gateway.url}${CHAT}`, CALL, bearer('sk-sluice-next'))).status).toBe(200);
});
