import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  answerChat,
  closedPort,
  startFakeUpstream,
  type FakeUpstream,
  type UpstreamCall,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { exchange, postJson, type HttpReply } from '../support/http-client.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';
import { answers, chatEvents, claudeEvents, claudeReply, stalls, streams } from '../support/vendor-replies.ts';

const EMAIL = 'ada.lovelace@example.com';
const OWN_KEY = 'provider-key-0123456789';
const SECRET = 'sk-app';
/** US dollars per million tokens. */
const PRICE = { input: 100, output: 1000 };
const LONG = 'Words that go on. '.repeat(40);

interface Setup {
  readonly gateway: TestGateway;
  /** Serves Anthropic's and OpenAI's paths. */
  readonly upstream: FakeUpstream;
}

async function setup(handler: UpstreamHandler, settings: TestConfig = {}): Promise<Setup> {
  const upstream = await startFakeUpstream(handler);
  const gateway = await startTestGateway({
    providers: {
      claude: { type: 'anthropic', baseUrl: upstream.url, apiKey: OWN_KEY },
      gpt: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: OWN_KEY },
      dead: { type: 'openai', baseUrl: `http://127.0.0.1:${await closedPort()}/v1` },
    },
    models: {
      claude: { target: 'claude/claude-haiku-4-5' },
      gpt: { target: 'gpt/gpt-5.1' },
      both: { target: 'claude/claude-haiku-4-5', fallbacks: ['gpt/gpt-5.1'] },
      doomed: { target: 'claude/claude-haiku-4-5', fallbacks: ['dead/gpt-5.1'] },
      other: { target: 'gpt/gpt-5.1', fallbacks: ['claude/claude-haiku-4-5', 'gpt/gpt-5.2'] },
    },
    keys: [{ name: 'app', secret: SECRET }],
    prices: { 'claude/*': PRICE, 'gpt/*': PRICE },
    upstream: { retries: { attempts: 0 } },
    ...settings,
  });
  return { gateway, upstream };
}

const gpt = (call: UpstreamCall): void => answerChat(call, 'GPT');
const HEADERS = { authorization: `Bearer ${SECRET}` };

const chat = ({ gateway }: Setup, more: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  postJson(
    `${gateway.url}/v1/chat/completions`,
    { model: 'claude', messages: [{ role: 'user', content: 'Hello' }], ...more },
    { ...HEADERS, ...headers },
  );

const messages = ({ gateway }: Setup, more: object = {}) =>
  postJson(
    `${gateway.url}/v1/messages`,
    { model: 'gpt', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }], ...more },
    HEADERS,
  );

const bodyOf = (call: UpstreamCall | undefined) => JSON.parse(call!.body.toString()) as Record<string, unknown>;
const errorOf = (reply: HttpReply) => (reply.json() as { error: Record<string, unknown> }).error;
const contentOf = (reply: HttpReply): string =>
  (reply.json() as { choices: { message: { content: string } }[] }).choices[0]!.message.content;

/** All that a chat stream says. */
function toldBy({ text }: HttpReply): string {
  return [...text.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, json]) => JSON.parse(json!) as string).join('');
}

test('a chat reaches Anthropic in its own words, and the header names what only stands near', async () => {
  const run = await setup(answers(claudeReply({ texts: ['Good day'] }), 200, { 'request-id': 'req_1' }));
  const reply = await chat(run, { temperature: 1.5 }, { 'openai-beta': 'x', 'x-client-request-id': 'mine' });
  expect(contentOf(reply)).toBe('Good day');
  expect(reply.headers).toMatchObject({
    'content-type': 'application/json',
    'x-sluice-translated': 'chat-messages, temperature',
    'request-id': 'req_1',
    'x-request-id': 'req_1',
  });
  const [call] = run.upstream.calls;
  expect(call!.url).toBe('/v1/messages');
  expect(call!.headers).toMatchObject({ 'x-api-key': OWN_KEY, 'anthropic-version': '2023-06-01' });
  expect(call!.headers['openai-beta']).toBeUndefined();
  expect(bodyOf(call)).toMatchObject({ model: 'claude-haiku-4-5', temperature: 1, messages: [{ role: 'user' }] });
});

test('of very many names the header tells the number', async () => {
  const run = await setup(answers(claudeReply({ texts: ['x'] })));
  const thought = (i: number) => ({ role: 'assistant', content: `${i}`, reasoning_content: 'of another vendor' });
  const asked = [...Array.from({ length: 40 }, (_, i) => thought(i)), { role: 'user', content: 'So?' }];
  const header = String((await chat(run, { messages: asked })).headers['x-sluice-translated']);
  expect(header).toMatch(/^chat-messages, messages\[0\] \(thinking\), .*, and 8 more$/);
  expect(header.split(', ')).toHaveLength(34);
});

test('what the provider cannot say is a 400 that names the field, and nothing is sent', async () => {
  const run = await setup(answers(claudeReply({ texts: ['x'] })));
  const reply = await chat(run, { logit_bias: { 50256: -100 } });
  expect(reply.status).toBe(400);
  expect(errorOf(reply)).toMatchObject({ param: 'logit_bias', code: 'invalid_request' });
  expect(run.upstream.calls).toHaveLength(0);
});

test.each([undefined, 'text/plain; charset=utf-8'])('a stream is one where its type is %s', async (type) => {
  const events = claudeEvents({ texts: ['He', 'llo'] });
  const run = await setup(({ outgoing }) => {
    outgoing.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(events.join(''));
  });
  const reply = await chat(run, { stream: true });
  expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(toldBy(reply)).toBe('Hello');
  expect(reply.text).toMatch(/\[DONE\]\n\n$/);
});

test('a native call through the same gateway is the bytes that came, there and back', async () => {
  const events = chatEvents({ texts: ['He', 'llo'] })
    .join('')
    .replaceAll('"delta"', '"delta" ');
  const run = await setup(streams([events]));
  const body = `{ "model":"gpt-5.1", "stream":true ,"messages":[{"role":"user","content":"Hello"}], "x":1.0}`;
  const reply = await exchange(`${run.gateway.url}/v1/chat/completions`, {
    body: body.replace('gpt-5.1', 'gpt'),
    headers: { ...HEADERS, 'content-type': 'application/json' },
  });
  expect(reply.text).toBe(events);
  expect(reply.headers['x-sluice-translated']).toBeUndefined();
  expect(run.upstream.calls[0]!.body.toString()).toBe(body);
});

test('values are replaced on their way out, and restored in whole replies and in streams', async () => {
  const placeholder = { redaction: { emails: 'placeholder' } };
  const echo: UpstreamHandler = (call) => {
    const sent = bodyOf(call) as unknown as { stream?: boolean; messages: { content: { text: string }[] | string }[] };
    const { content } = sent.messages[0]!;
    const text = typeof content === 'string' ? content : content[0]!.text;
    if (sent.stream === true) streams(claudeEvents({ texts: [...text] }))(call);
    else answers(claudeReply({ texts: [text] }))(call);
  };
  const run = await setup(echo, placeholder);
  const asked = { messages: [{ role: 'user', content: `Write to ${EMAIL} now` }] };
  expect(contentOf(await chat(run, asked))).toBe(`Write to ${EMAIL} now`);
  expect(toldBy(await chat(run, { ...asked, stream: true }))).toBe(`Write to ${EMAIL} now`);
  for (const { body } of run.upstream.calls) expect(body.toString()).not.toContain(EMAIL);
});

test('what the provider makes up is masked, also where events cut it', async () => {
  const texts = [...`Ask ${EMAIL}.`];
  const run = await setup(
    (call) =>
      call.body.includes('"stream":true')
        ? streams(claudeEvents({ texts }))(call)
        : answers(claudeReply({ texts }))(call),
    { redaction: { emails: { request: 'allow', response: 'mask' } } },
  );
  expect(contentOf(await chat(run))).not.toContain('lovelace');
  expect(toldBy(await chat(run, { stream: true }))).not.toContain('lovelace');
});

test('the gateway’s own key is cut out of errors and streams', async () => {
  const error = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: `no ${OWN_KEY}` } });
  const failing = await chat(await setup(answers(error, 401)));
  expect(failing.status).toBe(401);
  expect(failing.text).not.toContain(OWN_KEY);
  expect(errorOf(failing)).toMatchObject({ type: 'authentication_error' });
  const told = await chat(await setup(streams(claudeEvents({ texts: [`key ${OWN_KEY}`] }))), { stream: true });
  expect(told.text).toContain('[DONE]');
  expect(told.text).not.toContain(OWN_KEY);
});

test('a translated stream is paid for by its usage, which only those see who ask for it', async () => {
  const run = await setup(streams(claudeEvents({ texts: ['Hi'], input: 1000, output: 50 })), {
    keys: [{ name: 'app', secret: SECRET, budget: '100 USD/day' }],
  });
  const hidden = await chat(run, { stream: true });
  expect(hidden.text).not.toContain('"usage"');
  expect(hidden.text).toContain('[DONE]');
  const asked = await chat(run, { stream: true, stream_options: { include_usage: true } });
  expect(asked.text).toContain('"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":50');
  for (const entry of run.gateway.log.requests)
    expect(entry).toMatchObject({ inputTokens: 1000, outputTokens: 50, costUsd: 0.15, estimated: false });
});

test('what is kept for longer in Anthropic’s cache is told apart, as it costs more', async () => {
  const usage = {
    input_tokens: 100,
    cache_creation_input_tokens: 1000,
    cache_creation: { ephemeral_5m_input_tokens: 400, ephemeral_1h_input_tokens: 600 },
    output_tokens: 10,
  };
  const reply = JSON.stringify({ ...(JSON.parse(claudeReply({ texts: ['Hi'] })) as object), usage });
  const told = (await chat(await setup(answers(reply)))).json() as { usage: object };
  expect(told.usage).toMatchObject({
    prompt_tokens: 1100,
    prompt_tokens_details: { cache_write_tokens: 1000, cache_write_tokens_details: { ttl_12h_tokens: 600 } },
  });
});

test('usage that no provider told is estimated where a budget holds, not taken for zero', async () => {
  const run = await setup(streams(chatEvents({ texts: [LONG] }, false)), {
    keys: [{ name: 'app', secret: SECRET, budget: '100 USD/day' }],
  });
  const reply = await messages(run, { stream: true });
  expect(reply.text).toContain('event: message_stop');
  const entry = await run.gateway.log.request();
  expect(entry).toMatchObject({ outcome: 'success', estimated: true });
  expect(entry['outputTokens']).toBeGreaterThan(100);
  expect(entry['costUsd']).toBeGreaterThan(0.1);
});

test('without a budget usage that no provider told is none', async () => {
  const run = await setup(streams(chatEvents({ texts: ['Hi'] }, false)));
  await messages(run, { stream: true });
  expect(await run.gateway.log.request()).toMatchObject({ inputTokens: null, outputTokens: null, costUsd: null });
});

test('arms of a rollout may be at different vendors', async () => {
  const run = await setup(
    (call) => (call.url === '/v1/messages' ? answers(claudeReply({ texts: ['Claude'] }))(call) : gpt(call)),
    {
      keys: [{ name: 'app', secret: SECRET, allowArmOverride: true }],
      rollouts: [
        {
          name: 'move',
          match: { model: 'gpt' },
          canary: { target: 'claude/claude-haiku-4-5' },
          steps: ['50%', '100%'],
        },
      ],
    },
  );
  const asked = (arm: string) => chat(run, { model: 'gpt' }, { 'x-sluice-arm': arm });
  const [stable, canary] = [await asked('stable'), await asked('canary')];
  expect([contentOf(stable), contentOf(canary)]).toEqual(['GPT', 'Claude']);
  expect(stable.headers['x-sluice-translated']).toBeUndefined();
  expect(canary.headers).toMatchObject({ 'x-sluice-translated': 'chat-messages', 'x-sluice-arm': 'canary' });
});

test('a fallback may be at another vendor', async () => {
  const run = await setup(
    (call) =>
      call.url === '/v1/messages'
        ? answers('{"type":"error","error":{"type":"overloaded_error","message":"busy"}}', 529)(call)
        : gpt(call),
    { upstream: { retries: { attempts: 0, statuses: [529] } } },
  );
  const reply = await chat(run, { model: 'both' });
  expect(contentOf(reply)).toBe('GPT');
  expect(reply.headers['x-sluice-translated']).toBeUndefined();
});

test('a fallback that cannot say the request is passed over for the next', async () => {
  const run = await setup((call) =>
    call.body.includes('gpt-5.2') ? gpt(call) : answers('{"error":{"message":"down"}}', 503)(call),
  );
  const reply = await chat(run, { model: 'other', logit_bias: { 50256: -100 } });
  expect(contentOf(reply)).toBe('GPT');
  expect(run.upstream.calls.map(({ url }) => url)).toEqual(['/v1/chat/completions', '/v1/chat/completions']);
});

test('where all fail, the error that says most is told in the caller’s protocol, though it was compressed', async () => {
  const busy = gzipSync('{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}');
  const run = await setup(answers(busy, 429, { 'content-encoding': 'gzip', 'retry-after': '9' }), {
    upstream: { retries: { attempts: 0, statuses: [429] } },
  });
  const reply = await chat(run, { model: 'doomed' });
  expect(reply.status).toBe(429);
  expect(reply.headers['retry-after']).toBe('9');
  expect(reply.headers['content-encoding']).toBeUndefined();
  expect(errorOf(reply)).toMatchObject({ message: 'slow down', type: 'rate_limit_error' });
});

test('policies judge a translated reply by its own figures', async () => {
  const run = await setup(answers(claudeReply({ texts: ['Much'], output: 900 })), {
    policies: [{ name: 'short', when: 'response.output_tokens > 100', deny: 'Too long' }],
  });
  expect((await chat(run)).status).toBe(403);
});

test('a copy for a shadow goes to another vendor in its words', async () => {
  const run = await setup(
    (call) => (call.url === '/v1/messages' ? answers(claudeReply({ texts: ['Claude'] }))(call) : gpt(call)),
    { rollouts: [{ name: 'try', match: { model: 'gpt' }, shadow: { target: 'claude/claude-haiku-4-5' } }] },
  );
  expect(contentOf(await chat(run, { model: 'gpt' }))).toBe('GPT');
  const copy = await run.upstream.call(1);
  expect(copy.url).toBe('/v1/messages');
  expect(bodyOf(copy)).toMatchObject({ model: 'claude-haiku-4-5' });
});

test('a stream that falls silent ends with an error in the caller’s protocol', async () => {
  const timeouts = { upstream: { retries: { attempts: 0 }, timeouts: { idle: '50ms' } } };
  const begun = claudeEvents({ texts: ['Hel'] }).slice(0, 3);
  const chatted = await chat(await setup(stalls(begun), timeouts), { stream: true });
  expect(toldBy(chatted)).toBe('Hel');
  expect(chatted.text).toMatch(/data: \{"error":\{[^\n]*"upstream_timeout"\}\}\n\n$/);
  const messaged = await messages(await setup(stalls(chatEvents({ texts: ['Hel'] }).slice(0, 1)), timeouts), {
    stream: true,
  });
  expect(messaged.text).toMatch(/event: error\ndata: \{"type":"error"[^\n]*\}\n\n$/);
});

test.each([
  [
    'an event over gateway.maxEventBytes',
    [...claudeEvents({ texts: ['Hel'] }).slice(0, 3), `event: x\ndata: ${'x'.repeat(9000)}`],
    { gateway: { maxEventBytes: '8KiB' } },
  ],
  ['an event that is not JSON', [...claudeEvents({ texts: ['Hel'] }).slice(0, 3), 'event: x\ndata: {"type":\n\n'], {}],
  ['an end before the end', claudeEvents({ texts: ['Hel'] }).slice(0, 3), {}],
  [
    'an error of the provider',
    [
      ...claudeEvents({ texts: ['Hel'] }).slice(0, 3),
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n',
    ],
    {},
  ],
])('%s is an error inside the stream, and nothing follows', async (_name, events, settings) => {
  const reply = await chat(await setup(streams(events), settings), { stream: true });
  expect(reply.text).toMatch(/data: \{"error":\{[^\n]*\}\}\n\n$/);
  expect(reply.text).not.toContain('[DONE]');
});

test('a reply that came compressed is read all the same', async () => {
  const run = await setup(answers(gzipSync(claudeReply({ texts: ['Zipped'] })), 200, { 'content-encoding': 'gzip' }));
  const reply = await chat(run);
  expect(contentOf(reply)).toBe('Zipped');
  expect(reply.headers['content-encoding']).toBeUndefined();
});

test.each([
  ['of another protocol', answers('{"object":"chat.completion","choices":[]}')],
  ['no JSON', answers('soon')],
  ['a page', answers('<html></html>', 200, { 'content-type': 'text/html' })],
  ['not compressed as it says', answers('{}', 200, { 'content-encoding': 'gzip' })],
])('a reply that is %s is a 502 in the caller’s protocol', async (_name, handler) => {
  const reply = await chat(await setup(handler));
  expect(reply.status).toBe(502);
  expect(errorOf(reply)).toMatchObject({ code: 'upstream_unavailable', type: 'server_error' });
});

test('tokens are not counted by a vendor of another protocol', async () => {
  const run = await setup(answers('{}'));
  const reply = await postJson(`${run.gateway.url}/v1/messages/count_tokens`, { model: 'gpt', messages: [] }, HEADERS);
  expect(reply.status).toBe(404);
  expect(reply.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  expect(run.upstream.calls).toHaveLength(0);
});

const LOOK = { tools: [{ type: 'function', name: 'look', parameters: { type: 'object' } }] };

const responses = ({ gateway }: Setup, more: object, secret = SECRET) =>
  postJson(`${gateway.url}/v1/responses`, { model: 'claude', ...LOOK, ...more }, { authorization: `Bearer ${secret}` });

test('an item that a reply told may be named instead of sent back, by the same caller only', async () => {
  const run = await setup(answers(claudeReply({ texts: ['I said it'] })), {
    keys: [
      { name: 'app', secret: SECRET },
      { name: 'spy', secret: 'sk-spy' },
    ],
  });
  const [first] = ((await responses(run, { input: 'Hello' })).json() as { output: { id: string }[] }).output;
  const input = [
    { role: 'user', content: 'Hello' },
    { type: 'item_reference', id: first!.id },
    { role: 'user', content: 'And?' },
  ];
  expect((await responses(run, { input })).status).toBe(200);
  expect(JSON.stringify(bodyOf(run.upstream.calls[1])['messages'])).toContain('I said it');
  const refused = await responses(run, { input }, 'sk-spy');
  expect(refused.status).toBe(400);
  expect(errorOf(refused)).toMatchObject({ param: 'input[1]' });
});

test('nothing is remembered of a reply that is not to be stored', async () => {
  const run = await setup(answers(claudeReply({ texts: ['I said it'] })));
  const reply = await responses(run, { input: 'Hello', store: false });
  const [first] = (reply.json() as { output: { id: string }[] }).output;
  expect((await responses(run, { input: [{ type: 'item_reference', id: first!.id }] })).status).toBe(400);
});

test('thoughts of Anthropic travel with a chat, and return as they were', async () => {
  const thinking = { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmVk' };
  const call = { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} };
  const usage = { input_tokens: 1, output_tokens: 1 };
  const run = await setup(
    answers(
      JSON.stringify({
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'c',
        content: [thinking, call],
        stop_reason: 'tool_use',
        usage,
      }),
    ),
  );
  const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];
  const asked = { messages: [{ role: 'user', content: 'Look' }], tools, reasoning_effort: 'low' };
  const { choices } = (await chat(run, asked)).json() as { choices: { message: object }[] };
  const { message } = choices[0]!;
  expect(message).toMatchObject({ reasoning_content: 'Hm.', thinking_blocks: [{ type: 'thinking', thinking: 'Hm.' }] });
  const result = { role: 'tool', tool_call_id: 'toolu_1', content: 'seen' };
  await chat(run, { ...asked, messages: [...asked.messages, message, result] });
  expect(bodyOf(run.upstream.calls[1])).toMatchObject({
    messages: [{}, { content: [thinking, { type: 'tool_use' }] }, {}],
  });
});
