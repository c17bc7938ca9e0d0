import { expect, test } from 'vitest';
import {
  answerChat,
  answerJson,
  startFakeUpstream,
  type UpstreamCall,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const SECRET = 'sk-sluice-hedged';
const headers = { authorization: `Bearer ${SECRET}` };
/** US dollars per million tokens. */
const CHEAP = { input: 1000, output: 10_000 };
const DEAR = { input: 2000, output: 20_000 };

/** Each reply says 3 tokens of input and 2 of output: 0.023 USD at the cheap price. */
async function start(first: UpstreamHandler, second: UpstreamHandler, key: object, hedge: object = {}) {
  const upstreams = [await startFakeUpstream(first), await startFakeUpstream(second)] as const;
  const provider = (index: 0 | 1) => ({
    type: 'openai',
    baseUrl: `${upstreams[index].url}/v1`,
    retries: { attempts: 0 },
  });
  const gateway = await startTestGateway({
    providers: { a: provider(0), b: provider(1) },
    models: {
      m: {
        targets: [
          { provider: 'a', priority: 0 },
          { provider: 'b', priority: 1 },
        ],
        hedge: { after: '1ms', budget: '100%', ...hedge },
      },
    },
    prices: { 'a/*': DEAR, 'b/*': CHEAP },
    keys: [{ name: 'dev', secret: SECRET, ...key }],
  });
  const call = () => {
    const body = { model: 'm', max_tokens: 2, messages: [{ role: 'user', content: 'hi' }] };
    return postJson(`${gateway.url}/v1/chat/completions`, body, headers);
  };
  return { gateway, upstreams, call };
}

const silent: UpstreamHandler = () => {};
const hedges = async (gateway: TestGateway, result: string) =>
  (await gateway.metrics()).sum('sluice_hedges_total', { route: 'm', result });
const remaining = async (gateway: TestGateway) =>
  (await gateway.metrics()).sum('sluice_budget_remaining_usd', { key: 'dev' });

test('both requests of a hedged call are charged, the one that was ended at the price of its own target', async () => {
  const { gateway, call, upstreams } = await start(silent, (request) => answerChat(request), { budget: '10 USD/day' });
  expect((await call()).status).toBe(200);
  expect(await upstreams[0].calls[0]!.left).toBe(true);
  // 0.023 for what came, and twice as much for what the dearer one may have written meanwhile.
  while ((await gateway.metrics()).sum('sluice_inflight_requests') > 0) await gateway.metrics();
  expect(await remaining(gateway)).toBeCloseTo(10 - 0.023 - 0.046, 6);
  expect(await hedges(gateway, 'sent')).toBe(1);
});

test('a second request for which there is no money is not sent; the first one is waited for', async () => {
  let counted = (): Promise<number> => Promise.resolve(0);
  const refused = async (request: UpstreamCall): Promise<void> => {
    while ((await counted()) === 0) await new Promise(setImmediate);
    answerChat(request);
  };
  const { call } = await start(silent, silent, { budget: '0 USD/day' });
  const worst = Number(/cost up to ([\d.]+) USD/.exec((await call()).text)![1]);
  const made = await start(refused, (request) => answerChat(request), {
    budget: `${(1.5 * worst).toFixed(4)} USD/day`,
  });
  counted = () => hedges(made.gateway, 'over_limit');
  const reply = await made.call();
  expect([reply.status, reply.headers['x-sluice-provider']]).toEqual([200, 'a']);
  expect([made.upstreams[0].calls.length, made.upstreams[1].calls.length]).toEqual([1, 0]);
  // The next one may be hedged by the budget of the hedge, which was given back.
  expect(await hedges(made.gateway, 'over_budget')).toBe(0);
});

test('tokens are reserved for both, and what failed takes none', async () => {
  const failing: UpstreamHandler = (request) => answerJson(request, {}, 500);
  const first: UpstreamHandler = async (request) => {
    const failed = async () => (await made.gateway.metrics()).sum('sluice_upstream_attempts_total', { provider: 'b' });
    const calls = made.upstreams[0].calls.length;
    while ((await failed()) < calls) await new Promise(setImmediate);
    answerChat(request);
  };
  const made = await start(first, failing, { limits: { tokens: '100k/d' } });
  const reply = await made.call();
  expect(reply.headers['x-sluice-provider']).toBe('a');
  const next = await made.call();
  // 5 of the first call, and what the second one reserves for itself before it is settled.
  const left = Number(next.headers['x-ratelimit-remaining-tokens']);
  const own = Number(reply.headers['x-ratelimit-limit-tokens']) - Number(reply.headers['x-ratelimit-remaining-tokens']);
  expect(Number(next.headers['x-ratelimit-limit-tokens']) - left - own).toBe(5);
});

test('a second request beyond the budget of the hedge is counted', async () => {
  let counted = (): Promise<number> => Promise.resolve(0);
  const held: UpstreamHandler = async (request) => {
    while ((await counted()) === 0) await new Promise(setImmediate);
    answerChat(request);
  };
  let isFirst = true;
  const both: UpstreamHandler = (request) => (isFirst ? ((isFirst = false), undefined) : held(request));
  const made = await start(both, (request) => answerChat(request), {}, { budget: '1%' });
  counted = () => hedges(made.gateway, 'over_budget');
  expect((await made.call()).headers['x-sluice-provider']).toBe('b');
  expect((await made.call()).headers['x-sluice-provider']).toBe('a');
  expect([await hedges(made.gateway, 'sent'), await hedges(made.gateway, 'over_budget')]).toEqual([1, 1]);
});
