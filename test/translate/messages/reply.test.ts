import { describe, expect, it } from 'vitest';
import type { Completion, FinishReason } from '../../../src/translate/completion.ts';
import type { Part } from '../../../src/translate/conversation.ts';
import { messagesFormat } from '../../../src/translate/messages/format.ts';
import { call, CONTEXT, sdkBefore, text } from './support.ts';

const REPLY = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [{ type: 'text', text: 'Hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 10, output_tokens: 4 },
};

function completion(parts: readonly Part[], reason: FinishReason = 'stop', more: Partial<Completion> = {}): Completion {
  const finish = { reason, stopSequence: null, detail: null };
  return {
    id: null,
    model: null,
    createdAt: null,
    usage: null,
    serviceTier: null,
    choices: [{ parts, finish, logprobs: null }],
    ...more,
  };
}

describe('a reply of Anthropic', () => {
  it('is read in the order of its blocks', () => {
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} };
    const citation = { type: 'web_search_result_location', url: 'https://a.example', title: 'A', cited_text: 'q' };
    const { choices } = messagesFormat.readReply({
      ...REPLY,
      content: [
        { type: 'thinking', thinking: 'Hm', signature: 's' },
        { type: 'redacted_thinking', data: 'd' },
        search,
        { type: 'text', text: 'So', citations: [citation] },
        { type: 'tool_use', id: 't', name: 'f', input: { x: 1 } },
        { type: 'tool_use', id: 'u', name: 'g' },
      ],
    });
    expect(choices[0]?.parts).toEqual([
      { kind: 'thinking', text: 'Hm', signature: { wire: 'messages', value: 's' }, id: null },
      { kind: 'hidden_thinking', data: { wire: 'messages', value: 'd' } },
      { kind: 'foreign', wire: 'messages', type: 'server_tool_use', value: search },
      {
        ...text('So'),
        citations: [
          {
            url: 'https://a.example',
            title: 'A',
            quote: 'q',
            start: null,
            end: null,
            value: citation,
            wire: 'messages',
          },
        ],
      },
      call('t', 'f', '{"x":1}'),
      call('u', 'g'),
    ]);
  });

  it('counts what was cached to its input', () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 20,
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 5 },
      service_tier: 'standard',
    };
    expect(messagesFormat.readReply({ ...REPLY, usage })).toMatchObject({
      id: 'msg_1',
      model: 'claude-sonnet-4-5',
      serviceTier: 'standard',
      usage: { input: 130, cacheRead: 100, cacheWrite: 20, output: 7, reasoning: 5 },
    });
  });

  it('tells why it ended, and what was met or said', () => {
    const ended = (more: object): unknown => messagesFormat.readReply({ ...REPLY, ...more }).choices[0]?.finish;
    expect(ended({ stop_reason: 'stop_sequence', stop_sequence: 'END' })).toEqual({
      reason: 'stop_sequence',
      stopSequence: 'END',
      detail: 'stop_sequence',
    });
    const stop_details = { type: 'refusal', category: 'bio', explanation: 'Not that' };
    expect(ended({ stop_reason: 'refusal', stop_details })).toMatchObject({ reason: 'refusal', detail: 'Not that' });
  });

  it.each([[null], ['x'], [{}], [{ content: 'x' }]])('that is none is an error: %j', (body) => {
    expect(() => messagesFormat.readReply(body)).toThrow('no message');
  });
});

describe('an error of Anthropic', () => {
  it('has its type and message, whatever else the body is', () => {
    const body = JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'Busy' } });
    expect(messagesFormat.readError(529, body)).toEqual({ status: 529, message: 'Busy', type: 'overloaded_error' });
    expect(messagesFormat.readError(502, '<html>')).toEqual({
      status: 502,
      message: 'The provider answered 502.',
      type: null,
    });
    expect(messagesFormat.readError(500, 'down')).toMatchObject({ message: 'The provider answered 500. down' });
  });
});

describe('a reply for clients of Anthropic', () => {
  it('is a message to the official SDK', async () => {
    const body = messagesFormat.writeReply(
      completion(
        [
          { kind: 'thinking', text: 'Hm', signature: { wire: 'responses', value: 'enc' }, id: 'rs_1' },
          { kind: 'hidden_thinking', data: { wire: 'messages', value: 'own' } },
          text('Hello'),
          text(''),
          call('call_1', 'f', '{"x":1}'),
          call('call_2', 'g', '{"x":'),
          call('call_3', 'h', ''),
          { kind: 'foreign', wire: 'responses', type: 'web_search_call', value: {} },
        ],
        'tool_calls',
        { usage: { input: 130, cacheRead: 100, cacheWrite: 20, output: 7, reasoning: null } },
      ),
      CONTEXT,
    );
    const message = await sdkBefore(body as object).messages.create({ model: 'fast', max_tokens: 5, messages: [] });
    expect(message.content).toEqual([
      { type: 'thinking', thinking: 'Hm', signature: 'sluice:responses:enc' },
      { type: 'redacted_thinking', data: 'own' },
      { type: 'text', text: 'Hello', citations: null },
      { type: 'tool_use', id: 'call_1', name: 'f', input: { x: 1 }, caller: { type: 'direct' } },
      { type: 'tool_use', id: 'call_2', name: 'g', input: { INVALID_JSON: '{"x":' }, caller: { type: 'direct' } },
      { type: 'tool_use', id: 'call_3', name: 'h', input: {}, caller: { type: 'direct' } },
    ]);
    expect(message).toMatchObject({ id: 'msg_abc123', model: 'fast', role: 'assistant', stop_reason: 'tool_use' });
    expect(message.usage).toMatchObject({
      input_tokens: 10,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 20,
      output_tokens: 7,
    });
  });

  it.each<[FinishReason, string]>([
    ['stop', 'end_turn'],
    ['stop_sequence', 'stop_sequence'],
    ['length', 'max_tokens'],
    ['context_window', 'model_context_window_exceeded'],
    ['tool_calls', 'tool_use'],
    ['content_filter', 'refusal'],
    ['refusal', 'refusal'],
    ['pause', 'pause_turn'],
  ])('that ends by %s stops by %s', (reason, word) => {
    expect(messagesFormat.writeReply(completion([], reason), CONTEXT)).toMatchObject({ stop_reason: word });
  });

  it('says what was refused', () => {
    expect(messagesFormat.writeReply(completion([{ kind: 'refusal', text: 'No.' }], 'refusal'), CONTEXT)).toMatchObject(
      {
        content: [{ type: 'text', text: 'No.' }],
        stop_details: { type: 'refusal', category: null, explanation: 'No.' },
      },
    );
  });

  it('that the provider broke off is an error', () => {
    expect(() => messagesFormat.writeReply(completion([], 'error'), CONTEXT)).toThrow('broke the reply off');
  });

  it.each([
    [400, null, 'invalid_request_error'],
    [422, null, 'invalid_request_error'],
    [429, 'insufficient_quota', 'rate_limit_error'],
    [503, null, 'overloaded_error'],
    [529, 'overloaded_error', 'overloaded_error'],
    [502, null, 'api_error'],
    [400, 'billing_error', 'billing_error'],
  ])('with the status %i and the type %s is of the type %s', (status, type, word) => {
    expect(messagesFormat.writeError({ status, message: 'm', type })).toEqual({
      type: 'error',
      error: { type: word, message: 'm' },
      request_id: null,
    });
  });
});
