import { describe, expect, it } from 'vitest';
import {
  answerChat,
  answerJson,
  closedPort,
  startFakeUpstream,
  type FakeUpstream,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { openExchange, postJson } from '../support/http-client.ts';
import { startObservedGateway, type ObservedGateway } from '../support/observed-gateway.ts';

const CHAT = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'Where is the river?' }];
const PRICES = { prices: { 'candidate/new': { input: 2, output: 10 } } };

interface Setup {
  readonly gateway: ObservedGateway;
  readonly primary: FakeUpstream;
  readonly candidate: FakeUpstream;
}

/** A provider, and a candidate that gets a copy of every request. */
async function shadowed({
  answer = answerChat,
  answerCopy = answerChat,
  shadow = {},
  provider = {},
  type = 'openai',
  settings = {},
}: {
  readonly answer?: UpstreamHandler;
  readonly answerCopy?: UpstreamHandler;
  readonly shadow?: object;
  readonly provider?: object;
  readonly type?: 'openai' | 'anthropic';
  readonly settings?: object;
} = {}): Promise<Setup> {
  const [primary, candidate] = [await startFakeUpstream(answer), await startFakeUpstream(answerCopy)];
  const path = type === 'openai' ? '/v1' : '';
  const gateway = await startObservedGateway({
    providers: {
      main: { type, baseUrl: `${primary.url}${path}`, apiKey: 'client' },
      candidate: { type, baseUrl: `${candidate.url}${path}`, apiKey: 'sk-candidate', ...provider },
    },
    models: { m: { target: 'main/old' } },
    upstream: { retries: { attempts: 0 } },
    rollouts: [{ name: 'try', match: { model: 'm' }, shadow: { target: 'candidate/new', ...shadow } }],
    ...PRICES,
    ...settings,
  });
  return { gateway, primary, candidate };
}

function chatCompletion(content: string) {
  return {
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 2 },
  };
}

describe('a copy for a shadow', () => {
  it('leaves after the last byte of the reply, whole and for its own model', async () => {
    const end = Promise.withResolvers<void>();
    const { gateway, candidate } = await shadowed({
      answer: async ({ outgoing }) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"By the bank."}}]}\n\n');
        await end.promise;
        outgoing.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
      },
    });
    const body = { model: 'm', stream: true, stream_options: { include_usage: true }, messages };
    const reply = await openExchange(`${gateway.url}${CHAT}`, { body: JSON.stringify(body) });
    expect(candidate.calls).toHaveLength(0);
    end.resolve();
    reply.resume();
    const copy = await candidate.call(0);
    expect(JSON.parse(copy.body.toString())).toEqual({ model: 'new', stream: false, messages });
    expect(await gateway.copies.counted(1)).toEqual(['ok']);
    const { exchange } = await gateway.observed(0);
    expect(gateway.copies.pairs).toMatchObject([
      {
        rollout: 'try',
        epoch: 1,
        primary: { requestId: exchange.id, model: 'old', error: false, refusal: false, finishReason: 'stop' },
        shadow: {
          requestId: `${exchange.id}-shadow`,
          model: 'new',
          error: false,
          refusal: false,
          finishReason: 'stop',
        },
      },
    ]);
    expect(gateway.copies.pairs[0]!.shadow.costUsd).toBeCloseTo((3 * 2 + 2 * 10) / 1e6, 12);
  });

  it('has the provider’s own key, and never what pays for or repeats the caller’s request', async () => {
    const { gateway, candidate, primary } = await shadowed();
    const headers = { authorization: 'Bearer sk-callers-own', 'idempotency-key': 'once', 'openai-beta': 'x' };
    await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages }, headers);
    const { headers: sent } = await candidate.call(0);
    expect(primary.calls[0]!.headers).toMatchObject(headers);
    expect(sent).toMatchObject({ authorization: 'Bearer sk-candidate', 'openai-beta': 'x' });
    expect(sent['idempotency-key']).toBeUndefined();
  });

  it('goes without a key to a provider that would take the caller’s', async () => {
    const { gateway, candidate } = await shadowed({ provider: { apiKey: 'client' } });
    await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages }, { authorization: 'Bearer sk-callers-own' });
    expect((await candidate.call(0)).headers.authorization).toBeUndefined();
  });

  it('is redacted as the request is', async () => {
    const { gateway, candidate } = await shadowed({ settings: { redaction: { emails: { request: 'mask' } } } });
    await postJson(`${gateway.url}${CHAT}`, {
      model: 'm',
      messages: [{ role: 'user', content: 'Ask ada@example.com' }],
    });
    const { body } = await candidate.call(0);
    expect(body.toString()).toContain('Ask ');
    expect(body.toString()).not.toContain('ada@example.com');
  });

  it.each([
    ['openai', '/v1/chat/completions', { messages }],
    ['openai', '/v1/completions', { prompt: 'x' }],
    ['openai', '/v1/responses', { input: 'x' }],
    ['openai', '/v1/embeddings', { input: 'x' }],
    ['openai', '/v1/moderations', { input: 'x' }],
    ['anthropic', '/v1/messages', { messages, max_tokens: 9 }],
    ['anthropic', '/v1/messages/count_tokens', { messages }],
  ] as const)('is made of %s requests to %s', async (type, path, body) => {
    const { gateway, candidate } = await shadowed({
      type,
      answer: (call) => answerJson(call, { usage: { input_tokens: 4 } }),
      answerCopy: (call) => answerJson(call, { usage: { input_tokens: 5 } }),
    });
    await postJson(`${gateway.url}${path}`, { model: 'm', ...body });
    const copy = await candidate.call(0);
    expect(copy.url).toBe(path);
    const store = path.endsWith('/responses') ? { store: false } : {};
    expect(JSON.parse(copy.body.toString())).toEqual({ model: 'new', ...body, ...store });
    expect(await gateway.copies.counted(1)).toEqual(['ok']);
    expect(gateway.copies.pairs).toMatchObject([{ primary: { inputTokens: 4 }, shadow: { inputTokens: 5 } }]);
  });

  it('is not made of what the provider itself would act on', async () => {
    const { gateway, candidate } = await shadowed({ answer: (call) => answerJson(call, { status: 'completed' }) });
    const reply = await postJson(`${gateway.url}/v1/responses`, { model: 'm', input: 'x', tools: [{ type: 'mcp' }] });
    expect(reply.status).toBe(200);
    expect(await gateway.copies.counted(1)).toEqual(['skipped_tools']);
    expect(candidate.calls).toHaveLength(0);
  });

  it('is not made for a candidate whose protocol has no words for the request', async () => {
    const { gateway } = await shadowed({ provider: { type: 'anthropic' } });
    await postJson(`${gateway.url}/v1/embeddings`, { model: 'm', input: 'x' });
    expect(await gateway.copies.counted(1)).toEqual(['skipped_endpoint']);
  });
});

describe('what a pair tells', () => {
  it('are the facts of both replies, each by its own words', async () => {
    const { gateway } = await shadowed({
      answer: (call) => answerJson(call, chatCompletion('{"river": "left"}')),
      answerCopy: (call) => answerJson(call, chatCompletion('I’m sorry, but I can’t help with that.')),
    });
    await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages, response_format: { type: 'json_object' } });
    await gateway.copies.counted(1);
    expect(gateway.copies.pairs).toMatchObject([
      { primary: { refusal: false, invalidJson: false }, shadow: { refusal: true, invalidJson: true } },
    ]);
  });

  it('is the failure of the provider as well, and whether the candidate could have served', async () => {
    const { gateway } = await shadowed({ answer: (call) => answerJson(call, { error: { message: 'no' } }, 500) });
    const reply = await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages });
    expect(reply.status).toBe(500);
    expect(await gateway.copies.counted(1)).toEqual(['ok']);
    expect(gateway.copies.pairs).toMatchObject([{ primary: { error: true }, shadow: { error: false } }]);
  });

  it.each([
    ['says 500', (call) => answerJson(call, { error: {} }, 500)],
    ['refuses what the provider took', (call) => answerJson(call, { error: {} }, 400)],
    [
      'breaks off',
      ({ outgoing }) => void outgoing.writeHead(200, { 'content-length': '99' }).write('{', () => outgoing.destroy()),
    ],
    ['sends a page', ({ outgoing }) => void outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<p>')],
    ['points elsewhere', ({ outgoing }) => void outgoing.writeHead(302, { location: '/' }).end()],
  ] as const satisfies readonly (readonly [string, UpstreamHandler])[])(
    'is an error of a candidate that %s; the client sees nothing of it',
    async (_, answerCopy) => {
      const { gateway } = await shadowed({ answerCopy });
      const reply = await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages });
      expect(reply.status).toBe(200);
      expect(await gateway.copies.counted(1)).toEqual(['error']);
      expect(gateway.copies.pairs).toMatchObject([{ primary: { error: false }, shadow: { error: true } }]);
    },
  );

  it('is an error of a candidate that is not there, which costs nothing', async () => {
    const baseUrl = `http://127.0.0.1:${await closedPort()}/v1`;
    const { gateway } = await shadowed({ provider: { baseUrl }, shadow: { budget: '1 USD/day' } });
    await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages });
    expect(await gateway.copies.counted(1)).toEqual(['error']);
    expect(gateway.copies.costs).toEqual([0]);
  });

  it('is nothing where the request itself was at fault', async () => {
    const { gateway, candidate } = await shadowed({
      answer: (call) => (call.body.includes('wrong') ? answerJson(call, { error: {} }, 400) : answerChat(call)),
    });
    await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages, user: 'wrong' });
    await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages, user: 'right' });
    expect(await gateway.copies.counted(1)).toEqual(['ok']);
    expect(candidate.calls.map(({ body }) => body.includes('right'))).toEqual([true]);
  });

  it('is nothing where the client left', async () => {
    const { gateway, candidate } = await shadowed({
      answer: (call) => {
        if (call.body.includes('patient')) return answerChat(call);
        call.outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        call.outgoing.write('data: {"choices":[]}\n\n');
      },
    });
    const body = JSON.stringify({ model: 'm', stream: true, messages });
    const reply = await openExchange(`${gateway.url}${CHAT}`, { body });
    reply.on('error', () => {}).destroy();
    const { result } = await gateway.observed(0);
    expect(result).toBeNull();
    await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages, user: 'patient' });
    expect(await gateway.copies.counted(1)).toEqual(['ok']);
    expect(candidate.calls.map(({ body: copied }) => copied.includes('patient'))).toEqual([true]);
  });
});

describe('a shadow makes way', () => {
  it('where its provider has all of its connections in use', async () => {
    const release = Promise.withResolvers<void>();
    const { gateway, candidate } = await shadowed({
      provider: { maxConnections: 1 },
      answerCopy: async (call) => {
        await release.promise;
        answerChat(call);
      },
    });
    await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages });
    await candidate.call(0);
    await postJson(`${gateway.url}${CHAT}`, { model: 'm', messages });
    expect(await gateway.copies.counted(1)).toEqual(['dropped']);
    release.resolve();
    expect(await gateway.copies.counted(2)).toEqual(['dropped', 'ok']);
  });

  it('where its candidate’s circuit is open, which copies do not open', async () => {
    const { gateway, candidate } = await shadowed({
      settings: {
        models: { m: { target: 'main/old' }, direct: { target: 'candidate/new' } },
        upstream: { retries: { attempts: 0 }, circuitBreaker: { failures: 1, ejection: '1h' } },
      },
      answerCopy: (call) => answerJson(call, { error: {} }, 503),
    });
    const ask = (model: string) => postJson(`${gateway.url}${CHAT}`, { model, messages });
    await ask('m');
    await gateway.copies.counted(1);
    await ask('m');
    expect(await gateway.copies.counted(2)).toEqual(['error', 'error']);
    await ask('direct');
    expect(candidate.calls).toHaveLength(3);
    await ask('m');
    expect(await gateway.copies.counted(3)).toEqual(['error', 'error', 'circuit_open']);
    expect(candidate.calls).toHaveLength(3);
  });

  it('where its budget is spent', async () => {
    // A reply without usage is charged at its worst.
    const answerCopy: UpstreamHandler = (call) => answerJson(call, { ...chatCompletion('Yes.'), usage: null });
    const { gateway, candidate } = await shadowed({ answerCopy, shadow: { budget: '0.05 USD/day' } });
    const ask = () => postJson(`${gateway.url}${CHAT}`, { model: 'm', messages, max_tokens: 4_000 });
    await ask();
    await gateway.copies.counted(1);
    await ask();
    expect(await gateway.copies.counted(2)).toEqual(['ok', 'over_budget']);
    expect(candidate.calls).toHaveLength(1);
  });
});
