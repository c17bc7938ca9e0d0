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
