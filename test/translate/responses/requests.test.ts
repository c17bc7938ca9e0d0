import { describe, expect, it } from 'vitest';
import type { Conversation, Part } from '../../../src/translate/conversation.ts';
import { responsesFormat } from '../../../src/translate/responses/format.ts';
import { EMPTY, written } from '../support/openai.ts';

const read = (body: object): Conversation => responsesFormat.readRequest({ model: 'm', input: [], ...body });
const again = (body: object, model = 'm') => written(responsesFormat, read(body), model).body;
const assistant = (...parts: Part[]): Conversation => ({
  ...EMPTY,
  messages: [{ path: 'messages[0]', role: 'assistant', name: null, parts }],
});

const WHOLE = {
  model: 'm',
  input: [
    { role: 'developer', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'What is this?' },
        { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' },
        { type: 'input_image', file_id: 'file-1', detail: 'high' },
        { type: 'input_file', file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' },
        { type: 'input_file', file_url: 'https://files.example/a.pdf' },
      ],
    },
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'e1' },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Let me see.', annotations: [] }] },
    { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' },
    { type: 'custom_tool_call', call_id: 'c2', name: 'sql', input: 'select 1' },
    {
      type: 'function_call_output',
      call_id: 'c1',
      output: [
        { type: 'input_text', text: 'a' },
        { type: 'input_text', text: 'b' },
      ],
    },
    { type: 'custom_tool_call_output', call_id: 'c2', output: '1' },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
    { role: 'system', content: 'Hurry.' },
    { role: 'user', content: 'Well?' },
  ],
  tools: [
    { type: 'function', name: 'weather', description: 'W', parameters: { type: 'object' }, strict: true },
    { type: 'custom', name: 'sql', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
    { type: 'web_search' },
  ],
  tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'weather' }] },
  parallel_tool_calls: false,
  text: { format: { type: 'json_schema', name: 'out', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
  reasoning: { effort: 'high', summary: 'auto' },
  max_output_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  top_logprobs: 2,
  user: 'u1',
  store: true,
  metadata: { team: 'a' },
  truncation: 'auto',
  previous_response_id: 'resp_0',
  include: ['web_search_call.action.sources', 'message.output_text.logprobs', 'reasoning.encrypted_content'],
  stream: true,
};

describe('a request of a Responses client', () => {
  it('says the same when it is written again', () => {
    expect(again(WHOLE)).toEqual(WHOLE);
  });

  it('is one message for the items of one reply', () => {
    const { system, messages } = read({ ...WHOLE, instructions: 'Be kind.' });
    expect(system.map(({ role, text }) => [role, text])).toEqual([
      ['system', 'Be kind.'],
      ['developer', 'Be brief.'],
    ]);
    expect(messages.map(({ path, role, parts }) => [path, role, parts.map(({ kind }) => kind)])).toEqual([
      ['input[1]', 'user', ['text', 'image', 'image', 'file', 'file']],
      ['input[2]', 'assistant', ['thinking', 'text', 'tool_call', 'tool_call']],
      ['input[6]', 'user', ['tool_result']],
      ['input[7]', 'user', ['tool_result']],
      ['input[8]', 'assistant', ['foreign']],
      ['input[9]', 'system', ['text']],
      ['input[10]', 'user', ['text']],
    ]);
  });

  it('leaves out how the vendor labels its own items', () => {
    const item = {
      type: 'message',
      id: 'msg_1',
      status: 'completed',
      phase: 'commentary',
      role: 'assistant',
      content: 'a',
    };
    expect([...read({ input: [item] }).rest]).toEqual([]);
  });

  it('may be one text', () => {
    expect(read({ input: 'Hello' }).messages).toMatchObject([
      { role: 'user', parts: [{ kind: 'text', text: 'Hello' }] },
    ]);
  });

  it('opens the signatures that other vendors have given', () => {
    const { messages } = read({
      input: [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'sluice:messages:s1' },
        { type: 'reasoning', summary: [], encrypted_content: 'hidden:sluice:messages:d1' },
      ],
    });
    expect(messages[0]!.parts).toMatchObject([
      { kind: 'thinking', text: 'Hm', signature: { wire: 'messages', value: 's1' } },
      { kind: 'hidden_thinking', data: { wire: 'messages', value: 'd1' } },
    ]);
  });

  it('takes what asks for nothing for absent', () => {
    const { rest, output } = read({
      text: { format: { type: 'text' }, verbosity: 'medium' },
      truncation: 'disabled',
      background: false,
      include: ['reasoning.encrypted_content'],
      previous_response_id: null,
    });
    expect([[...rest], output]).toEqual([[], null]);
  });

  it('keeps what it has no place for by its path', () => {
    const { rest } = read({
      input: [{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{}', namespace: 'n' }],
      conversation: 'conv_1',
      tool_choice: { type: 'web_search_preview' },
    });
    expect(Object.fromEntries(rest)).toEqual({
      conversation: 'conv_1',
      'input[0].namespace': 'n',
      tool_choice: { type: 'web_search_preview' },
    });
  });

  it.each([
    [{ input: 7 }, 'input'],
    [{ input: [{ role: 'robot', content: 'a' }] }, 'input[0].role'],
    [{ input: [{ type: 'function_call', name: 'f' }] }, 'input[0].call_id'],
    [
      { input: [{ type: 'function_call_output', call_id: 'a', output: [{ type: 'refusal', refusal: 'n' }] }] },
      'input[0].output[0].type',
    ],
    [{ input: [{ role: 'user', content: [{ type: 'input_image' }] }] }, 'input[0].content[0]'],
    [{ text: { format: { type: 'xml' } } }, 'text.format.type'],
    [{ tools: [{}] }, 'tools[0].type'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ reasoning: 'high' }, 'reasoning'],
    [{ instructions: [] }, 'instructions'],
  ])('names what is malformed: %j', (body, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'invalid_request', details: { param } }));
  });
});

describe('a request to a Responses provider', () => {
  it('is not stored, and asks for thoughts that travel where the model has any', () => {
    expect(again({}, 'gpt-4o')).toEqual({ model: 'gpt-4o', input: [], store: false });
    for (const model of ['o3-mini', 'gpt-5.1-codex', 'openai/gpt-5']) {
      expect(again({}, model)['include']).toEqual(['reasoning.encrypted_content']);
    }
    expect(again({}, 'gpt-5-chat-latest')['include']).toBeUndefined();
  });

  it('says of every function whether it is strict: the default is not that of others', () => {
    const tool = {
      kind: 'function',
      name: 'f',
      description: null,
      parameters: null,
      strict: null,
      cache: null,
    } as const;
    expect(written(responsesFormat, { ...EMPTY, tools: [tool] }).body['tools']).toEqual([
      { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false },
    ]);
  });

  it('leaves out thoughts of others, and says so', () => {
    const thought: Part = { kind: 'thinking', text: 'Hm', signature: { wire: 'messages', value: 's' }, id: null };
    const { body, approximated } = written(responsesFormat, assistant(thought));
    expect([body['input'], approximated]).toEqual([[], ['messages[0] (thinking)']]);
  });

  it.each([
    [{ ...EMPTY, sampling: { ...EMPTY.sampling, stop: ['a'] } }, 'stop'],
    [{ ...EMPTY, sampling: { ...EMPTY.sampling, seed: 1 } }, 'seed'],
    [{ ...EMPTY, sampling: { ...EMPTY.sampling, choices: 2 } }, 'n'],
    [{ ...EMPTY, rest: new Map([['logit_bias', { a: 1 }]]) }, 'logit_bias'],
    [assistant({ kind: 'audio', data: '', format: 'wav' }), 'messages[0]'],
    [
      { ...EMPTY, tools: [{ kind: 'foreign', wire: 'messages', type: 'bash', path: 'tools[0]', value: {} }] },
      'tools[0]',
    ],
  ] as [Conversation, string][])('refuses what it has nothing for', (conversation, param) => {
    expect(() => written(responsesFormat, conversation)).toThrow(expect.objectContaining({ details: { param } }));
  });
});

describe('what another vendor’s words ask for', () => {
  it('is not sent where OpenAI has no word for it: thoughts that are not to be told', () => {
    const reasoning = { mode: 'on', effort: 'low', budgetTokens: null, summary: 'none' } as const;
    expect(written(responsesFormat, { ...EMPTY, reasoning }, 'm').body['reasoning']).toEqual({ effort: 'low' });
  });
});

it('an item that is only named is refused with a way out', () => {
  expect(() => read({ input: [{ type: 'item_reference', id: 'msg_1' }] })).toThrow(
    /"input\[0\]" names an item .* store: false/,
  );
});
