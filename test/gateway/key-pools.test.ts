import { expect, test } from 'vitest';
import { answerChat, answerJson, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const KEYS = ['sk-first-0123456789', 'sk-second-0123456789', 'sk-third-0123456789'];

/** A provider that answers each key with a status of its own. */
async function gatewayTo(statuses: readonly number[], rest: object = {}) {
  const provider = await startFakeUpstream((call) => {
    const status = statuses[KEYS.indexOf(keyOf(call))]!;
    if (status === 200) return answerChat(call);
    return answerJson(call, { error: { message: `The key ${keyOf(call)} is not good.` } }, status);
  });
  const gateway = await startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${provider.url}/v1`, apiKeys: KEYS, ...rest } },
    models: { m: { target: 'up/m' } },
  });
  return { gateway, provider };
}

const keyOf = ({ headers }: FakeUpstream['calls'][number]): string => String(headers['authorization']).slice(7);
const used = ({ calls }: FakeUpstream): number[] => calls.map((call) => KEYS.indexOf(keyOf(call)));
const ask = ({ url }: TestGateway) => postJson(`${url}/v1/chat/completions`, { model: 'm', messages: [] });

test('requests take the keys in turn', async () => {
  const { gateway, provider } = await gatewayTo([200, 200, 200]);
  for (let i = 0; i < 4; i++) expect((await ask(gateway)).status).toBe(200);
  expect(used(provider)).toEqual([0, 1, 2, 0]);
});

test.each([429, 401, 403])(
  'a key that is answered %i makes place for another at once, and is left alone',
  async (status) => {
    const { gateway, provider } = await gatewayTo([status, 200, 200]);
    const replies = [await ask(gateway), await ask(gateway), await ask(gateway)];
    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200]);
    expect(used(provider)).toEqual([0, 1, 2, 1]);
    const metrics = await gateway.metrics();
    expect(metrics.sum('sluice_provider_key_cooldown', { provider: 'up', key: '0' })).toBeGreaterThan(20);
    expect(metrics.sum('sluice_provider_key_cooldown', { provider: 'up', key: '1' })).toBe(0);
  },
);

test('a refused key is logged once by its place, and no key is told to anybody', async () => {
  const { gateway } = await gatewayTo([401, 401, 401]);
  const replies = [await ask(gateway), await ask(gateway)];
  expect(replies.map(({ status }) => status)).toEqual([401, 401]);
  const entries = gateway.log.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const told = entries.filter(({ msg }) => String(msg).includes('a key of the provider is refused'));
  expect(told.map(({ provider, key, status }) => [provider, key, status])).toEqual([
    ['up', 0, 401],
    ['up', 1, 401],
    ['up', 2, 401],
  ]);
  const config = await fetch(`${gateway.adminUrl}/api/v1/config`);
  const everything = [gateway.log.lines.join(), await config.text(), ...replies.map(({ text }) => text)].join();
  for (const key of KEYS) expect(everything).not.toContain(key);
});

test('all other keys are tried in the same call, beside the retries', async () => {
  const { gateway, provider } = await gatewayTo([401, 429, 200]);
  expect((await ask(gateway)).status).toBe(200);
  expect(used(provider)).toEqual([0, 1, 2]);
});

test('an error that all keys get reaches the app as it came, and each key was asked once', async () => {
  const { gateway, provider } = await gatewayTo([429, 429, 429], { retries: { statuses: [] } });
  const reply = await ask(gateway);
  expect([reply.status, used(provider)]).toEqual([429, [0, 1, 2]]);
  expect(JSON.parse(reply.text)).toEqual({ error: { message: 'The key REDACTED_provider_key is not good.' } });
});

test('a bad request is no matter of keys, and passes back whole', async () => {
  const { gateway, provider } = await gatewayTo([400, 400, 400]);
  expect((await ask(gateway)).text).toContain('is not good.');
  expect(used(provider)).toEqual([0]);
  expect((await gateway.metrics()).sum('sluice_provider_key_cooldown', { key: '0' })).toBe(0);
});

test('a key that Gemini does not know is left alone, though it is told as a bad request', async () => {
  const provider = await startFakeUpstream((call) => {
    if (call.headers['x-goog-api-key'] === KEYS[1])
      return answerJson(call, { candidates: [{ content: { parts: [{ text: 'Hello.' }] }, finishReason: 'STOP' }] });
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }];
    return answerJson(call, { error: { code: 400, message: 'no', status: 'INVALID_ARGUMENT', details } }, 400);
  });
  const gateway = await startTestGateway({
    providers: { up: { type: 'google-gemini', baseUrl: provider.url, apiKeys: KEYS.slice(0, 2) } },
    models: { m: { target: 'up/gemini-2.5-flash' } },
  });
  const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
  for (let i = 0; i < 3; i++) expect((await postJson(`${gateway.url}/v1/chat/completions`, body)).status).toBe(200);
  expect(provider.calls.map(({ headers }) => KEYS.indexOf(String(headers['x-goog-api-key'])))).toEqual([0, 1, 1, 1]);
  expect((await gateway.metrics()).sum('sluice_provider_key_cooldown', { key: '0' })).toBeGreaterThan(500);
});

test('a provider that refuses all keys of the gateway makes place for a fallback', async () => {
  const refusing = await startFakeUpstream((call) => answerJson(call, { error: { message: 'no' } }, 401));
  const good = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    providers: {
      one: { type: 'openai', baseUrl: `${refusing.url}/v1`, apiKey: KEYS[0]! },
      more: { type: 'openai', baseUrl: `${refusing.url}/v1`, apiKeys: KEYS },
      own: { type: 'openai', baseUrl: `${refusing.url}/v1`, apiKey: 'client' },
      good: { type: 'openai', baseUrl: `${good.url}/v1` },
    },
    models: Object.fromEntries(
      ['one', 'more', 'own'].map((name) => [name, { target: `${name}/m`, fallbacks: ['good/m'] }]),
    ),
  });
  const statusOf = async (model: string) =>
    (await postJson(`${gateway.url}/v1/chat/completions`, { model, messages: [] })).status;
  // Of a single key, and of the caller's own, the app is told.
  expect([await statusOf('one'), await statusOf('more'), await statusOf('own')]).toEqual([401, 200, 401]);
});
