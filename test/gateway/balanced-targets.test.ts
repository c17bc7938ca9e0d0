import { expect, test } from 'vitest';
import { answerChat, answerJson, startFakeUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

async function gatewayTo(
  handlers: Readonly<Record<string, UpstreamHandler>>,
  model: object,
  rest: object = {},
  more: object = {},
) {
  const upstreams = new Map(
    await Promise.all(
      Object.entries(handlers).map(async ([name, handler]) => [name, await startFakeUpstream(handler)] as const),
    ),
  );
  const providers = [...upstreams].map(([name, { url }]) => [name, { type: 'openai', baseUrl: `${url}/v1` }]);
  const gateway = await startTestGateway({
    providers: { ...(Object.fromEntries(providers) as object), ...more },
    models: { m: model },
    upstream: { retries: { attempts: 0 } },
    ...rest,
  });
  return { gateway, upstreams };
}

const CLAUDE = { claude: { type: 'anthropic', baseUrl: 'http://127.0.0.1:9', apiKey: 'sk-claude' } };
const healthy: UpstreamHandler = (call) => answerChat(call);
const limited: UpstreamHandler = ({ outgoing }) => void outgoing.writeHead(429, { 'retry-after': '30' }).end('{}');
const ask = ({ url }: TestGateway) => postJson(`${url}/v1/chat/completions`, { model: 'm', messages: [] });

test('requests that are open at the same time are spread over equal targets', async () => {
  const open: (() => void)[] = [];
  const hold: UpstreamHandler = (call) =>
    new Promise<void>((resolve) => {
      open.push(() => {
        answerChat(call);
        resolve();
      });
      if (open.length === 6) for (const answer of open) answer();
    });
  const { gateway, upstreams } = await gatewayTo(
    { a: hold, b: hold },
    { targets: [{ provider: 'a' }, { provider: 'b' }] },
  );
  const replies = await Promise.all(Array.from({ length: 6 }, () => ask(gateway)));
  expect(replies.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect([...upstreams.values()].map(({ calls }) => calls.length)).toEqual([3, 3]);
});

test('a target that limits is left alone for as long as it says; its requests go to the next one', async () => {
  const targets = [
    { provider: 'a', priority: 0 },
    { provider: 'b', priority: 1 },
  ];
  const { gateway, upstreams } = await gatewayTo({ a: limited, b: healthy }, { targets });
  for (let i = 0; i < 3; i++) expect((await ask(gateway)).status).toBe(200);
  expect([...upstreams.values()].map(({ calls }) => calls.length)).toEqual([1, 3]);
});

test('fallbacks come behind all equal targets', async () => {
  const failing: UpstreamHandler = (call) => answerJson(call, {}, 503);
  const targets = [{ provider: 'a' }, { provider: 'b', model: 'other' }];
  const { gateway } = await gatewayTo({ a: failing, b: failing, c: healthy }, { targets, fallbacks: ['c/spare'] });
  const reply = await ask(gateway);
  expect([reply.status, reply.headers['x-sluice-provider'], reply.headers['x-sluice-model']]).toEqual([
    200,
    'c',
    'spare',
  ]);
  expect(gateway.log.requests).toMatchObject([{ attempts: 3 }]);
});

test('an arm that names a target gets that one', async () => {
  const rollouts = [
    { name: 'r', match: { model: 'm' }, sticky: ['request'], canary: { target: 'c/new' }, steps: [{ weight: 100 }] },
  ];
  const { gateway, upstreams } = await gatewayTo(
    { a: healthy, b: healthy, c: healthy },
    { targets: [{ provider: 'a' }, { provider: 'b' }] },
    { rollouts },
  );
  for (let i = 0; i < 3; i++) await ask(gateway);
  expect([...upstreams.values()].map(({ calls }) => calls.length)).toEqual([0, 0, 3]);
});

test('a request that is kept waiting is hedged, and the app gets one answer', async () => {
  const targets = [
    { provider: 'a', priority: 0 },
    { provider: 'b', priority: 1 },
  ];
  const { gateway, upstreams } = await gatewayTo(
    { a: () => {}, b: healthy },
    { targets, hedge: { after: '20ms', budget: '100%' } },
  );
  const reply = await ask(gateway);
  expect([reply.status, reply.headers['x-sluice-provider']]).toEqual([200, 'b']);
  expect(await upstreams.get('a')!.calls[0]!.left).toBe(true);
  expect((await gateway.metrics()).sum('sluice_upstream_attempts_total', { provider: 'a', result: 'hedged' })).toBe(1);
});

test('a target that refuses everybody at once is not taken for the fastest one', async () => {
  const refusing: UpstreamHandler = (call) => answerJson(call, { error: { message: 'no such deployment' } }, 404);
  const { gateway, upstreams } = await gatewayTo(
    { a: refusing, b: healthy },
    { targets: [{ provider: 'a' }, { provider: 'b' }] },
  );
  const statuses: number[] = [];
  for (let i = 0; i < 30; i++) statuses.push((await ask(gateway)).status);
  expect(statuses.filter((status) => status === 404).length).toBeLessThanOrEqual(1);
  expect(upstreams.get('b')!.calls.length).toBeGreaterThanOrEqual(29);
});

test('while all targets limit, one of them is asked, and the app gets its answer', async () => {
  const { gateway, upstreams } = await gatewayTo(
    { a: limited, b: limited, c: limited },
    { targets: [{ provider: 'a' }, { provider: 'b' }, { provider: 'c' }] },
  );
  const calls = () => [...upstreams.values()].reduce((sum, upstream) => sum + upstream.calls.length, 0);
  expect((await ask(gateway)).status).toBe(429);
  expect(calls()).toBe(3);
  const replies = [await ask(gateway), await ask(gateway)];
  expect(replies.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([
    [429, '30'],
    [429, '30'],
  ]);
  expect(calls()).toBe(5);
});

test('what one of equal targets cannot say another one is asked; where none can, it is refused', async () => {
  const { gateway, upstreams } = await gatewayTo(
    { b: healthy },
    {
      targets: [
        { provider: 'claude', model: 'c' },
        { provider: 'b', priority: 1 },
      ],
    },
    {},
    CLAUDE,
  );
  const seeded = { model: 'm', max_tokens: 9, seed: 1, messages: [{ role: 'user', content: 'Hi' }] };
  const reply = await postJson(`${gateway.url}/v1/chat/completions`, seeded);
  expect([reply.status, upstreams.get('b')!.calls.length]).toEqual([200, 1]);
  const alone = await gatewayTo({}, { targets: [{ provider: 'claude', model: 'c' }] }, {}, CLAUDE);
  const refused = await postJson(`${alone.gateway.url}/v1/chat/completions`, seeded);
  expect([refused.status, refused.json()]).toMatchObject([400, { error: { param: 'seed' } }]);
});
