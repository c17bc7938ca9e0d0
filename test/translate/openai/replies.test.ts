import { describe, expect, it } from 'vitest';
import type { Completion } from '../../../src/translate/completion.ts';
import type { Part } from '../../../src/translate/conversation.ts';
import { chatFormat } from '../../../src/translate/chat/format.ts';
import { responsesFormat } from '../../../src/translate/responses/format.ts';
import { CONTEXT, sdk } from '../support/openai.ts';

const text = (of: string): Part => ({ kind: 'text', text: of, citations: [], cache: null });
const call = (id: string, args: string): Part => ({
  kind: 'tool_call',
  id,
  name: 'weather',
  arguments: args,
  isCustom: false,
  cache: null,
});
const PARTS: readonly Part[] = [
  { kind: 'thinking', text: 'Hm', signature: { wire: 'messages', value: 's1' }, id: null },
  text('Let me '),
  text('see.'),
  call('a', '{"city":"Oslo"}'),
  call('', '{}'),
];
const completion = (parts: readonly Part[], more: Partial<Completion> = {}): Completion => ({
  id: 'id-1',
  model: 'model-1',
  createdAt: 5,
  choices: [{ parts, finish: { reason: 'tool_calls', stopSequence: null, detail: null }, logprobs: null }],
  usage: { input: 11, cacheRead: 5, cacheWrite: null, output: 7, reasoning: 3 },
  serviceTier: 'default',
  ...more,
});
const asJson = (value: unknown) => JSON.stringify(value);

describe('a whole reply for a chat client', () => {
  it('is read by the official SDK', async () => {
    const body = asJson(chatFormat.writeReply(completion(PARTS), CONTEXT));
    const reply = await sdk(body, 'application/json').chat.completions.create({ model: 'm', messages: [] });
    expect(reply).toMatchObject({
      id: 'id-1',
      object: 'chat.completion',
      created: 5,
      model: 'model-1',
      service_tier: 'default',
    });
    expect(reply.choices).toEqual([
      {
        index: 0,
        finish_reason: 'tool_calls',
        logprobs: null,
        message: {
          role: 'assistant',
          content: 'Let me see.',
          refusal: null,
          reasoning_content: 'Hm',
          thinking_blocks: [{ type: 'thinking', thinking: 'Hm', signature: 'sluice:messages:s1' }],
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
            { id: 'call_f00d_1', type: 'function', function: { name: 'weather', arguments: '{}' } },
          ],
        },
      },
    ]);
  });

  it('gives its thoughts back in the next request', () => {
    const reply = chatFormat.writeReply(completion(PARTS), CONTEXT) as { choices: { message: object }[] };
    const { messages } = chatFormat.readRequest({ model: 'm', messages: [reply.choices[0]!.message] });
    expect(messages[0]!.parts[0]).toEqual(PARTS[0]);
  });
});

describe('a whole reply for a Responses client', () => {
  it('is read by the official SDK', async () => {
    const body = asJson(responsesFormat.writeReply(completion(PARTS), CONTEXT));
    const reply = await sdk(body, 'application/json').responses.create({ model: 'm', input: 'a' });
    expect(reply).toMatchObject({ id: 'resp_f00d', status: 'completed', created_at: 5, output_text: 'Let me see.' });
    expect(reply.output).toMatchObject([
      { id: 'rs_f00d_0', type: 'reasoning', summary: [{ text: 'Hm' }], encrypted_content: 'sluice:messages:s1' },
      { id: 'msg_f00d_1', type: 'message', content: [{ text: 'Let me ' }, { text: 'see.' }] },
      { id: 'fc_f00d_2', type: 'function_call', call_id: 'a', arguments: '{"city":"Oslo"}' },
      { id: 'fc_f00d_3', type: 'function_call', call_id: 'call_f00d_1', arguments: '{}' },
    ]);
  });

  it('gives its thoughts, text and calls back in the next request', () => {
    const reply = responsesFormat.writeReply(completion(PARTS), CONTEXT) as { output: object[] };
    const { messages } = responsesFormat.readRequest({ model: 'm', input: reply.output });
    expect(messages.map(({ parts }) => parts.map(({ kind }) => kind))).toEqual([
      ['thinking', 'text', 'text', 'tool_call', 'tool_call'],
    ]);
    expect(messages[0]!.parts[0]).toMatchObject({ signature: { wire: 'messages', value: 's1' } });
  });

  it('repeats the request', () => {
    const conversation = responsesFormat.readRequest({
      model: 'm',
      input: 'a',
      instructions: 'Be kind.',
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: true }],
      metadata: { a: 'b' },
      max_output_tokens: 9,
    });
    expect(responsesFormat.writeReply(completion([]), { ...CONTEXT, conversation })).toMatchObject({
      instructions: 'Be kind.',
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: true }],
      metadata: { a: 'b' },
      max_output_tokens: 9,
      text: { format: { type: 'text' } },
    });
  });
});

describe('a whole reply of a chat provider', () => {
  const read = (message: object, more: object = {}) =>
    chatFormat.readReply({
      id: 'c',
      model: 'm',
      created: 5,
      choices: [{ index: 0, message, finish_reason: 'stop', ...more }],
    });

  it('says the same when it is written again', () => {
    const body = {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 5,
      model: 'm',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Hi',
            refusal: null,
            annotations: [
              {
                type: 'url_citation',
                url_citation: { start_index: 0, end_index: 2, title: 'A', url: 'https://a.example' },
              },
            ],
            tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'sql', input: 'select 1' } }],
          },
          logprobs: { content: [{ token: 'Hi', logprob: -1, bytes: null, top_logprobs: [] }], refusal: null },
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 9,
        completion_tokens: 2,
        total_tokens: 11,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
      service_tier: 'default',
    };
    expect(chatFormat.writeReply(chatFormat.readReply(body), CONTEXT)).toEqual(body);
  });

  it('is taken from servers with ways of their own', () => {
    const { choices } = read(
      { content: null, reasoning: 'Hm', tool_calls: [{ function: { name: 'f', arguments: {} } }] },
      { finish_reason: '' },
    );
    expect(choices[0]).toMatchObject({
      parts: [
        { kind: 'thinking', text: 'Hm', signature: { wire: 'chat', value: 'reasoning' } },
        { kind: 'tool_call', id: '', name: 'f', arguments: '{}' },
      ],
      finish: { reason: 'tool_calls' },
    });
    expect(
      read({
        content: [
          { type: 'thinking', thinking: [{ text: 'Hm' }] },
          { type: 'text', text: 'Yes' },
        ],
      }).choices[0]!.parts,
    ).toMatchObject([
      { kind: 'thinking', text: 'Hm' },
      { kind: 'text', text: 'Yes' },
    ]);
    expect(read({ content: 'a' }, { stop_reason: 'END' }).choices[0]!.finish).toMatchObject({
      reason: 'stop_sequence',
      stopSequence: 'END',
    });
  });

  it('is none without choices', () => {
    expect(() => chatFormat.readReply({ message: 'hello' })).toThrow('"choices"');
  });
});

describe('a whole reply of a Responses provider', () => {
  it('is read item by item', () => {
    const reply = responsesFormat.readReply({
      id: 'resp_1',
      status: 'completed',
      output: [
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'e' },
        { type: 'web_search_call', id: 'ws_1' },
        {
          type: 'message',
          content: [
            { type: 'output_text', text: 'Hi', annotations: [], logprobs: [{ token: 'Hi' }] },
            { type: 'refusal', refusal: 'No.' },
          ],
        },
        { type: 'function_call', call_id: 'a', name: 'f', arguments: '' },
      ],
      usage: {
        input_tokens: 9,
        output_tokens: 2,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens_details: { reasoning_tokens: 1 },
      },
    });
    expect(reply.choices[0]).toMatchObject({
      parts: [
        { kind: 'thinking', text: 'Hm', id: 'rs_1', signature: { wire: 'responses', value: 'e' } },
        { kind: 'foreign', type: 'web_search_call' },
        { kind: 'text', text: 'Hi' },
        { kind: 'refusal', text: 'No.' },
        { kind: 'tool_call', id: 'a', arguments: '{}' },
      ],
      finish: { reason: 'tool_calls' },
      logprobs: { content: [{ token: 'Hi' }] },
    });
    expect(reply.usage).toEqual({ input: 9, cacheRead: 4, cacheWrite: null, output: 2, reasoning: 1 });
  });

  it('is none without output', () => {
    expect(() => responsesFormat.readReply([])).toThrow('"output"');
  });
});

describe('an error', () => {
  it.each([
    [
      429,
      '{"error":{"message":"Slow.","type":"rate_limit_error","code":"rate_limit_exceeded"}}',
      'Slow.',
      'rate_limit_exceeded',
    ],
    [404, '{"error":"no such model"}', 'no such model', null],
    [
      422,
      '{"object":"error","message":"Bad.","type":"invalid_request_error","code":1700}',
      'Bad.',
      'invalid_request_error',
    ],
    [422, '{"detail":[{"msg":"bad"}]}', '[{"msg":"bad"}]', null],
    [502, '<html>Bad gateway</html>', 'The provider answered 502.', null],
    [500, 'upstream broke', 'The provider answered 500. upstream broke', null],
  ])('of status %d is read: %s', (status, body, message, type) => {
    expect(chatFormat.readError(status, body)).toEqual({ status, message, type });
  });

  it.each([
    [402, 'insufficient_quota'],
    [409, 'invalid_request_error'],
    [415, 'invalid_request_error'],
    [529, 'server_error'],
  ])('of status %d is written with the type %s', (status, type) => {
    expect(chatFormat.writeError({ status, message: 'm', type: null })).toMatchObject({ error: { type } });
  });

  it('is written so that the official SDK knows it', async () => {
    const body = asJson(chatFormat.writeError({ status: 429, message: 'Slow.', type: 'RESOURCE_EXHAUSTED' }));
    expect(JSON.parse(body)).toEqual({
      error: { message: 'Slow.', type: 'rate_limit_error', param: null, code: 'RESOURCE_EXHAUSTED' },
    });
  });
});
