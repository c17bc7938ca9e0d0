import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../../../src/translate/completion.ts';
import type { Citation } from '../../../src/translate/conversation.ts';
import { chatFormat } from '../../../src/translate/chat/format.ts';
import { block, bytesOf, chatBySdk, CONTEXT, dataOf, END, finish, START, USAGE } from '../support/openai.ts';

const CITATION: Citation = {
  url: 'https://a.example',
  title: 'A',
  quote: null,
  start: null,
  end: null,
  value: {},
  wire: 'messages',
};
const stream = (...parts: StreamPart[]) => bytesOf(chatFormat.openWriter(CONTEXT), parts);
const toolCall = (id: string) => ({ kind: 'tool_call', id, name: 'weather', isCustom: false }) as const;

describe('a stream for a chat client', () => {
  it('is read by the official SDK to the same text, reason and usage', async () => {
    const completion = await chatBySdk(
      stream(START, ...block({ kind: 'text' }, 'Hel', 'lo "you"\n'), finish('length'), USAGE, END),
    );
    expect(completion).toMatchObject({ id: 'id-1', model: 'model-1', created: 1_700_000_001 });
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'Hello "you"\n' } });
    expect(completion.usage).toEqual({
      prompt_tokens: 11,
      completion_tokens: 7,
      total_tokens: 18,
      prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 3 },
    });
  });

  it('has the role first, usage in a chunk without choices, and [DONE] last', () => {
    const chunks = dataOf(stream(START, ...block({ kind: 'text' }, 'Hi'), finish('stop'), USAGE, END));
    expect(chunks[0]).toMatchObject({ choices: [{ delta: { role: 'assistant' }, finish_reason: null }] });
    expect(chunks.at(-3)).toMatchObject({ choices: [{ delta: {}, finish_reason: 'stop' }] });
    expect(chunks.at(-2)).toMatchObject({ choices: [], usage: { total_tokens: 18 } });
    expect(chunks.at(-1)).toBe('[DONE]');
  });

  it('counts calls from nought, whatever stands between them, and gives empty ones an empty object', async () => {
    const completion = await chatBySdk(
      stream(
        START,
        ...block({ kind: 'text' }, 'Let me see.'),
        ...block(toolCall('a'), '{"city":', '"Oslo"}'),
        ...block({ kind: 'text' }, ' And'),
        ...block(toolCall('')),
        finish('tool_calls'),
        END,
      ),
    );
    expect(completion.choices[0]!.message).toMatchObject({ content: 'Let me see. And' });
    expect(completion.choices[0]!.message.tool_calls).toMatchObject([
      { id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
      { id: 'call_f00d_1', type: 'function', function: { name: 'weather', arguments: '{}' } },
    ]);
  });

  it('tells custom calls as such', async () => {
    const custom = { kind: 'tool_call', id: 'c', name: 'sql', isCustom: true } as const;
    const completion = await chatBySdk(stream(START, ...block(custom, 'select', ' 1'), finish('tool_calls'), END));
    expect(completion.choices[0]!.message.tool_calls).toMatchObject([
      { id: 'c', type: 'custom', custom: { name: 'sql', input: 'select 1' } },
    ]);
  });

  it('tells thoughts as they come and the signed blocks once, whole, in the SDK too', async () => {
    const signed: StreamPart[] = [
      { kind: 'block_start', choice: 0, block: { kind: 'thinking', id: null } },
      { kind: 'delta', choice: 0, text: 'Hm' },
      { kind: 'signature', choice: 0, signature: { wire: 'messages', value: 's1' } },
      { kind: 'block_end', choice: 0 },
    ];
    const hidden = block({ kind: 'hidden_thinking', data: { wire: 'messages', value: 'd1' } });
    const text = stream(START, ...signed, ...hidden, ...block({ kind: 'text' }, 'Yes'), finish('stop'), END);
    expect(text).toContain('"reasoning_content":"Hm"');
    const { message } = (await chatBySdk(text)).choices[0]!;
    expect(message).toMatchObject({
      content: 'Yes',
      thinking_blocks: [
        { type: 'thinking', thinking: 'Hm', signature: 'sluice:messages:s1' },
        { type: 'redacted_thinking', data: 'sluice:messages:d1' },
      ],
    });
  });

  it('says where in the text a citation without a place stands', async () => {
    const cited: StreamPart[] = [
      ...block({ kind: 'text' }, 'It is '),
      { kind: 'block_start', choice: 0, block: { kind: 'text' } },
      { kind: 'delta', choice: 0, text: 'so' },
      { kind: 'citation', choice: 0, citation: CITATION },
      { kind: 'block_end', choice: 0 },
    ];
    const { message } = (await chatBySdk(stream(START, ...cited, finish('stop'), END))).choices[0]!;
    expect(message.annotations).toEqual([
      { type: 'url_citation', url_citation: { start_index: 6, end_index: 8, title: 'A', url: 'https://a.example' } },
    ]);
  });

  it('refuses in the place for it, with words where the provider has none', async () => {
    const said = await chatBySdk(stream(START, ...block({ kind: 'refusal' }, 'No', '.'), finish('refusal'), END));
    expect(said.choices[0]).toMatchObject({ finish_reason: 'content_filter', message: { refusal: 'No.' } });
    const unsaid = await chatBySdk(stream(START, finish('refusal'), END));
    expect(unsaid.choices[0]!.message.refusal).toBe('The model refuses to answer.');
  });

  it('tells log probabilities with the text that they are of', () => {
    const logprobs = { content: [{ token: 'Hi', logprob: -1 }] };
    const [start, delta, end] = block({ kind: 'text' }, 'Hi') as [StreamPart, StreamPart, StreamPart];
    const chunks = dataOf(
      stream(START, start, { kind: 'logprobs', choice: 0, logprobs }, delta, end, finish('stop'), END),
    );
    expect(chunks[1]).toMatchObject({ choices: [{ delta: { content: 'Hi' }, logprobs }] });
  });

  it('opens each choice with its role', () => {
    const other: StreamPart = {
      kind: 'finish',
      choice: 1,
      finish: { reason: 'stop', stopSequence: null, detail: null },
    };
    const roles = dataOf(stream(START, other, finish('stop'), END)).filter((each) =>
      JSON.stringify(each).includes('"role"'),
    );
    expect(roles).toMatchObject([{ choices: [{ index: 0 }] }, { choices: [{ index: 1 }] }]);
  });

  it('ends in an error without [DONE], which the SDK throws', async () => {
    const error: StreamPart = { kind: 'error', error: { status: 529, message: 'Busy.', type: 'overloaded_error' } };
    const text = stream(START, ...block({ kind: 'text' }, 'Hi'), error, finish('stop'), END);
    expect(dataOf(text).at(-1)).toEqual({
      error: { message: 'Busy.', type: 'server_error', param: null, code: 'overloaded_error' },
    });
    await expect(chatBySdk(text)).rejects.toThrow('Busy.');
  });

  it('makes an error of a reply that the provider broke off', async () => {
    await expect(chatBySdk(stream(START, finish('error'), END))).rejects.toThrow('broke the reply off: error');
  });

  it('passes signs of life on as comments', () => {
    expect(stream({ kind: 'ping' })).toBe(': ping\n\n');
  });
});
