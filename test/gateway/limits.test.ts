import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answerChat, startFakeUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const SECRET = 'sk-sluice-limited';
const OTHER = 'sk-sluice-of-the-same-team';
const REPLY_HEADERS = { 'x-ratelimit-limit-requests': '5000', 'x-ratelimit-remaining-tokens': '9' };

async function setup(key: object, settings: object = {}, answer: UpstreamHandler = (call) => answerChat(call)) {
  const upstream = await startFakeUpstream(answer);
  const gateway = await startTestGateway({
    providers: {
      up: { type: 'openai', baseUrl: `${upstream.url}/v1`, retries: { attempts: 0 } },
      claude: { type: 'anthropic', baseUrl: upstream.url },
    },
    passthrough: { provider: 'up' },
    models: { m: { target: 'up/m' }, 'claude-*': { provider: 'claude' } },
    prices: { 'up/m': { input: 100, output: 1000 } },
    keys: [
      { name: 'dev', secret: SECRET, ...key },
      { name: 'other', secret: OTHER, ...key },
    ],
    ...settings,
  });
  return { gateway, upstream };
}

function post(gateway: TestGateway, path: string, body: unknown, more: Record<string, string> = {}) {
  const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json', ...more };
  return fetch(`${gateway.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

const messages = [{ role: 'user', content: 'Hello' }];
const chat = (gateway: TestGateway, body: object = {}, headers = {}) =>
  post(gateway, '/v1/chat/completions', { model: 'm', max_tokens: 10, messages, ...body }, headers);

async function errorOf(reply: Response): Promise<{ readonly code: string; readonly message: string }> {
  return ((await reply.json()) as { error: never }).error;
}

const byRoute: UpstreamHandler = (call) => {
  for (const [name, value] of Object.entries(REPLY_HEADERS)) call.outgoing.setHeader(name, value);
  return answerChat(call);
};

describe('a limit of requests', () => {
  it('is told with each reply as OpenAI tells it, in place of what the provider says of its own', async () => {
    const { gateway } = await setup({ limits: { requests: '2/h' } }, {}, byRoute);
    const { headers } = await chat(gateway);
    expect(headers.get('x-ratelimit-limit-requests')).toBe('2');
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('1');
    expect(headers.get('x-ratelimit-reset-requests')).toMatch(/^(?:30m0s|29m59(?:\.\d+)?s)$/);
    expect(headers.get('x-ratelimit-remaining-tokens')).toBeNull();
  });

  it('leaves the provider’s headers to callers without limits', async () => {
    const { gateway } = await setup({}, {}, byRoute);
    expect((await chat(gateway)).headers.get('x-ratelimit-limit-requests')).toBe('5000');
  });

  it('refuses what is too much, says when to come again, and counts it', async () => {
    const { gateway, upstream } = await setup({ limits: { requests: '2/h' } });
    await chat(gateway);
    await chat(gateway);
    const refused = await chat(gateway);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1_700);
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(await errorOf(refused)).toMatchObject({
      code: 'rate_limit_exceeded',
      type: 'rate_limit_error',
      message: expect.stringContaining('2 requests per hour (key:dev)'),
    });
    expect(upstream.calls).toHaveLength(2);
    const rule = { rule: 'key:dev/requests', decision: 'deny' };
    expect((await gateway.metrics()).sum('sluice_policy_decisions_total', rule)).toBe(1);
  });

  it('has Anthropic’s header names and error form on its paths', async () => {
    const { gateway } = await setup({ limits: { requests: '1/h' } }, {}, (call) => {
      call.outgoing.writeHead(200, { 'content-type': 'application/json' });
      call.outgoing.end(JSON.stringify({ type: 'message', content: [], usage: { input_tokens: 1, output_tokens: 1 } }));
    });
    const ask = () => post(gateway, '/v1/messages', { model: 'claude-x', max_tokens: 1, messages });
    const { headers } = await ask();
    expect(headers.get('anthropic-ratelimit-requests-limit')).toBe('1');
    expect(headers.get('anthropic-ratelimit-requests-remaining')).toBe('0');
    expect(headers.get('anthropic-ratelimit-requests-reset')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const refused = await ask();
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      { type: 'error', error: { type: 'rate_limit_error' } },
    ]);
  });

  it('holds for calls that are passed through', async () => {
    const { gateway } = await setup({ limits: { requests: '1/h' } });
    expect((await post(gateway, '/v1/files', {})).status).toBe(200);
    expect((await post(gateway, '/v1/files', {})).status).toBe(429);
  });
});

describe('a limit of tokens', () => {
  it('reserves the capped output and gives back what was not used', async () => {
    const { gateway } = await setup({ limits: { tokens: '3000/h' } });
    const { headers } = await chat(gateway, { max_tokens: 2_000 });
    expect(Number(headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(1_000);
    const next = await chat(gateway, { max_tokens: 2_000 });
    expect(next.status).toBe(200);
  });

  it('refuses a bound of the output that is no whole number, and sends nothing', async () => {
    const { gateway, upstream } = await setup({ limits: { tokens: '3000/h' } });
    const refused = await chat(gateway, { max_completion_tokens: '90000' });
    expect([refused.status, (await errorOf(refused)).code]).toEqual([400, 'invalid_request']);
    expect(upstream.calls).toHaveLength(0);
  });

  it('says of a request that is larger than it can ever be that no repetition helps', async () => {
    const { gateway } = await setup({ limits: { tokens: '1000/h' } });
    const refused = await chat(gateway, { max_tokens: 2_000 });
    expect([refused.status, refused.headers.get('x-should-retry'), refused.headers.get('retry-after')]).toEqual([
      429,
      'false',
      null,
    ]);
    expect((await errorOf(refused)).message).toContain('more than the limit of 1000 (key:dev) ever allows');
  });
});

describe('a limit of requests at one time', () => {
  it('holds a place to the last byte of a stream', async () => {
    const end = Promise.withResolvers<void>();
    const { gateway } = await setup({ limits: { concurrent: 1 } }, {}, async ({ outgoing }) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"By the bank. "}}]}\n\n');
      await end.promise;
      outgoing.end('data: [DONE]\n\n');
    });
    const first = await chat(gateway, { stream: true });
    const refused = await chat(gateway);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    end.resolve();
    await first.text();
    while ((await gateway.metrics()).sum('sluice_inflight_requests') > 0) await sleep(5);
    expect((await chat(gateway, { stream: true })).status).toBe(200);
  });
});

describe('what policies change of a request', () => {
  /** What a refusal says that the request may cost. */
  const worst = async (gateway: TestGateway, body: object = {}): Promise<number> => {
    const refused = await chat(gateway, body);
    expect(refused.status).toBe(429);
    return Number(/cost up to ([\d.]+) USD/.exec((await errorOf(refused)).message)![1]);
  };
  const budget = { budget: '0.5 USD/day' };

  it('is reserved as it is sent: more output, more choices, a longer prompt', async () => {
    const policies = (policy: object) => ({ policies: [{ name: 'rule', ...policy }] });
    const longer = await setup(budget, policies({ set: { max_tokens: 900_000 } }));
    expect(await worst(longer.gateway)).toBeGreaterThanOrEqual(900);
    const wider = await setup(budget, policies({ set: { n: 90 } }));
    expect(await worst(wider.gateway)).toBeGreaterThanOrEqual(0.9);
    const system = 'Be calm. '.repeat(1_000);
    const prompted = await setup(budget, { ...policies({ prompt: 'calm@v1' }), prompts: { calm: { v1: { system } } } });
    expect(await worst(prompted.gateway)).toBeGreaterThanOrEqual(system.length * (100 / 1e6));
    expect([longer, wider, prompted].flatMap(({ upstream }) => upstream.calls)).toHaveLength(0);
  });

  it('is reserved as it is sent: a capped request fits where what was asked for does not', async () => {
    const { gateway, upstream } = await setup(budget, { policies: [{ name: 'cap', cap: { max_tokens: 10 } }] });
    expect((await chat(gateway, { max_tokens: 900_000 })).status).toBe(200);
    expect(JSON.parse(upstream.calls[0]!.body.toString())).toMatchObject({ max_tokens: 10 });
  });

  it('takes nothing of a limit where no target is left', async () => {
    const policies = [
      { name: 'nowhere', when: 'target.provider == "up" && metadata.away == "yes"', deny: 'Not there' },
    ];
    const { gateway } = await setup({ limits: { requests: '1/h' } }, { policies });
    expect((await chat(gateway, {}, { 'x-sluice-metadata': '{"away":"yes"}' })).status).toBe(403);
    expect((await chat(gateway)).status).toBe(200);
  });
});

describe('a budget and a dearer service', () => {
  it.each([
    ['service_tier', 'priority'],
    ['speed', 'fast'],
    ['inference_geo', 'us'],
  ])('refuses %s: %s, whose price is not known', async (name, value) => {
    const { gateway } = await setup({ budget: '10 USD/day' });
    const refused = await chat(gateway, { [name]: value });
    expect([refused.status, (await errorOf(refused)).code]).toEqual([403, 'price_unknown']);
  });

  it('lets the usual service pass, what a policy makes the usual one, and all where unknown prices are allowed', async () => {
    const budget = { budget: '10 USD/day' };
    const { gateway } = await setup(budget);
    expect((await chat(gateway, { service_tier: 'flex' })).status).toBe(200);
    const policies = [{ name: 'usual', set: { service_tier: 'default' } }];
    const tamed = await setup(budget, { policies });
    expect((await chat(tamed.gateway, { service_tier: 'priority' })).status).toBe(200);
    const open = await setup(budget, { unknownPrice: 'allow' });
    expect((await chat(open.gateway, { service_tier: 'priority' })).status).toBe(200);
  });
});

describe('a limit of a model', () => {
  it('holds by whatever name apps ask for it', async () => {
    const { gateway } = await setup(
      {},
      {
        models: { dear: { target: 'up/m' }, cheap: { target: 'up/other' }, m: { provider: 'up' } },
        limits: [{ name: 'big', match: { model: 'm' }, requests: '1/h' }],
      },
    );
    expect((await chat(gateway, { model: 'dear' })).status).toBe(200);
    expect((await chat(gateway)).status).toBe(429);
    expect((await chat(gateway, { model: 'dear' })).status).toBe(429);
    expect((await chat(gateway, { model: 'cheap' })).status).toBe(200);
  });
});

describe('what nobody tells the use of', () => {
  const spentBy = async (gateway: TestGateway): Promise<number> => {
    while ((await gateway.metrics()).sum('sluice_inflight_requests') > 0) await sleep(5);
    return 10 - (await gateway.metrics()).sum('sluice_budget_remaining_usd', { key: 'dev' });
  };
  const key = { budget: '10 USD/day' };

  it('is charged at its worst where the caller leaves before a buffered reply: the provider may have written it', async () => {
    const asked = Promise.withResolvers<void>();
    const { gateway } = await setup(key, {}, () => {
      asked.resolve();
      return new Promise(() => {});
    });
    const stop = new AbortController();
    const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'm', max_tokens: 1000, messages });
    const call = fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body, signal: stop.signal });
    await asked.promise;
    stop.abort();
    await expect(call).rejects.toThrow(/abort/);
    expect(await spentBy(gateway)).toBeGreaterThanOrEqual(1);
    expect((await gateway.metrics()).sum('sluice_usage_estimated_total')).toBe(1);
  });

  it('is charged at its worst where the caller leaves a buffered reply that has begun', async () => {
    const begun = Promise.withResolvers<void>();
    const { gateway } = await setup(key, {}, ({ outgoing }) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.write('{"choices":', () => begun.resolve());
      return new Promise(() => {});
    });
    const stop = new AbortController();
    const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'm', max_tokens: 1000, messages });
    const call = fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body, signal: stop.signal });
    await begun.promise;
    stop.abort();
    await expect(call).rejects.toThrow(/abort/);
    expect(await spentBy(gateway)).toBeGreaterThanOrEqual(1);
  });

  it('is charged at its worst where the provider works on in the background', async () => {
    const { gateway } = await setup(key, {}, ({ outgoing }) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ id: 'resp_1', object: 'response', status: 'queued', output: [], usage: null }));
    });
    const reply = await post(gateway, '/v1/responses', {
      model: 'm',
      input: 'Where?',
      max_output_tokens: 1000,
      background: true,
    });
    expect(reply.status).toBe(200);
    expect(await spentBy(gateway)).toBeGreaterThanOrEqual(1);
  });

  it('is counted from a reply that came without usage', async () => {
    const content = 'By the bank of the river, where it bends. '.repeat(10);
    const { gateway } = await setup(key, {}, (call) => {
      call.outgoing.writeHead(200, { 'content-type': 'application/json' });
      call.outgoing.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content } }] }));
    });
    await (await chat(gateway)).text();
    const written = (content.length / 4) * (1000 / 1e6);
    const spent = await spentBy(gateway);
    expect(spent).toBeGreaterThanOrEqual(written);
    expect(spent).toBeLessThan(written * 1.2);
    const { costUsd } = await gateway.log.request({ estimated: true });
    expect(costUsd).toBeCloseTo(spent, 9);
  });

  it('costs nothing where no provider answered, or with an error', async () => {
    const { gateway } = await setup(key, {}, ({ outgoing }) => void outgoing.writeHead(500).end('{}'));
    expect((await chat(gateway)).status).toBe(500);
    expect(await spentBy(gateway)).toBe(0);
  });

  it('is nothing for a count of tokens, which has no price', async () => {
    const { gateway } = await setup({ ...key, limits: { tokens: '1/d' } }, { prices: {} }, ({ outgoing }) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":5}');
    });
    const counted = await post(gateway, '/v1/messages/count_tokens', { model: 'claude-x', messages });
    expect([counted.status, await counted.json()]).toEqual([200, { input_tokens: 5 }]);
    expect(await spentBy(gateway)).toBe(0);
  });
});

describe('teams and rules', () => {
  it('let the keys of a team share what the team may', async () => {
    const settings = { teams: [{ name: 'core', limits: { requests: '2/h' } }] };
    const { gateway } = await setup({ team: 'core' }, settings);
    const others = { authorization: `Bearer ${OTHER}` };
    const statuses = [
      await chat(gateway),
      await chat(gateway, {}, others),
      await chat(gateway),
      await chat(gateway, {}, others),
    ];
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    expect((await errorOf(statuses[3]!)).message).toContain('team:core');
  });

  it('count apart for each value that a rule goes by, for callers without a key too', async () => {
    const limits = [{ name: 'users', match: { model: 'm' }, by: ['metadata.user'], requests: '1/h' }];
    const { gateway } = await setup({}, { limits });
    const ask = async (user: string) =>
      (await chat(gateway, {}, { authorization: '', 'x-sluice-metadata': JSON.stringify({ user }) })).status;
    expect([await ask('a'), await ask('b'), await ask('a'), await ask('b'), await ask('c')]).toEqual([
      200, 200, 429, 429, 200,
    ]);
  });
});

describe('a budget', () => {
  it('refuses a model without a price, unless that is allowed', async () => {
    const key = { budget: '1 USD/day' };
    const refusing = await setup(key, { prices: {} });
    const refused = await chat(refusing.gateway);
    expect([refused.status, (await errorOf(refused)).code]).toEqual([403, 'price_unknown']);
    expect(refusing.upstream.calls).toHaveLength(0);
    const { gateway } = await setup(key, { prices: {}, unknownPrice: 'allow' });
    expect((await chat(gateway)).status).toBe(200);
  });

  it('refuses what it cannot know the cost of, but not what only reads', async () => {
    const { gateway } = await setup({ budget: '1 USD/day' });
    expect((await errorOf(await post(gateway, '/v1/audio/speech', {}))).code).toBe('price_unknown');
    const read = await fetch(`${gateway.url}/v1/files`, { headers: { authorization: `Bearer ${SECRET}` } });
    expect(read.status).toBe(200);
  });

  it('caps the output of a caller who does not, where nobody knows how long a reply may be', async () => {
    const { gateway, upstream } = await setup({ budget: '100 USD/day' });
    await post(gateway, '/v1/chat/completions', { model: 'm', messages });
    expect(JSON.parse(upstream.calls[0]!.body.toString())).toMatchObject({ max_tokens: 4096 });
  });

  it('of another window holds too, and the least of them is told', async () => {
    const { gateway } = await setup({ budget: ['10 USD/month', '2 USD/day rolling'] });
    expect((await gateway.metrics()).sum('sluice_budget_remaining_usd', { key: 'dev' })).toBe(2);
    expect((await errorOf(await chat(gateway, { max_tokens: 5_000 }))).code).toBe('insufficient_quota');
  });

  it('is not forgotten over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-spend-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const settings = { store: `sqlite:${folder}/s.db` };
    const key = { budget: ['10 USD/month', '5 USD/day rolling'] };
    const first = await setup(key, settings);
    expect((await chat(first.gateway)).status).toBe(200);
    while ((await first.gateway.metrics()).sum('sluice_inflight_requests') > 0) await sleep(5);
    const left = (await first.gateway.metrics()).sum('sluice_budget_remaining_usd', { key: 'dev' });
    expect(left).toBeLessThan(5);
    await first.gateway.stop();
    const second = await setup(key, settings);
    expect((await second.gateway.metrics()).sum('sluice_budget_remaining_usd', { key: 'dev' })).toBe(left);
  });
});

describe('the usage of a chat stream that its caller does not ask for', () => {
  const chunk = (more: string): string => `data: {"choices":[{"index":0,"delta":{"content":"a"}}]${more}}\n\n`;
  const usage = 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n';

  const streaming: UpstreamHandler = ({ outgoing, body }) => {
    const { stream_options: options } = JSON.parse(body.toString()) as { stream_options?: { include_usage?: boolean } };
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    const asked = options?.include_usage === true;
    outgoing.end(`${chunk(asked ? ',"usage":null' : '')}${asked ? usage : ''}data: [DONE]\n\n`);
  };

  it('is asked for where a budget needs it, and taken out again', async () => {
    const { gateway, upstream } = await setup({ budget: '1 USD/day' }, {}, streaming);
    const options = { include_obfuscation: false };
    const text = await (await chat(gateway, { stream: true, stream_options: options })).text();
    expect(text).toBe(`${chunk('')}data: [DONE]\n\n`);
    expect(JSON.parse(upstream.calls[0]!.body.toString()).stream_options).toEqual({ ...options, include_usage: true });
    while ((await gateway.metrics()).sum('sluice_inflight_requests') > 0) await sleep(5);
    expect((await gateway.metrics()).sum('sluice_cost_usd_total')).toBeCloseTo((3 * 100 + 4 * 1000) / 1e6, 12);
  });

  it('stays where the caller asks for it', async () => {
    const { gateway } = await setup({ budget: '1 USD/day' }, {}, streaming);
    const text = await (await chat(gateway, { stream: true, stream_options: { include_usage: true } })).text();
    expect(text).toBe(`${chunk(',"usage":null')}${usage}data: [DONE]\n\n`);
  });

  it('is not asked for where nobody needs it', async () => {
    const { gateway, upstream } = await setup({ limits: { requests: '9/h' } }, {}, streaming);
    await (await chat(gateway, { stream: true })).text();
    expect(JSON.parse(upstream.calls[0]!.body.toString()).stream_options).toBeUndefined();
  });
});
