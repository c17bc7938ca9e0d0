import { expect, test } from 'vitest';
import { canonicalText } from '../../src/cache/canonical-text.ts';
import { decodeReply, encodeReply } from '../../src/cache/kept-form.ts';
import { Exchange } from '../../src/core/exchange.ts';
import type { Trial } from '../../src/core/outcome.ts';
import { FeedbackBook } from '../../src/outcome/feedback-book.ts';
import {
  answerJson,
  startFakeUpstream,
  type FakeUpstream,
  type UpstreamCall,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { exchange, type HttpReply } from '../support/http-client.ts';
import { claudeReply } from '../support/vendor-replies.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

interface Setup {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
}

const KEYS = ['ann', 'bob', 'eve'].map((name) => ({
  name,
  secret: `sk-${name}-000000000000`,
  models: ['*'],
  ...(name === 'eve' ? {} : { team: 'red' }),
}));

async function setup(
  handler: UpstreamHandler,
  { cache = {}, providers = {}, ...more }: TestConfig & { cache?: object | null; providers?: object } = {},
): Promise<Setup> {
  const upstream = await startFakeUpstream(handler);
  const gateway = await startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'sk-provider' }, ...providers },
    models: { m: { target: 'up/m' }, other: { target: 'up/m' }, never: { target: 'up/n', cache: { ttl: '0s' } } },
    prices: { 'up/*': { input: 1_000_000, output: 1_000_000 } },
    teams: [{ name: 'red', models: ['*'] }],
    keys: KEYS,
    ...(cache === null ? {} : { cache }),
    ...more,
  });
  return { gateway, upstream };
}

/** Says what the user said last, and which reply it is. */
function counting(): UpstreamHandler {
  let count = 0;
  return (call) => {
    const { messages } = JSON.parse(call.body.toString()) as { messages: { content: string }[] };
    answerJson(call, chat(`${messages.at(-1)!.content} #${count++}`));
  };
}

function chat(content: string): object {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
  return {
    id: 'c1',
    object: 'chat.completion',
    choices,
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  };
}

function textOf(reply: HttpReply): string {
  return (reply.json() as { choices: { message: { content: string } }[] }).choices[0]!.message.content;
}

interface Said {
  readonly as?: string;
  readonly text?: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

function say(
  { url }: TestGateway,
  { as = 'ann', text = 'Hi', body = {}, headers = {} }: Said = {},
): Promise<HttpReply> {
  const messages = [{ role: 'user', content: text }];
  return exchange(`${url}/v1/chat/completions`, {
    body: JSON.stringify({ model: 'm', messages, ...body }),
    headers: { authorization: `Bearer sk-${as}-000000000000`, 'content-type': 'application/json', ...headers },
  });
}

const found = ({ headers }: HttpReply): unknown => headers['x-sluice-cache'];

test('without a cache nothing is kept, and nothing said of it', async () => {
  const { gateway, upstream } = await setup(counting(), { cache: null });
  const replies = [await say(gateway), await say(gateway)];
  expect(replies.map(found)).toEqual([undefined, undefined]);
  expect(upstream.calls).toHaveLength(2);
});

test('the same request gets the same reply, however its JSON is written, within a team and never across', async () => {
  const { gateway, upstream } = await setup(counting());
  const first = await say(gateway, { body: { temperature: 0, seed: 9_007_199_254_740_992 } });
  const spaced = `{ "seed": 9007199254740992, "messages": [ {"content":"Hi","role":"user"} ],\n"temperature":0, "model":"m" }`;
  const again = await exchange(`${gateway.url}/v1/chat/completions`, {
    body: spaced,
    headers: { authorization: 'Bearer sk-bob-000000000000', 'content-type': 'application/json' },
  });
  expect([found(first), found(again), again.text]).toEqual(['miss', 'hit', first.text]);
  expect(again.headers['x-sluice-provider']).toBe('up');
  expect(again.headers['x-sluice-request-id']).not.toBe(first.headers['x-sluice-request-id']);
  const eve = await say(gateway, { as: 'eve', body: { temperature: 0, seed: 9_007_199_254_740_992 } });
  const near = await exchange(`${gateway.url}/v1/chat/completions`, {
    body: spaced.replace('740992', '740993'),
    headers: { authorization: 'Bearer sk-bob-000000000000', 'content-type': 'application/json' },
  });
  expect([found(eve), found(near)]).toEqual(['miss', 'miss']);
  expect(upstream.calls).toHaveLength(3);
});

test('equal targets share what is kept, whichever is asked first and whatever its vendor', async () => {
  const claude = await startFakeUpstream((call) => {
    call.outgoing.writeHead(200, { 'content-type': 'application/json' }).end(claudeReply({ texts: ['Hi #0'] }));
  });
  const { gateway, upstream } = await setup(counting(), {
    providers: { claude: { type: 'anthropic', baseUrl: claude.url, apiKey: 'sk-claude' } },
    models: {
      m: {
        targets: [
          { provider: 'up', model: 'm' },
          { provider: 'claude', model: 'c' },
        ],
      },
    },
  });
  const replies: HttpReply[] = [];
  for (let i = 0; i < 12; i++) replies.push(await say(gateway, { body: { max_completion_tokens: 9 } }));
  expect(replies.map(found)).toEqual(['miss', ...Array<string>(11).fill('hit')]);
  expect(new Set(replies.map(textOf))).toEqual(new Set(['Hi #0']));
  expect(new Set(replies.map(({ headers }) => headers['x-sluice-provider'])).size).toBe(1);
  expect(upstream.calls.length + claude.calls.length).toBe(1);
});

test('what one of the equal targets cannot tell apart is another request for the others', async () => {
  const ask = (gateway: TestGateway, of: string) =>
    say(gateway, { body: { max_completion_tokens: 9, prompt_cache_key: of } });
  const { gateway } = await setup(counting(), {
    providers: { claude: { type: 'anthropic', baseUrl: 'http://127.0.0.1:9', apiKey: 'sk-claude' } },
    models: {
      m: {
        targets: [
          { provider: 'claude', model: 'c', priority: 1 },
          { provider: 'up', model: 'm', priority: 0 },
        ],
      },
    },
  });
  const replies = [await ask(gateway, 'a'), await ask(gateway, 'b'), await ask(gateway, 'a')];
  expect(replies.map(found)).toEqual(['miss', 'miss', 'hit']);
});

test('what an equal target gives in the place of another one is kept; what a fallback gives is not', async () => {
  const ask = async (more: object) => {
    const { gateway } = await setup(counting(), {
      providers: { away: { type: 'openai', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'sk', retries: { attempts: 0 } } },
      models: { m: more },
    });
    return [await say(gateway), await say(gateway)].map(found);
  };
  const targets = [
    { provider: 'away', model: 'm', priority: 0 },
    { provider: 'up', model: 'm', priority: 1 },
  ];
  expect(await ask({ targets })).toEqual(['miss', 'hit']);
  expect(await ask({ target: 'away/m', fallbacks: ['up/m'] })).toEqual(['miss', 'miss']);
});

test("no reply to a caller's own key is kept, though its equals have keys of their own", async () => {
  const own = await startFakeUpstream(counting());
  const { gateway } = await setup(counting(), {
    providers: { visitors: { type: 'openai', baseUrl: `${own.url}/v1`, apiKey: 'client' } },
    models: {
      m: {
        targets: [
          { provider: 'up', model: 'm', priority: 1 },
          { provider: 'visitors', model: 'm', priority: 0 },
        ],
      },
    },
  });
  expect([await say(gateway), await say(gateway)].map(found)).toEqual(['miss', 'miss']);
  expect(own.calls).toHaveLength(2);
});

test('each key alone, where the cache is so configured', async () => {
  const { gateway } = await setup(counting(), { cache: { scope: 'key' } });
  const all = [await say(gateway), await say(gateway, { as: 'bob' }), await say(gateway)];
  expect(all.map(found)).toEqual(['miss', 'miss', 'hit']);
});

const STREAM = ['Hel', 'lo'].map(
  (content) => `data: {"id":"c","choices":[{"index":0,"delta":{"content":"${content}"}}]}\r\n\r\n`,
);
const LAST = `: a comment\r\ndata: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]\r\n\r\n`;

test('a stream is given again byte for byte; one that broke off is not kept', async () => {
  let cuts = 1;
  const { gateway, upstream } = await setup(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write(STREAM[0]);
    if (cuts-- > 0) outgoing.end();
    else outgoing.end(STREAM[1]! + LAST);
  });
  const ask = () => say(gateway, { body: { stream: true } });
  expect((await ask()).text).not.toContain('lo');
  const [whole, again] = [await ask(), await ask()];
  expect([found(whole), found(again), again.text]).toEqual(['miss', 'hit', STREAM.join('') + LAST]);
  expect(again.text).toBe(whole.text);
  expect(again.headers['content-type']).toBe('text/event-stream');
  expect(upstream.calls).toHaveLength(2);
});

test.each([
  ['no-store', ['bypass', 'hit', 'miss']],
  ['no-cache', ['miss', 'hit', 'miss']],
  ['max-age=0', ['miss', 'hit', 'miss']],
  ['max-age=60', ['hit', 'hit', 'miss']],
])('cache-control: %s is respected', async (control, expected) => {
  const { gateway } = await setup(counting());
  await say(gateway);
  const controlled = await say(gateway, { headers: { 'cache-control': control } });
  const after = await say(gateway);
  const other = await say(gateway, {
    text: 'Other',
    headers: { 'cache-control': control === 'no-store' ? 'max-age=9' : control },
  });
  expect([controlled, after, other].map(found)).toEqual(expected);
  // What is told not to look, and may keep, renews.
  expect(after.text).toBe((control.startsWith('no-cache') || control === 'max-age=0' ? controlled : after).text);
});

test.each([
  ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
  ['a reply that the provider keeps', { store: true }],
  ['a model whose replies are not kept', { model: 'never' }],
  ['an effect of its own', { web_search_options: {} }],
])('a request with %s is left alone', async (_what, body) => {
  const { gateway, upstream } = await setup(counting());
  const replies = [await say(gateway, { body }), await say(gateway, { body })];
  expect(replies.map(found)).toEqual(['bypass', 'bypass']);
  expect(upstream.calls).toHaveLength(2);
});

test('a response is kept only where the provider is told not to store it', async () => {
  const { gateway } = await setup((call) =>
    answerJson(call, { id: 'resp_00000001', object: 'response', status: 'completed', store: false, output: [] }),
  );
  const ask = (body: object) =>
    exchange(`${gateway.url}/v1/responses`, {
      body: JSON.stringify({ model: 'm', input: 'Hi', ...body }),
      headers: { 'content-type': 'application/json' },
    });
  const all = [await ask({}), await ask({}), await ask({ store: false }), await ask({ store: false })];
  expect([...all, await ask({ store: false, previous_response_id: 'x' })].map(found)).toEqual([
    'bypass',
    'bypass',
    'miss',
    'hit',
    'bypass',
  ]);
});

test.each([
  ['an error', (call: UpstreamCall) => answerJson(call, { error: { message: 'no' } }, 400)],
  ['a status other than 200', (call: UpstreamCall) => answerJson(call, chat('x'), 201)],
  ['a reply that says that it failed', (call: UpstreamCall) => answerJson(call, { error: { message: 'no' } })],
  ['a large reply', (call: UpstreamCall) => answerJson(call, chat('x'.repeat(5_000)))],
])('%s is not kept', async (_what, handler) => {
  const { gateway } = await setup(handler, { cache: { maxReplyBytes: '4KiB' } });
  expect([await say(gateway), await say(gateway)].map(found)).toEqual(['miss', 'miss']);
});

test('one goes and the others wait; where it comes to nothing, the next one goes', async () => {
  const calls: UpstreamCall[] = [];
  const { gateway, upstream } = await setup((call) => void calls.push(call));
  const replies = Array.from({ length: 5 }, () => say(gateway));
  answerJson(await upstream.call(0), { error: { message: 'no' } }, 400);
  answerJson(await upstream.call(1), chat('Hello'));
  const all = await Promise.all(replies);
  expect(all.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 400]);
  expect(all.map(found).sort()).toEqual(['hit', 'hit', 'hit', 'miss', 'miss']);
  expect(calls).toHaveLength(2);
});

test('nobody waits for more than two that come back with nothing', async () => {
  const open: UpstreamCall[] = [];
  let failures = 2;
  const { gateway, upstream } = await setup((call) => {
    if (failures > 0) return;
    open.push(call);
    // Two at a time: with one after another the second one would never come.
    if (open.length >= 2) for (const each of open.splice(0)) answerJson(each, chat('Hello'));
  });
  const replies = Array.from({ length: 8 }, () => say(gateway));
  const inFlight = async () => (await gateway.metrics()).sum('sluice_inflight_requests');
  while ((await inFlight()) < 8);
  for (const index of [0, 1]) {
    const call = await upstream.call(index);
    failures--;
    answerJson(call, { error: { message: 'no' } }, 400);
  }
  expect((await Promise.all(replies)).map(({ status }) => status).sort()).toEqual([...Array(6).fill(200), 400, 400]);
  expect(found(await say(gateway))).toBe('hit');
});

test('values that the provider never saw come back from the request at hand', async () => {
  const { gateway, upstream } = await setup(counting(), {
    redaction: { emails: { request: 'placeholder', response: 'allow' }, restore: { emails: 'everywhere' } },
  });
  const text = async (email: string, as = 'ann') => {
    const reply = await say(gateway, { as, text: `Write to ${email}` });
    return [found(reply), textOf(reply)];
  };
  expect(await text('ada@example.com')).toEqual(['miss', 'Write to ada@example.com #0']);
  expect(await text('ada@example.com')).toEqual(['hit', 'Write to ada@example.com #0']);
  expect(await text('bob@example.com')).toEqual(['miss', 'Write to bob@example.com #1']);
  expect(await text('ada@example.com', 'bob')).toEqual([
    expect.any(String),
    expect.stringContaining('Write to ada@example.com'),
  ]);
  expect(upstream.calls.map(({ body }) => body.toString()).join('')).not.toContain('@example.com');
});

test('what a rule finds in a reply is found in it again', async () => {
  const { gateway } = await setup(counting(), { redaction: { emails: { request: 'allow', response: 'mask' } } });
  const replies = [await say(gateway, { text: 'ada@example.com' }), await say(gateway, { text: 'ada@example.com' })];
  expect(replies.map(found)).toEqual(['miss', 'hit']);
  for (const reply of replies) expect(reply.text).not.toContain('ada@example.com');
});

test('a hit keeps its arm, costs nothing and counts as a request', async () => {
  const { gateway } = await setup(counting(), {
    rollouts: [
      { name: 'r', match: { model: 'm' }, stable: { target: 'up/m' }, canary: { target: 'up/m2' }, steps: ['100%'] },
    ],
    keys: [{ ...KEYS[0], limits: { requests: '3/h', tokens: '100k/h' }, budget: '1000000 USD/day' }],
  });
  const replies = [await say(gateway), await say(gateway), await say(gateway), await say(gateway)];
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(
    replies.slice(0, 3).map((reply) => [found(reply), reply.headers['x-sluice-arm'], reply.headers['x-sluice-model']]),
  ).toEqual([
    ['miss', 'canary', 'm2'],
    ['hit', 'canary', 'm2'],
    ['hit', 'canary', 'm2'],
  ]);
  const metrics = await gateway.metrics();
  expect(metrics.sum('sluice_cost_usd_total')).toBe(5);
  expect(metrics.sum('sluice_tokens_total')).toBe(5);
  expect(['hit', 'miss', 'bypass'].map((result) => metrics.sum('sluice_cache_requests_total', { result }))).toEqual([
    2, 1, 0,
  ]);
  expect(metrics.sum('sluice_cache_replies')).toBe(1);
  expect(metrics.sum('sluice_cache_bytes')).toBeGreaterThan(100);
});

test('a hit is told to nobody who judges arms, nor is what is said of it', () => {
  const served = new Exchange('1', 'chat', 'openai', 0, 0);
  served.isObserved = true;
  served.isTraffic = true;
  served.judged = [{} as Trial];
  served.servedFromCache();
  expect([served.isObserved, served.isTraffic, served.judged]).toEqual([false, false, []]);
  const book = new FeedbackBook();
  const told = new Exchange('2', 'chat', 'openai', 0, 0);
  told.judged = [{} as Trial];
  book.add(told);
  book.leaveOut(told);
  expect(book.entryFor({ requestId: '2', name: 'up', value: true }, told.keyName, 0)).toMatchObject({ trials: [] });
});

test('what is kept in Redis reads as it was', () => {
  const body = Buffer.from([0, 255, 1]);
  const reply = { status: 200, statusText: 'OK', headers: ['x', 'ü'], body, keptAt: 5, giver: 'a/b' };
  expect(decodeReply(encodeReply(reply))).toEqual(reply);
});

test.each([
  ['{"b":1,"a":[1, 2,{ }]}', '{"a":[1,2,{}],"b":1}'],
  [' {"a\\"}":"x\\\\","a":1e5}', '{"a":1e5,"a\\"}":"x\\\\"}'],
  ['{"properties":{"b":{"z":1,"y":2},"a":{}},"a":1}', '{"a":1,"properties":{"b":{"y":2,"z":1},"a":{}}}'],
  ['[]', '[]'],
  ['"x"', '"x"'],
])('the canonical text of %s is %s', (text, canonical) => {
  expect(canonicalText(text)).toBe(canonical);
});
