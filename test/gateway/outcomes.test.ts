import { request, type ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { answerChat, answerJson, startFakeUpstream } from '../support/fake-upstream.ts';
import { openExchange, postJson } from '../support/http-client.ts';
import { startObservedGateway, type ObservedGateway } from '../support/observed-gateway.ts';
import { WEATHER_SCHEMA } from '../simulator/support.ts';

const PATHS = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' } as const;
const GERMAN = 'Bitte erkläre mir, wie das über die Brücke und zurück geht.';
const messages = [{ role: 'user', content: GERMAN }];
const INSTANT = { latency: { medianMs: 0 }, ttft: { medianMs: 0 }, interTokenMs: 0 };

/** The simulator behind a gateway that looks at everything. */
function simulated(settings: object = {}): Promise<ObservedGateway> {
  const profiles = {
    refuser: { ...INSTANT, refusalRate: 1 },
    breaker: { ...INSTANT, invalidJsonRate: 1 },
    broken: { ...INSTANT, errorRate: 1 },
  };
  return startObservedGateway({
    providers: { sim: { type: 'simulator', profiles }, offline: { type: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
    models: { '*': { provider: 'sim' }, gone: { target: 'offline/gone' } },
    prices: { 'sim/fast-v1': { input: 1_000_000, output: 2_000_000 } },
    upstream: { retries: { attempts: 0 } },
    ...settings,
  });
}

const FORMATS = {
  chat: { response_format: { type: 'json_schema', json_schema: { name: 'w', schema: WEATHER_SCHEMA } } },
  responses: { text: { format: { type: 'json_schema', name: 'w', schema: WEATHER_SCHEMA } } },
  messages: { output_config: { format: { type: 'json_schema', schema: WEATHER_SCHEMA } } },
} as const;
const BODIES = { chat: { messages }, responses: { input: GERMAN }, messages: { messages, max_tokens: 400 } } as const;

const FORMS = (['chat', 'responses', 'messages'] as const).flatMap((operation) =>
  [false, true].map((stream) => [operation, stream] as const),
);

describe.each(FORMS)('what a request comes to: %s, stream: %s', (operation, stream) => {
  it('is told with tokens, cost, length and language', async () => {
    const gateway = await simulated();
    const extra = operation === 'chat' && stream ? { stream_options: { include_usage: true } } : {};
    await postJson(`${gateway.url}${PATHS[operation]}`, { ...BODIES[operation], ...extra, stream, model: 'fast-v1' });
    const { result } = await gateway.observed(0);
    expect(result).toMatchObject({ error: false, truncated: false, refusal: false, language: 'de', key: 'anonymous' });
    const { inputTokens, outputTokens, costUsd, outputChars, latencyMs } = result!;
    expect(outputTokens).toBeGreaterThan(5);
    expect(outputChars).toBeGreaterThan(outputTokens!);
    expect(costUsd).toBeCloseTo(inputTokens! + 2 * outputTokens!, 6);
    expect(latencyMs).toBeGreaterThan(0);
    expect('ttftMs' in result!).toBe(stream);
  });

  it('is a refusal, or broken JSON, by the reply itself', async () => {
    const gateway = await simulated();
    const asked = { ...BODIES[operation], ...FORMATS[operation], stream };
    const url = `${gateway.url}${PATHS[operation]}`;
    await postJson(url, { ...BODIES[operation], stream, model: 'refuser' });
    await postJson(url, { ...asked, model: 'fast-v1' });
    await postJson(url, { ...asked, model: 'breaker' });
    expect((await gateway.observed(0)).result).toMatchObject({ refusal: true });
    expect((await gateway.observed(1)).result).toMatchObject({ refusal: false, invalidJson: false });
    expect((await gateway.observed(2)).result).toMatchObject({ refusal: false, invalidJson: true });
  });

  it('is an error where the provider fails, and has no facts then', async () => {
    const gateway = await simulated();
    const url = `${gateway.url}${PATHS[operation]}`;
    await postJson(url, { ...BODIES[operation], stream, model: 'broken' });
    expect((await gateway.observed(0)).result).toMatchObject({ error: true });
    expect((await gateway.observed(0)).result).not.toHaveProperty('refusal');
  });
});

describe('what a request comes to', () => {
  it('is judged by what the provider sent, before redaction', async () => {
    const upstream = await startFakeUpstream((call) => answerChat(call, '{"mail":"ada@example.com"}'));
    const gateway = await startObservedGateway({
      providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
      models: { m: { provider: 'up' } },
      redaction: { emails: 'mask' },
    });
    const schema = { type: 'object', properties: { mail: { const: 'ada@example.com' } } };
    const format = { type: 'json_schema', json_schema: { name: 'a', schema } };
    const reply = await postJson(`${gateway.url}${PATHS.chat}`, { model: 'm', messages, response_format: format });
    expect(reply.text).not.toContain('ada@');
    expect((await gateway.observed(0)).result).toMatchObject({ invalidJson: false, outputChars: 26 });
  });

  it('is nothing for a request that the gateway refused or whose client left', async () => {
    const upstream = await startFakeUpstream(({ outgoing }) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"choices":[]}\n\n');
    });
    const gateway = await startObservedGateway({
      providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
      models: { m: { provider: 'up' } },
    });
    await postJson(`${gateway.url}${PATHS.chat}`, { model: 'unknown', messages });
    expect((await gateway.observed(0)).result).toBeNull();
    const body = JSON.stringify({ model: 'm', messages, stream: true });
    const headers = { 'content-type': 'application/json' };
    (await openExchange(`${gateway.url}${PATHS.chat}`, { body, headers })).destroy();
    expect(await gateway.observed(1)).toMatchObject({ result: null, exchange: { outcome: 'cancelled' } });
  });

  it.each([
    ['before an answer', {}, () => {}, true],
    [
      'before the first output of a stream',
      { stream: true },
      (reply: ServerResponse) =>
        reply.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"choices":[]}\n\n'),
      true,
    ],
    [
      'in the middle of a stream',
      { stream: true },
      (reply: ServerResponse) =>
        reply
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .write('data: {"choices":[{"index":0,"delta":{"content":"By"}}]}\n\n'),
      false,
    ],
  ])('tells of a caller who left %s', async (_, asked, answer, isUnanswered) => {
    const asking = Promise.withResolvers<void>();
    const upstream = await startFakeUpstream(({ outgoing }) => {
      answer(outgoing);
      asking.resolve();
    });
    const gateway = await startObservedGateway({
      providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
      models: { m: { provider: 'up' } },
    });
    const body = JSON.stringify({ model: 'm', messages, ...asked });
    const call = request(`${gateway.url}${PATHS.chat}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    call.on('error', () => {});
    // What has come of a stream is read before the caller goes.
    call.on('response', (reply) => reply.once('data', () => call.destroy()));
    call.end(body);
    await asking.promise;
    if (!('stream' in asked)) call.destroy();
    const { exchange } = await gateway.observed(0);
    expect([exchange.outcome, exchange.isUnanswered]).toEqual(['cancelled', isUnanswered]);
  });

  it('is an error where the provider is not there', async () => {
    const gateway = await simulated();
    await postJson(`${gateway.url}${PATHS.chat}`, { messages, model: 'gone' });
    expect((await gateway.observed(0)).result).toMatchObject({ error: true, truncated: false });
  });

  it('takes the fault of a caller for no error of the arm', async () => {
    const upstream = await startFakeUpstream((call) => answerJson(call, { error: { message: 'No.' } }, 400));
    const gateway = await startObservedGateway({
      providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
      models: { m: { provider: 'up' } },
    });
    await postJson(`${gateway.url}${PATHS.chat}`, { model: 'm', messages });
    expect((await gateway.observed(0)).result).toMatchObject({ error: false });
  });
});

describe('a request that its fallback has served', () => {
  it('says which one did, whoever it counts for', async () => {
    const gateway = await simulated({
      models: { chat: { target: 'sim/fast-v1', fallbacks: ['sim/fast-v0'] }, '*': { provider: 'sim' } },
      rollouts: [{ name: 'next', match: { model: 'chat' }, canary: { target: 'sim/broken' }, steps: ['50%', '100%'] }],
    });
    const arms = new Set<string>();
    for (let request = 0; arms.size < 2 || request < 4; request++) {
      await postJson(`${gateway.url}${PATHS.chat}`, { model: 'chat', messages, user: `user-${request}` });
      const { exchange, result } = await gateway.observed(request);
      arms.add(exchange.arm);
      expect([result!.error, result!.fallback]).toEqual([false, exchange.arm === 'canary' ? 'sim/fast-v0' : undefined]);
    }
  });
});
