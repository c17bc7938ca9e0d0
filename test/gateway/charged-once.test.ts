import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { answerChat, answerJson, startFakeUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const SECRET = 'sk-sluice-charged';
const BUDGET = 10;
/** US dollars per million tokens. */
const PRICES = {
  'first/m': { input: 100, cachedInput: 10, output: 1000 },
  'second/m': { input: 200, cachedInput: 20, output: 2000 },
  'claude/m': { input: 100, cachedInput: 10, cacheWrite: 125, output: 1000 },
};
const messages = [{ role: 'user', content: 'Where is the river?' }];
/** `answerChat` tells three tokens of input and two of output. */
const FIRST = 3 * 100 + 2 * 1000;
const SECOND = 3 * 200 + 2 * 2000;

interface Setup {
  readonly gateway: TestGateway;
  /** Calls that each provider got. */
  calls(): readonly [number, number];
}

async function start(answers: { first?: UpstreamHandler; second?: UpstreamHandler }, settings: object = {}) {
  const first = await startFakeUpstream(answers.first ?? ((call) => answerChat(call)));
  const second = await startFakeUpstream(answers.second ?? ((call) => answerChat(call)));
  const gateway = await startTestGateway({
    providers: {
      first: { type: 'openai', baseUrl: `${first.url}/v1`, retries: { attempts: 1 } },
      second: { type: 'openai', baseUrl: `${second.url}/v1`, retries: { attempts: 0 } },
      claude: { type: 'anthropic', baseUrl: first.url, retries: { attempts: 0 } },
    },
    models: { m: { target: 'first/m', fallbacks: ['second/m'] }, c: { target: 'claude/m' } },
    prices: PRICES,
    keys: [
      { name: 'dev', secret: SECRET, team: 'search', budget: `${BUDGET} USD/month`, limits: { tokens: '9000000/d' } },
    ],
    teams: [{ name: 'search', budget: `${BUDGET} USD/month` }],
    ...settings,
  });
  const setup: Setup = { gateway, calls: () => [first.calls.length, second.calls.length] };
  return setup;
}

const ask = (gateway: TestGateway, more: object = {}, path = '/v1/chat/completions', secret = SECRET) =>
  postJson(
    `${gateway.url}${path}`,
    { model: 'm', max_tokens: 100, messages, ...more },
    { authorization: `Bearer ${secret}` },
  );

async function left(gateway: TestGateway, owner: { key: string } | { team: string }): Promise<number> {
  while ((await gateway.metrics()).sum('sluice_inflight_requests') > 0) await sleep(5);
  const metric = 'key' in owner ? 'sluice_budget_remaining_usd' : 'sluice_team_budget_remaining_usd';
  return (await gateway.metrics()).sum(metric, owner);
}

/** What the key has spent, its team, and what the metrics say: the same thrice. In billionths of a US dollar. */
async function charged(gateway: TestGateway): Promise<readonly number[]> {
  const ofKey = BUDGET - (await left(gateway, { key: 'dev' }));
  const ofTeam = BUDGET - (await left(gateway, { team: 'search' }));
  const cost = (await gateway.metrics()).sum('sluice_cost_usd_total');
  return [ofKey, ofTeam, cost].map((usd) => Math.round(usd * 1e9));
}

/** For tokens of a price of one US dollar per million. */
const thrice = (tokens: number): readonly number[] => [tokens, tokens, tokens].map((each) => Math.round(each * 1000));

/** The first answers with an error, so many times. */
function failing(times: number): UpstreamHandler {
  let calls = 0;
  return (call) => {
    if (calls++ >= times) return answerChat(call);
    call.outgoing.writeHead(503, { 'content-type': 'application/json', 'retry-after-ms': '1' }).end('{"error":{}}');
  };
}

const events = (...data: string[]): string => data.map((each) => `data: ${each}\n\n`).join('');
const delta = (content: string): string => JSON.stringify({ choices: [{ index: 0, delta: { content } }] });

/** A stream that its provider breaks off. */
const broken =
  (text: string): UpstreamHandler =>
  ({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write(text, () => outgoing.destroy());
  };

describe('a request is charged once', () => {
  it('where it was tried again', async () => {
    const { gateway, calls } = await start({ first: failing(1) });
    expect((await ask(gateway)).status).toBe(200);
    expect(calls()).toEqual([2, 0]);
    expect(await charged(gateway)).toEqual(thrice(FIRST));
  });

  it('where another target answered, at the price of that one', async () => {
    const { gateway, calls } = await start({ first: failing(9) });
    expect((await ask(gateway)).status).toBe(200);
    expect(calls()).toEqual([2, 1]);
    expect(await charged(gateway)).toEqual(thrice(SECOND));
  });

  it('where a shadow had a copy of it, which its key does not pay', async () => {
    const rollouts = [{ name: 'try', match: { model: 'm' }, shadow: { target: 'second/m' } }];
    const { gateway, calls } = await start({}, { rollouts });
    expect((await ask(gateway)).status).toBe(200);
    while (calls()[1] === 0) await sleep(5);
    expect(calls()).toEqual([1, 1]);
    expect(await charged(gateway)).toEqual(thrice(FIRST));
  });

  it('and nothing where all targets failed', async () => {
    const { gateway } = await start({ first: failing(9), second: failing(9) });
    expect((await ask(gateway)).status).toBe(503);
    expect(await charged(gateway)).toEqual(thrice(0));
  });

  it('and nothing where a provider tells its error with status 200', async () => {
    const { gateway } = await start({ first: (call) => answerJson(call, { error: { message: 'overloaded' } }) });
    expect((await ask(gateway)).status).toBe(200);
    expect(await charged(gateway)).toEqual(thrice(0));
  });
});

describe('tokens of a cache', () => {
  it('have their own price', async () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 800 } };
    const choices = [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }];
    const { gateway } = await start({ first: (call) => answerJson(call, { choices, usage }) });
    await ask(gateway);
    expect(await charged(gateway)).toEqual(thrice(200 * 100 + 800 * 10 + 10 * 1000));
  });

  it('of Anthropic too, read or written, and in a stream that breaks off', async () => {
    const usage = {
      input_tokens: 50,
      cache_read_input_tokens: 700,
      cache_creation_input_tokens: 300,
      output_tokens: 1,
    };
    const text = [
      ['message_start', { message: { role: 'assistant', content: [], usage } }],
      ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
      ...['By ', 'the ', 'bank'].map((piece) => [
        'content_block_delta',
        { index: 0, delta: { type: 'text_delta', text: piece } },
      ]),
    ]
      .map(([type, fields]) => `event: ${type as string}\ndata: ${JSON.stringify({ type, ...(fields as object) })}\n\n`)
      .join('');
    const { gateway } = await start({ first: broken(text) });
    await ask(gateway, { model: 'c', stream: true }, '/v1/messages').then(
      (reply) => reply.text,
      () => null,
    );
    expect(await charged(gateway)).toEqual(thrice(50 * 100 + 700 * 10 + 300 * 125 + 3 * 1000));
  });
});

describe('a stream that breaks off', () => {
  it('is charged what was told midway, and what came since', async () => {
    const told = JSON.stringify({
      choices: [{ index: 0, delta: { content: 'hidden thoughts' } }],
      usage: { prompt_tokens: 7, completion_tokens: 40 },
    });
    const { gateway } = await start({ first: broken(events(delta('By '), told, delta('the '), delta('bank'))) });
    await ask(gateway, { stream: true, stream_options: { include_usage: true } }).then(null, () => null);
    expect(await charged(gateway)).toEqual(thrice(7 * 100 + 42 * 1000));
  });

  it('is counted as the provider counted the streams before', async () => {
    let calls = 0;
    const whole = events(
      ...Array.from({ length: 10 }, () => delta('word ')),
      '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
      '{"choices":[],"usage":{"prompt_tokens":21,"completion_tokens":30}}',
      '[DONE]',
    );
    const cut = broken(events(...Array.from({ length: 6 }, () => delta('word '))));
    const { gateway } = await start({
      first: (call) => {
        if (calls++ > 0) return cut(call);
        call.outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(whole);
      },
    });
    for (let call = 0; call < 2; call++) {
      await ask(gateway, { stream: true }).then(null, () => null);
      await left(gateway, { key: 'dev' });
    }
    // Three tokens a delta, and as much input as before.
    expect(await charged(gateway)).toEqual(thrice(2 * 21 * 100 + (30 + 18) * 1000));
  });
});

describe('a buffered reply that breaks off', () => {
  it('is charged at its worst: the provider may have written all of it', async () => {
    const { gateway } = await start({
      first: ({ outgoing }) => {
        outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
        outgoing.write('{"choices":[{"index":0,', () => outgoing.destroy());
      },
    });
    expect((await ask(gateway, { max_tokens: 100 })).status).toBe(502);
    const spent = BUDGET - (await left(gateway, { key: 'dev' }));
    expect(spent).toBeGreaterThan((100 * 1000) / 1e6);
  });
});

describe('a key of the store', () => {
  it('has limits and a budget as one of the file has, and its team pays too', async () => {
    const { gateway } = await start({});
    const { body } = await gateway.admin('POST', '/api/v1/keys', {
      name: 'mobile',
      team: 'search',
      limits: { requests: '2/h' },
      budget: [`${BUDGET} USD/month`],
    });
    const { secret } = body as { secret: string };
    const statuses: number[] = [];
    for (let call = 0; call < 3; call++) statuses.push((await ask(gateway, {}, undefined, secret)).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await ask(gateway)).status).toBe(200);
    expect(BUDGET - (await left(gateway, { key: 'mobile' }))).toBeCloseTo((2 * FIRST) / 1e6, 9);
    expect(BUDGET - (await left(gateway, { key: 'dev' }))).toBeCloseTo(FIRST / 1e6, 9);
    expect(BUDGET - (await left(gateway, { team: 'search' }))).toBeCloseTo((3 * FIRST) / 1e6, 9);
  });

  it('is refused where its team has nothing left, whatever it has itself', async () => {
    const { gateway } = await start({}, { teams: [{ name: 'search', budget: '0.001 USD/day' }] });
    const reply = await ask(gateway);
    expect([reply.status, reply.text]).toMatchObject([429, expect.stringContaining('team:search')]);
    expect(await left(gateway, { key: 'dev' })).toBe(BUDGET);
  });
});
