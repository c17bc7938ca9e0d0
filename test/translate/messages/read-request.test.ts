import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../../src/translate/conversation.ts';
import { messagesFormat } from '../../../src/translate/messages/format.ts';
import { paramOf, text } from './support.ts';

function read(over: object): Conversation {
  return messagesFormat.readRequest({
    model: 'fast',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Hi' }],
    ...over,
  });
}

function readParts(role: string, content: unknown): Conversation['messages'][number]['parts'] {
  return read({ messages: [{ role, content }] }).messages[0]!.parts;
}

describe('a request of a client of Anthropic', () => {
  it('is read with all its settings', () => {
    const settings = { temperature: 0.5, top_p: 0.9, top_k: 40, stop_sequences: ['END'], stream: true };
    const request = read({ ...settings, metadata: { user_id: 'u1' } });
    expect(request).toMatchObject({ model: 'fast', stream: true, user: 'u1' });
    expect(request.sampling).toMatchObject({ maxTokens: 100, temperature: 0.5, topP: 0.9, topK: 40, stop: ['END'] });
    expect(request.rest.size).toBe(0);
  });

  it('has its instructions at the top, and those among its messages where they are', () => {
    const cached = { type: 'text', text: 'Be kind', cache_control: { type: 'ephemeral', ttl: '1h' } };
    const request = read({
      system: [{ type: 'text', text: 'Be brief' }, cached],
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'Speak French' },
      ],
    });
    expect(request.system).toEqual([
      { role: 'system', text: 'Be brief', cache: null },
      { role: 'system', text: 'Be kind', cache: { ttl: '1h' } },
    ]);
    expect(request.messages[1]).toMatchObject({
      path: 'messages[1]',
      role: 'system',
      parts: [{ text: 'Speak French' }],
    });
  });

  it('has images and documents of every source', () => {
    const parts = readParts('user', [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
      { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
      {
        type: 'document',
        source: { type: 'file', file_id: 'file_1' },
        title: 'T',
        context: 'C',
        citations: { enabled: true },
      },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'abc' } },
    ]);
    expect(parts).toMatchObject([
      { kind: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } },
      { kind: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
      { kind: 'file', source: { kind: 'id', id: 'file_1' }, name: 'T', context: 'C', citations: true },
      { kind: 'file', source: { kind: 'text', text: 'abc' }, name: null, citations: false },
    ]);
  });

  it('brings back thoughts: its own vendor as they are, of others from under their seal', () => {
    const parts = readParts('assistant', [
      { type: 'thinking', thinking: 'a', signature: 'own' },
      { type: 'thinking', thinking: '', signature: 'sluice:gemini:proof' },
      { type: 'redacted_thinking', data: 'sluice:responses:enc' },
      { type: 'thinking', thinking: 'b', signature: '' },
    ]);
    expect(parts).toEqual([
      { kind: 'thinking', text: 'a', signature: { wire: 'messages', value: 'own' }, id: null },
      { kind: 'thinking', text: '', signature: { wire: 'gemini', value: 'proof' }, id: null },
      { kind: 'hidden_thinking', data: { wire: 'responses', value: 'enc' } },
      { kind: 'thinking', text: 'b', signature: null, id: null },
    ]);
  });

  it('has calls and their results', () => {
    expect(
      readParts('assistant', [{ type: 'tool_use', id: 'a', name: 'f', input: { x: [1] }, caller: { type: 'direct' } }]),
    ).toEqual([{ kind: 'tool_call', id: 'a', name: 'f', arguments: '{"x":[1]}', isCustom: false, cache: null }]);
    const image = { type: 'image', source: { type: 'url', url: 'https://a.example' } };
    const results = readParts('user', [
      { type: 'tool_result', tool_use_id: 'a', content: 'yes', is_error: true },
      { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: 'see' }, image] },
      { type: 'tool_result', tool_use_id: 'c' },
    ]);
    expect(results).toMatchObject([
      { kind: 'tool_result', callId: 'a', content: [text('yes')], isError: true },
      { callId: 'b', content: [text('see'), { kind: 'image' }], isError: null },
      { callId: 'c', content: [] },
    ]);
  });

  it.each([
    { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
    { type: 'document', source: { type: 'content', content: 'x' } },
    { type: 'tool_use', id: 'a', name: 'f', input: {}, caller: { type: 'code_execution_20260120', tool_id: 's' } },
    {
      type: 'tool_result',
      tool_use_id: 'a',
      content: [{ type: 'search_result', source: 's', title: 't', content: [] }],
    },
    {
      type: 'tool_result',
      tool_use_id: 'a',
      content: [{ type: 'document', source: { type: 'content', content: 'x' } }],
    },
  ])('keeps what only Anthropic can say whole: $type', (block) => {
    expect(readParts('user', [block])).toEqual([{ kind: 'foreign', wire: 'messages', type: block.type, value: block }]);
  });

  it('has tools, choices and whether calls may be parallel', () => {
    const input_schema = { type: 'object', properties: {} };
    const search = { type: 'web_search_20260318', name: 'web_search', max_uses: 3 };
    const request = read({
      tools: [{ name: 'f', description: 'F', input_schema, strict: true, defer_loading: false }, search],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    });
    expect(request.tools).toEqual([
      { kind: 'function', name: 'f', description: 'F', parameters: input_schema, strict: true, cache: null },
      { kind: 'foreign', wire: 'messages', type: 'web_search_20260318', path: 'tools[1]', value: search },
    ]);
    expect(request).toMatchObject({ toolChoice: { kind: 'required' }, parallelTools: false });
    expect(read({ tool_choice: { type: 'tool', name: 'f' } })).toMatchObject({
      toolChoice: { kind: 'tool', name: 'f' },
    });
    expect(read({ tool_choice: { type: 'auto', disable_parallel_tool_use: false } }).parallelTools).toBe(true);
  });

  it.each([
    [
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
      { mode: 'on', budgetTokens: 2048, effort: null, summary: null },
    ],
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }],
    [{ thinking: { type: 'between_tools' } }, { mode: 'off' }],
    [{ thinking: { type: 'adaptive', display: 'omitted' } }, { mode: 'adaptive', summary: 'none' }],
    [{ thinking: { type: 'adaptive', display: 'summarized' } }, { mode: 'adaptive', summary: 'auto' }],
    [{ output_config: { effort: 'xhigh' } }, { mode: 'adaptive', effort: 'xhigh' }],
  ])('has thinking: %j', (over, reasoning) => {
    expect(read(over).reasoning).toMatchObject(reasoning);
  });

  it.each([
    { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    { output_format: { type: 'json_schema', schema: { type: 'object' } } },
  ])('has the schema of its output: %j', (over) => {
    expect(read(over).output).toMatchObject({ kind: 'schema', schema: { type: 'object' } });
  });

  it('marks its last block where it asks for a cache as a whole', () => {
    const request = read({ cache_control: { type: 'ephemeral' } });
    expect(request.messages[0]?.parts).toEqual([{ ...text('Hi'), cache: { ttl: null } }]);
    expect(request.rest.size).toBe(0);
  });

  it('keeps under its path what has no place, and forgets what holds anyway', () => {
    const request = read({
      service_tier: 'standard_only',
      speed: 'standard',
      container: null,
      context_management: { edits: [] },
      metadata: { user_id: 'u', team: 't' },
      tools: [{ name: 'f', input_schema: {}, input_examples: [{ x: 1 }] }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'a', mood: 'b' }] }],
      thinking: { type: 'adaptive', pace: 1 },
    });
    expect([...request.rest.keys()].sort()).toEqual([
      'context_management',
      'messages[0].content[0].mood',
      'metadata.team',
      'service_tier',
      'thinking.pace',
      'tools[0].input_examples',
    ]);
  });

  it.each([
    [{ model: 1 }, 'model'],
    [{ messages: 'x' }, 'messages'],
    [{ messages: [7] }, 'messages[0]'],
    [{ messages: [{ role: 'tool', content: '' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'x' } }] }] },
      'messages[0].content[0].source.type',
    ],
    [
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: 'x' }] }] },
      'messages[0].content[0].input',
    ],
    [{ system: [{ type: 'image', source: { type: 'url', url: 'x' } }] }, 'system[0].type'],
    [{ system: [{ type: 'text', text: 1 }] }, 'system[0].text'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ stop_sequences: [1] }, 'stop_sequences[0]'],
    [{ tools: [{ name: 'f', input_schema: 'x' }] }, 'tools[0].input_schema'],
    [{ tool_choice: { type: 'some' } }, 'tool_choice.type'],
    [{ thinking: { type: 'hard' } }, 'thinking.type'],
    [{ output_config: { format: { type: 'xml' } } }, 'output_config.format.type'],
  ])('that is malformed is refused by the name of its field: %j', (over, field) => {
    expect(paramOf(() => read(over))).toBe(field);
  });

  it('that is no object is refused', () => {
    expect(paramOf(() => messagesFormat.readRequest([]))).toBe('body');
  });
});
