import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/translate/conversation.ts';
import { messagesFormat } from '../../../src/translate/messages/format.ts';
import { call, functionTool, message, refusedField, result, text, write } from './support.ts';

const image = (mediaType = 'image/png'): Part => ({
  kind: 'image',
  source: { kind: 'base64', mediaType, data: 'AA==' },
  detail: null,
  cache: null,
});
const file = (mediaType: string, data: string): Part => ({
  kind: 'file',
  source: { kind: 'base64', mediaType, data },
  name: 'a',
  context: null,
  citations: false,
  cache: null,
});

function messagesOf(...messages: readonly ReturnType<typeof message>[]): unknown {
  return write({ messages }).body['messages'];
}

describe('a request to Anthropic', () => {
  it('goes to one path, streamed or not', () => {
    expect([messagesFormat.path('m', true), messagesFormat.path('m', false)]).toEqual(['/v1/messages', '/v1/messages']);
  });

  it('that needs a number of tokens says so in words of the client', () => {
    expect(() => write({}, 'my-model')).toThrow(
      '"the_maxTokens" is missing, which the Anthropic Messages API needs; say how many tokens a reply of "my-model" may have.',
    );
  });

  it('says as little as the client did', () => {
    expect(write({}, 'claude-sonnet-4-5').body).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 64_000,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    });
  });

  it.each([
    ['claude-opus-4-1-20250805', 32_000],
    ['claude-3-haiku-20240307', 4096],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 64_000],
    ['claude-opus-5-5', 128_000],
    ['claude-sonnet-4@20250514', 64_000],
  ])('to %s has as many tokens as that can write where the client does not say', (model, tokens) => {
    expect(write({}, model).body['max_tokens']).toBe(tokens);
  });

  it.each(['claude-opus-4-9', 'my-model', 'claude-next'])(
    'to %s, which is not known, is refused where the client does not say how many tokens',
    (model) => {
      expect(refusedField({}, model)).toBe('the_maxTokens');
      expect(write({ sampling: { maxTokens: 5 } }, model).body['max_tokens']).toBe(5);
    },
  );

  it('has no more tokens than the model can write', () => {
    const { body, approximated } = write({ sampling: { maxTokens: 100_000 } }, 'claude-3-opus-latest');
    expect([body['max_tokens'], approximated]).toEqual([4096, ['the_maxTokens']]);
  });

  it('has all instructions at the top, and tells that those in the middle moved', () => {
    const { body, approximated } = write({
      system: [{ role: 'developer', text: 'One', cache: { ttl: '5m' } }],
      messages: [message('user', 'Hi'), message('system', 'Two')],
    });
    expect(body['system']).toEqual([
      { type: 'text', text: 'One', cache_control: { type: 'ephemeral', ttl: '5m' } },
      { type: 'text', text: 'Two' },
    ]);
    expect(approximated).toEqual(['messages[system]']);
  });

  it('joins neighbours of one role, results of tools first', () => {
    const turns = messagesOf(
      message('user', 'Weather?'),
      message('assistant', call('a', 'f', '{"x":1}'), call('b', 'f', '')),
      message('user', 'Now'),
      message('user', result('a', 'sun')),
      message('user', result('b', '')),
    );
    expect(turns).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
          { type: 'tool_use', id: 'b', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'sun' },
          { type: 'tool_result', tool_use_id: 'b' },
          { type: 'text', text: 'Now' },
        ],
      },
    ]);
  });

  it('leaves out empty texts, and tells of those of white space', () => {
    const { body, approximated } = write({ messages: [message('user', '', 'a', ' \n')] });
    expect(body['messages']).toEqual([{ role: 'user', content: [{ type: 'text', text: 'a' }] }]);
    expect(approximated).toEqual(['messages[user] (white space)']);
  });

  it('without anything said is refused', () => {
    expect(refusedField({ messages: [message('user', '')] })).toBe('messages');
  });

  it('changes the ids of calls to letters that Anthropic takes, alike for call and result', () => {
    const turns = JSON.stringify(
      messagesOf(message('assistant', call('functions.f:0', 'f')), message('user', result('functions.f:0', 'x'))),
    );
    expect(turns.match(/functions_f_0_/g)).toHaveLength(2);
  });

  it('has images, PDFs and texts', () => {
    const csv = Buffer.from('a,é').toString('base64');
    const turns = messagesOf(message('user', image(), file('application/pdf', 'JVBE'), file('text/csv', csv)));
    expect(turns).toMatchObject([
      {
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' }, title: 'a' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,é' } },
        ],
      },
    ]);
  });

  it.each<[string, Part]>([
    ['a TIFF', image('image/tiff')],
    ['a text that is no UTF-8', file('text/csv', '6Q==')],
    ['a Word file', file('application/msword', 'AA==')],
    ['sound', { kind: 'audio', data: 'AA==', format: 'wav' }],
    ["another vendor's file", { kind: 'image', source: { kind: 'id', id: 'file-abc' }, detail: null, cache: null }],
    ["another vendor's block", { kind: 'foreign', wire: 'responses', type: 'web_search_call', value: {} }],
    ['a call of a custom tool', { kind: 'tool_call', id: 'a', name: 'f', arguments: 'x', isCustom: true, cache: null }],
    ['arguments that are no object', call('a', 'f', '[1]')],
    ['arguments that are not JSON', call('a', 'f', '{"a"')],
  ])('with %s is refused by the name of its message', (_, part) => {
    expect(refusedField({ messages: [message('user', part)] })).toBe('messages[user]');
  });

  it("sends Anthropic's own proofs and blocks back as they came, and no thoughts of others", () => {
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} };
    const citation = { type: 'char_location', cited_text: 'x' };
    const { body, approximated } = write({
      messages: [
        message('user', 'Hi'),
        message(
          'assistant',
          { kind: 'thinking', text: '', signature: { wire: 'messages', value: 'sig' }, id: null },
          { kind: 'hidden_thinking', data: { wire: 'messages', value: 'enc' } },
          { kind: 'thinking', text: 'Secret', signature: { wire: 'gemini', value: 'g' }, id: null },
          { kind: 'foreign', wire: 'messages', type: 'server_tool_use', value: search },
          {
            ...text('Yes'),
            citations: [
              { url: null, title: null, quote: 'x', start: null, end: null, value: citation, wire: 'messages' },
            ],
          },
        ),
      ],
    });
    expect((body['messages'] as unknown[])[1]).toEqual({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: '', signature: 'sig' },
        { type: 'redacted_thinking', data: 'enc' },
        search,
        { type: 'text', text: 'Yes', citations: [citation] },
      ],
    });
    expect(approximated).toEqual(['messages[assistant] (thinking)']);
  });

  it('tells of what it says in other words', () => {
    const { body, approximated } = write({
      messages: [
        { ...message('user', { ...image(), detail: 'low' } as Part), name: 'Ann' },
        message('assistant', { kind: 'refusal', text: 'No' }),
        message('user', 'Why?'),
      ],
    });
    expect(body['messages']).toMatchObject([{}, { content: [{ type: 'text', text: 'No' }] }, {}]);
    expect(approximated).toEqual(['messages[user].name', 'messages[user] (detail)', 'messages[assistant] (refusal)']);
  });
});

describe('tools for Anthropic', () => {
  const f = functionTool('f', { type: 'object', properties: { x: { type: 'number', minimum: 1 } } });

  it('have schemas of objects', () => {
    expect(write({ tools: [f, functionTool('g')] }).body['tools']).toEqual([
      { name: 'f', input_schema: { type: 'object', properties: { x: { type: 'number', minimum: 1 } } } },
      { name: 'g', input_schema: { type: 'object' } },
    ]);
  });

  it('are guaranteed where Anthropic can, and are told of where not', () => {
    const strict = { ...functionTool('f', { properties: { x: { type: 'string' } } }), strict: true } as typeof f;
    expect(write({ tools: [strict] }).body['tools']).toEqual([
      {
        name: 'f',
        strict: true,
        input_schema: { type: 'object', properties: { x: { type: 'string' } }, additionalProperties: false },
      },
    ]);
    expect(write({ tools: [strict] }, 'claude-sonnet-4-0')).toMatchObject({ approximated: ['the_tools'] });
    expect(write({ tools: [{ ...f, strict: true } as typeof f] })).toMatchObject({ approximated: ['the_tools'] });
  });

  it.each([
    [{ toolChoice: { kind: 'auto' } }, { type: 'auto' }],
    [{ toolChoice: { kind: 'none' }, parallelTools: false }, { type: 'none' }],
    [
      { toolChoice: { kind: 'required' }, parallelTools: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    [{ toolChoice: { kind: 'tool', name: 'f' } }, { type: 'tool', name: 'f' }],
    [{ parallelTools: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [{ parallelTools: true }, undefined],
  ] as const)('are chosen by %j', (over, choice) => {
    expect(write({ tools: [f], ...over }).body['tool_choice']).toEqual(choice);
  });

  it('that are not allowed are left out of the call', () => {
    const toolChoice = { kind: 'allowed', mode: 'required', names: ['g'] } as const;
    const { body, approximated } = write({ tools: [f, functionTool('g')], toolChoice });
    expect(body).toMatchObject({ tools: [{ name: 'g' }], tool_choice: { type: 'any' } });
    expect(approximated).toEqual(['the_toolChoice']);
  });

  it('that were called before and are not defined now are named, and may not be called', () => {
    const messages = [message('user', 'a'), message('assistant', call('a', 'f')), message('user', result('a', 'x'))];
    const { body, approximated } = write({ messages });
    expect(body).toMatchObject({
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      tool_choice: { type: 'none' },
    });
    expect(approximated).toEqual(['the_tools']);
  });

  it("of Anthropic's own go as they are; others and custom ones are refused", () => {
    const value = { type: 'web_search_20260318', name: 'web_search' };
    const own = { kind: 'foreign', wire: 'messages', type: value.type, path: 'tools[0]', value } as const;
    expect(write({ tools: [own] }).body['tools']).toEqual([value]);
    expect(refusedField({ tools: [{ ...own, wire: 'responses' }] })).toBe('tools[0]');
    expect(refusedField({ tools: [{ kind: 'custom', name: 'c', description: null, format: null }] })).toBe('the_tools');
  });

  it('cannot be forced on models that refuse that', () => {
    expect(refusedField({ tools: [f], toolChoice: { kind: 'required' } }, 'claude-opus-5-5')).toBe('the_toolChoice');
    expect(refusedField({ tools: [f], toolChoice: { kind: 'auto' } }, 'claude-opus-5-5')).toBeNull();
  });
});

describe('output for Anthropic', () => {
  const schema = {
    type: 'object',
    properties: { x: { type: 'string' } },
    required: ['x'],
    additionalProperties: false,
  };

  it('has the schema that was asked for', () => {
    const { body, approximated } = write({
      output: { kind: 'schema', name: 'n', description: null, schema, strict: true },
    });
    expect(body['output_config']).toEqual({ format: { type: 'json_schema', schema } });
    expect(approximated).toEqual([]);
  });

  it('has constraints that Anthropic refuses in words, and tells so', () => {
    const loose = {
      $schema: 'x',
      type: 'object',
      properties: {
        n: { type: 'integer', minimum: 1, description: 'N' },
        l: { type: 'array', items: { oneOf: [{ type: 'string', format: 'idn-email' }] } },
      },
    };
    const { body, approximated } = write({
      output: { kind: 'schema', name: null, description: null, schema: loose, strict: null },
    });
    expect(body['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            n: { type: 'integer', description: 'N\n\n{minimum: 1}' },
            l: { type: 'array', items: { anyOf: [{ type: 'string', description: '{format: "idn-email"}' }] } },
          },
          additionalProperties: false,
        },
      },
    });
    expect(approximated).toEqual(['the_output']);
  });

  it('of any JSON is asked for in words', () => {
    const { body, approximated } = write({ output: { kind: 'json' } });
    expect(body['system']).toMatchObject([{ text: expect.stringContaining('JSON object') as string }]);
    expect(approximated).toEqual(['the_output']);
  });
});

describe('settings for Anthropic', () => {
  it.each([
    [{ temperature: 0 }, { temperature: 0 }, []],
    [{ temperature: 1, topP: 1 }, {}, []],
    [{ temperature: 1.7 }, { temperature: 1 }, ['the_temperature']],
    [{ topP: 0.5, topK: 3 }, { top_p: 0.5, top_k: 3 }, []],
    [{ temperature: 0.2, topP: 0.5 }, { temperature: 0.2 }, ['the_topP']],
    [{ stop: ['a', ''] }, { stop_sequences: ['a'] }, []],
    [{ presencePenalty: 0, frequencyPenalty: 0, choices: 1 }, {}, []],
  ])('%j', (sampling, sent, told) => {
    const { body, approximated } = write({ sampling: { ...sampling, maxTokens: 5 } });
    const { model: _model, messages: _messages, max_tokens: _max, ...settings } = body;
    expect(settings).toEqual(sent);
    expect(approximated).toEqual(told);
  });

  it('of chance are left out for models that take none', () => {
    const { body, approximated } = write({ sampling: { temperature: 0, topP: 0.5, topK: 2 } }, 'claude-sonnet-5');
    expect(Object.keys(body)).toEqual(['model', 'max_tokens', 'messages']);
    expect(approximated).toEqual(['the_temperature', 'the_topP', 'the_topK']);
  });

  it.each([
    [{ seed: 1 }, 'the_seed'],
    [{ presencePenalty: 0.1 }, 'the_presencePenalty'],
    [{ frequencyPenalty: 0.1 }, 'the_frequencyPenalty'],
    [{ logprobs: 0 }, 'the_logprobs'],
    [{ choices: 2 }, 'the_choices'],
    [{ stop: ['\n'] }, 'the_stop'],
  ])('that Anthropic has nothing for are refused: %j', (sampling, field) => {
    expect(refusedField({ sampling })).toBe(field);
  });

  it('that only speak of the account or the cache are told, and others refused by their path', () => {
    const rest = new Map<string, string | boolean>([
      ['store', false],
      ['prompt_cache_key', 'k'],
      ['safety_identifier', 'hash'],
      ['service_tier', 'default'],
    ]);
    const { body, approximated } = write({ rest });
    expect(body).toMatchObject({ metadata: { user_id: 'hash' }, service_tier: 'standard_only' });
    expect(approximated).toEqual(['store', 'prompt_cache_key', 'safety_identifier']);
    expect(refusedField({ rest: new Map([['logit_bias', { 5: 1 }]]) })).toBe('logit_bias');
    expect(refusedField({ rest: new Map([['tools[0].input_examples', [1]]]) })).toBe('tools[0].input_examples');
  });

  it('that only Anthropic has go as they are', () => {
    expect(write({ rest: new Map([['speed', 'fast']]), user: 'u', stream: true }).body).toMatchObject({
      speed: 'fast',
      stream: true,
      metadata: { user_id: 'u' },
    });
  });
});
