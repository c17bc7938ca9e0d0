import { zodResponseFormat } from 'openai/helpers/zod';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { NOON, openai, post, simulator, user, weather, WEATHER_SCHEMA } from './support.ts';

const WEATHER_TOOL = { type: 'function', function: { name: 'get_weather', parameters: WEATHER_SCHEMA } } as const;

test('a buffered completion has the provider’s shape and a consistent usage', async () => {
  const client = openai(await simulator());
  const reply = await client.chat.completions.create({ model: 'fast-v1', messages: [user('Hello')] });
  expect(reply).toMatchObject({ object: 'chat.completion', model: 'fast-v1', created: NOON / 1000 });
  expect(reply.id).toMatch(/^chatcmpl-[0-9A-Za-z]{29}$/);
  expect(reply.system_fingerprint).toMatch(/^fp_[0-9a-f]{10}$/);
  const choice = reply.choices[0]!;
  expect(choice.finish_reason).toBe('stop');
  expect(reply.usage!.completion_tokens).toBe(Math.ceil(choice.message.content!.length / 4));
  expect(reply.usage!.total_tokens).toBe(reply.usage!.prompt_tokens + reply.usage!.completion_tokens);
});

test('a stream says what the buffered reply says, ends with [DONE] and gives its usage when asked', async () => {
  const sim = await simulator();
  const client = openai(sim);
  const request = { model: 'fast-v1', messages: [user('Hello')] };
  const buffered = await client.chat.completions.create(request);
  const stream = client.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
  const streamed = await stream.finalChatCompletion();
  expect(streamed.choices[0]!.message.content).toBe(buffered.choices[0]!.message.content);
  expect(streamed.usage).toEqual(buffered.usage);

  const raw = await (await post(sim, '/v1/chat/completions', { ...request, stream: true })).text();
  const events = raw.split('\n\n');
  expect(events.slice(-2)).toEqual(['data: [DONE]', '']);
  expect(raw).not.toContain('"usage"');
  expect(JSON.parse(events[0]!.slice('data: '.length))).toMatchObject({
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
  });
  expect(JSON.parse(events.at(-3)!.slice('data: '.length)).choices).toEqual([
    { index: 0, delta: {}, logprobs: null, finish_reason: 'stop' },
  ]);
});

test('usage is null on every chunk but the last, whose choices are empty', async () => {
  const sim = await simulator();
  const body = { model: 'm', messages: [user('Hi')], stream: true, stream_options: { include_usage: true } };
  const raw = await (await post(sim, '/v1/chat/completions', body)).text();
  const chunks = raw
    .split('\n\n')
    .slice(0, -2)
    .map((event) => JSON.parse(event.slice('data: '.length)));
  expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
});

test('obfuscation letters hide the length of each delta unless the request turns them off', async () => {
  const sim = await simulator();
  const body = { model: 'echo', messages: [user('Hello to the whole town')], stream: true };
  const raw = await (await post(sim, '/v1/chat/completions', body)).text();
  const deltas = [...raw.matchAll(/"content":"([^"]*)".*"obfuscation":"(\w+)"/g)];
  expect(deltas.length).toBeGreaterThan(5);
  expect(new Set(deltas.map(([, content, letters]) => content!.length + letters!.length))).toEqual(new Set([16]));
  const off = { ...body, stream_options: { include_obfuscation: false } };
  expect(await (await post(sim, '/v1/chat/completions', off)).text()).not.toContain('obfuscation');
});

test('the tool loop works: a call with valid arguments, then text after its result', async () => {
  const client = openai(await simulator());
  const runner = client.chat.completions.runTools({
    model: 'fast-v2',
    messages: [user('What is the weather?')],
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'weather',
          parameters: WEATHER_SCHEMA,
          parse: (text: string) => weather.parse(JSON.parse(text)),
          function: ({ city }: z.infer<typeof weather>) => `Sunny in ${city}`,
        },
      },
    ],
  });
  const calls: unknown[] = [];
  runner.on('functionToolCall', (call) => calls.push(call));
  expect(await runner.finalContent()).toMatch(/\w/);
  expect(calls).toHaveLength(1);
});

test('a streamed call gives its id and name once and its arguments in pieces', async () => {
  const client = openai(await simulator({ profiles: { many: { parallelToolCalls: 3 } } }));
  const stream = client.chat.completions.stream({ model: 'many', messages: [user('Hi')], tools: [WEATHER_TOOL] });
  const ids: unknown[] = [];
  stream.on('chunk', ({ choices }) =>
    ids.push(...(choices[0]?.delta.tool_calls ?? []).flatMap((call) => call.id ?? [])),
  );
  const { message, finish_reason: reason } = (await stream.finalChatCompletion()).choices[0]!;
  expect(reason).toBe('tool_calls');
  expect(message.content).toBeNull();
  expect(message.tool_calls).toHaveLength(3);
  expect(ids).toEqual(message.tool_calls!.map((call) => call.id));
  for (const call of message.tool_calls!) weather.parse(JSON.parse('function' in call ? call.function.arguments : ''));
});

test('tool_choice decides: none never calls, required and a named tool always do, even after a result', async () => {
  const client = openai(await simulator({ defaults: { toolCallRate: 0 } }));
  const other = {
    type: 'function',
    function: { name: 'other', parameters: { type: 'object', properties: {} } },
  } as const;
  const base = { model: 'm', messages: [user('Hi')], tools: [other, WEATHER_TOOL] };
  const ask = async (extra: object) =>
    (await client.chat.completions.create({ ...base, ...extra })).choices[0]!.message;
  expect((await ask({})).tool_calls).toBeUndefined();
  expect((await ask({ tool_choice: 'none' })).tool_calls).toBeUndefined();
  expect((await ask({ tool_choice: 'required' })).tool_calls).toHaveLength(1);
  const named = { type: 'function', function: { name: 'get_weather' } };
  expect((await ask({ tool_choice: named })).tool_calls).toMatchObject([{ function: { name: 'get_weather' } }]);
  const result = { role: 'tool', tool_call_id: 'call_1', content: 'done' };
  const messages = [user('Hi'), result];
  expect((await ask({ messages, tool_choice: 'required' })).tool_calls).toHaveLength(1);
});

test('parallel_tool_calls false keeps a turn to one call', async () => {
  const client = openai(await simulator({ defaults: { parallelToolCalls: 4 } }));
  const base = { model: 'm', messages: [user('Hi')], tools: [WEATHER_TOOL] };
  const many = await client.chat.completions.create(base);
  const single = await client.chat.completions.create({ ...base, parallel_tool_calls: false });
  expect(many.choices[0]!.message.tool_calls).toHaveLength(4);
  expect(single.choices[0]!.message.tool_calls).toHaveLength(1);
});

test('structured output parses by its schema, buffered and streamed', async () => {
  const client = openai(await simulator());
  const format = z.object({
    title: z.string(),
    tags: z.array(z.enum(['news', 'sport', 'arts'])),
    score: z.number(),
    author: z.object({ name: z.string(), age: z.int().nullable() }),
  });
  const request = { model: 'm', messages: [user('Hi')], response_format: zodResponseFormat(format, 'article') };
  const parsed = (await client.chat.completions.parse(request)).choices[0]!.message.parsed;
  expect(format.parse(parsed)).toEqual(parsed);
  const streamed = await client.chat.completions.stream(request).finalChatCompletion();
  expect(streamed.choices[0]!.message.parsed).toEqual(parsed);
});

test('json_object gives some JSON object, and invalidJsonRate breaks it off', async () => {
  const sim = await simulator();
  const client = openai(sim);
  const request = { model: 'm', messages: [user('Hi')], response_format: { type: 'json_object' as const } };
  const content = async () => (await client.chat.completions.create(request)).choices[0]!.message.content!;
  expect(JSON.parse(await content())).toBeTypeOf('object');
  sim.setProfile('m', { invalidJsonRate: 1 });
  const broken = await content();
  expect(() => JSON.parse(broken) as unknown).toThrow(SyntaxError);
});

test('a token limit ends the reply with length, a stop sequence before its first appearance', async () => {
  const client = openai(await simulator());
  const limited = await client.chat.completions.create({
    model: 'm',
    messages: [user('Hi')],
    max_completion_tokens: 5,
  });
  expect(limited.choices[0]!.finish_reason).toBe('length');
  expect(limited.usage!.completion_tokens).toBe(5);
  const stopped = await client.chat.completions.create({
    model: 'echo',
    messages: [user('one two three')],
    stop: ' two',
  });
  expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'one' } });
});

test('a refusal has its own field and ends by content_filter', async () => {
  const client = openai(await simulator());
  const request = { model: 'refuser', messages: [user('Hi')] };
  const buffered = (await client.chat.completions.create(request)).choices[0]!;
  expect(buffered).toMatchObject({ finish_reason: 'content_filter', message: { content: null } });
  expect(buffered.message.refusal).toMatch(/cannot help/);
  let streamed = '';
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
    streamed += chunk.choices[0]!.delta.refusal ?? '';
  }
  expect(streamed).toBe(buffered.message.refusal);
});

test('n gives so many different choices, mixed in the stream and billed together', async () => {
  const client = openai(await simulator());
  const request = { model: 'm', messages: [user('Hi')], n: 3 };
  const buffered = await client.chat.completions.create(request);
  const texts = buffered.choices.map((choice) => choice.message.content!);
  expect(new Set(texts).size).toBe(3);
  expect(buffered.usage!.completion_tokens).toBe(texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0));
  const streamed = await client.chat.completions.stream(request).finalChatCompletion();
  expect(streamed.choices.map((choice) => choice.message.content)).toEqual(texts);
});

test('echo repeats the last user message, echo-request the body as received', async () => {
  const sim = await simulator();
  const client = openai(sim);
  const parts = ['mail ', 'ann@example.com 🙂'].map((text) => ({ type: 'text' as const, text }));
  const messages = [
    user('before'),
    { role: 'assistant' as const, content: 'so' },
    { role: 'user' as const, content: parts },
  ];
  const echo = await client.chat.completions.create({ model: 'echo', messages });
  expect(echo.choices[0]!.message.content).toBe('mail ann@example.com 🙂');
  const body = '{"model": "echo-request",  "messages":[{"role":"user","content":"x"}]}';
  const reply = (await (await post(sim, '/v1/chat/completions', body)).json()) as { choices: { message: object }[] };
  expect(reply.choices[0]!.message).toMatchObject({ content: body });
});

test('an echoing model puts the echo into the arguments of a call that it is told to make', async () => {
  const client = openai(await simulator());
  const request = { model: 'echo', messages: [user('key-123')], tools: [WEATHER_TOOL] };
  expect((await client.chat.completions.create(request)).choices[0]!.message.content).toBe('key-123');
  const told = await client.chat.completions.create({ ...request, tool_choice: 'required' });
  const call = told.choices[0]!.message.tool_calls![0]!;
  expect(JSON.parse('function' in call ? call.function.arguments : '')).toMatchObject({ city: 'key-123' });
});

test('a profile’s language decides the words', async () => {
  const client = openai(await simulator({ profiles: { fr: { language: 'fr', refusalRate: 1 } } }));
  const reply = await client.chat.completions.create({ model: 'fr', messages: [user('Bonjour')] });
  expect(reply.choices[0]!.message.refusal).toMatch(/désolé/);
});
