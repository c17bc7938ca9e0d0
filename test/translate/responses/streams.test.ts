import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../../../src/translate/completion.ts';
import { responsesFormat } from '../../../src/translate/responses/format.ts';
import {
  block,
  bytesOf,
  CONTEXT,
  dataOf,
  END,
  finish,
  named,
  partsOf,
  responseBySdk,
  START,
  USAGE,
} from '../support/openai.ts';

const stream = (...parts: StreamPart[]) => bytesOf(responsesFormat.openWriter(CONTEXT), parts);
const typesOf = (text: string) => dataOf(text).map((event) => (event as { type: string }).type);
const weather = (id: string) => ({ kind: 'tool_call', id, name: 'weather', isCustom: false }) as const;

describe('a stream for a Responses client', () => {
  it('has exactly the events of the vendor for a text', () => {
    const text = stream(START, ...block({ kind: 'text' }, 'Hel', 'lo'), finish('stop'), USAGE, END);
    expect(typesOf(text)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const numbers = dataOf(text).map((event) => (event as { sequence_number: number }).sequence_number);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(text.match(/^event: (\S+)$/gm)).toEqual(typesOf(text).map((type) => `event: ${type}`));
  });

  it('is read by the official SDK to the same text, calls and usage', async () => {
    const response = await responseBySdk(
      stream(
        START,
        ...block({ kind: 'text' }, 'Let me ', 'see.'),
        ...block(weather('a'), '{"city":', '"Oslo"}'),
        ...block(weather('')),
        ...block({ kind: 'tool_call', id: 'c', name: 'sql', isCustom: true }, 'select 1'),
        finish('tool_calls'),
        USAGE,
        END,
      ),
    );
    expect(response).toMatchObject({
      id: 'resp_f00d',
      status: 'completed',
      model: 'model-1',
      output_text: 'Let me see.',
    });
    expect(response.output).toMatchObject([
      { type: 'message', id: 'msg_f00d_0' },
      { type: 'function_call', id: 'fc_f00d_1', call_id: 'a', name: 'weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call', id: 'fc_f00d_2', call_id: 'call_f00d_1', arguments: '{}' },
      { type: 'custom_tool_call', id: 'ctc_f00d_3', call_id: 'c', name: 'sql', input: 'select 1' },
    ]);
    expect(response.usage).toEqual({
      input_tokens: 11,
      input_tokens_details: { cached_tokens: 5, cache_write_tokens: 2 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 18,
    });
  });

  it('tells thoughts as a summary with the signature sealed', async () => {
    const thought: StreamPart[] = [
      { kind: 'block_start', choice: 0, block: { kind: 'thinking', id: null } },
      { kind: 'delta', choice: 0, text: 'Hm' },
      { kind: 'delta', choice: 0, text: '.' },
      { kind: 'signature', choice: 0, signature: { wire: 'messages', value: 's1' } },
      { kind: 'block_end', choice: 0 },
    ];
    const hidden = block({ kind: 'hidden_thinking', data: { wire: 'messages', value: 'd1' } });
    const response = await responseBySdk(
      stream(START, ...thought, ...hidden, ...block({ kind: 'text' }, 'Yes'), finish('stop'), END),
    );
    expect(response.output).toMatchObject([
      {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Hm.' }],
        encrypted_content: 'sluice:messages:s1',
      },
      { type: 'reasoning', summary: [], encrypted_content: 'hidden:sluice:messages:d1' },
      { type: 'message' },
    ]);
  });

  it('puts neighbouring texts and refusals into one message, with their citations', async () => {
    const citation = {
      url: 'https://a.example',
      title: 'A',
      quote: null,
      start: null,
      end: null,
      value: {},
      wire: 'gemini',
    } as const;
    const parts: StreamPart[] = [
      { kind: 'block_start', choice: 0, block: { kind: 'text' } },
      { kind: 'logprobs', choice: 0, logprobs: { content: [{ token: 'It', logprob: -1, top_logprobs: [] }] } },
      { kind: 'delta', choice: 0, text: 'It is so' },
      { kind: 'citation', choice: 0, citation },
      { kind: 'block_end', choice: 0 },
    ];
    const response = await responseBySdk(
      stream(START, ...parts, ...block({ kind: 'refusal' }, 'No.'), finish('stop'), END),
    );
    expect(response.output).toMatchObject([
      {
        type: 'message',
        content: [
          {
            type: 'output_text',
            text: 'It is so',
            annotations: [{ type: 'url_citation', url: 'https://a.example', title: 'A', start_index: 0, end_index: 8 }],
            logprobs: [{ token: 'It' }],
          },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
    ]);
  });

  it.each([
    ['length', 'incomplete', { reason: 'max_output_tokens' }],
    ['content_filter', 'incomplete', { reason: 'content_filter' }],
    ['refusal', 'incomplete', { reason: 'content_filter' }],
    ['pause', 'completed', null],
    ['error', 'failed', null],
  ] as const)('says of %s that it is %s', async (reason, status, incomplete_details) => {
    const response = await responseBySdk(stream(START, ...block({ kind: 'text' }, 'Hi'), finish(reason), END));
    expect(response).toMatchObject({ status, incomplete_details });
  });

  it('invents no usage where the provider told none', () => {
    const events = dataOf(stream(START, finish('stop'), END)) as { response: { usage: object | null } }[];
    expect(events.at(-1)!.response.usage).toBeNull();
  });

  it('gives an error a code where the provider gave none', () => {
    const events = dataOf(stream(START, { kind: 'error', error: { status: 500, message: 'Oh.', type: null } }));
    expect(events.at(-2)).toMatchObject({ type: 'error', error: { code: 'server_error' } });
  });

  it('ends in an error event and a failed response, which the SDK throws', async () => {
    const error: StreamPart = { kind: 'error', error: { status: 529, message: 'Busy.', type: 'overloaded_error' } };
    const text = stream(START, { kind: 'block_start', choice: 0, block: { kind: 'text' } }, error, END);
    expect(dataOf(text).slice(-2)).toMatchObject([
      { type: 'error', error: { message: 'Busy.', code: 'overloaded_error' } },
      { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'Busy.' } } },
    ]);
    await expect(responseBySdk(text)).rejects.toThrow('Busy.');
  });
});

const created = {
  type: 'response.created',
  response: { id: 'resp_1', model: 'gpt', created_at: 5, status: 'in_progress' },
};
const completed = (more: object = {}) => ({
  type: 'response.completed',
  response: { id: 'resp_1', status: 'completed', output: [], ...more },
});
const read = (...events: { type: string }[]) => partsOf(responsesFormat.openReader(), named(created, ...events));
const textsOf = (parts: readonly StreamPart[]) => parts.flatMap((part) => (part.kind === 'delta' ? [part.text] : []));
const at = { output_index: 0, content_index: 0, item_id: 'i' };

describe('a stream of a Responses provider', () => {
  it('tells back what is written for a client', () => {
    const parts: StreamPart[] = [
      { kind: 'start', id: 'resp_f00d', model: 'model-1', createdAt: 1_700_000_001 },
      ...block({ kind: 'text' }, 'Let me ', 'see.'),
      ...block(weather('a'), '{"city":', '"Oslo"}'),
      ...block({ kind: 'tool_call', id: 'c', name: 'sql', isCustom: true }, 'select 1'),
      ...block({ kind: 'refusal' }, 'No.'),
      USAGE,
      { kind: 'finish', choice: 0, finish: { reason: 'tool_calls', stopSequence: null, detail: 'completed' } },
      END,
    ];
    expect(partsOf(responsesFormat.openReader(), stream(...parts))).toEqual(parts);
  });

  it('parts the summaries of a thought and takes its proof from its end', () => {
    const delta = (summary_index: number, text: string) => ({
      type: 'response.reasoning_summary_text.delta',
      output_index: 0,
      summary_index,
      delta: text,
    });
    const parts = read(
      { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', id: 'rs_1', summary: [] } } as {
        type: string;
      },
      delta(0, 'One'),
      delta(1, 'Two'),
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'One' },
            { type: 'summary_text', text: 'Two' },
          ],
          encrypted_content: 'e1',
        },
      } as { type: string },
      completed(),
    );
    expect(textsOf(parts).join('')).toBe('One\n\nTwo');
    expect(parts[1]).toEqual({ kind: 'block_start', choice: 0, block: { kind: 'thinking', id: 'rs_1' } });
    expect(parts).toContainEqual({ kind: 'signature', choice: 0, signature: { wire: 'responses', value: 'e1' } });
  });

  it('tells what only the whole text tells', () => {
    const parts = read(
      { type: 'response.output_text.delta', ...at, delta: 'Hel' } as { type: string },
      { type: 'response.content_part.done', ...at, part: { type: 'output_text', text: 'Hello', annotations: [] } } as {
        type: string;
      },
      {
        type: 'response.output_item.done',
        output_index: 1,
        item: { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1}' },
      } as { type: string },
      completed(),
    );
    expect(textsOf(parts)).toEqual(['Hel', 'lo', '{"x":1}']);
  });

  it('takes texts and arguments from the events that end them', () => {
    const parts = read(
      { type: 'response.output_text.delta', ...at, delta: 'Hel' } as { type: string },
      { type: 'response.output_text.done', ...at, text: 'Hello' } as { type: string },
      { type: 'response.refusal.done', ...at, content_index: 1, refusal: 'No.' } as { type: string },
      {
        type: 'response.output_item.added',
        output_index: 1,
        item: { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f', arguments: '' },
      } as { type: string },
      { type: 'response.function_call_arguments.done', output_index: 1, arguments: '{"x":1}' } as { type: string },
      completed(),
    );
    expect(textsOf(parts)).toEqual(['Hel', 'lo', 'No.', '{"x":1}']);
  });

  it('takes everything from the end where no event told of it', () => {
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'Hello', annotations: [] }] }];
    expect(textsOf(read(completed({ output })))).toEqual(['Hello']);
  });

  it('takes items that no event told of from the end, and only those', () => {
    const text = (words: string) => [{ type: 'output_text', text: words, annotations: [] }];
    const parts = read(
      { type: 'response.output_item.added', output_index: 3, item: { type: 'message', id: 'msg_1' } } as {
        type: string;
      },
      { type: 'response.output_text.delta', output_index: 3, content_index: 0, delta: 'Hel' } as { type: string },
      completed({
        output: [
          { type: 'message', id: 'msg_1', content: text('Hello') },
          { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f', arguments: '{"x":1}' },
        ],
      }),
    );
    expect(textsOf(parts)).toEqual(['Hel', 'lo', '{"x":1}']);
    expect(parts.at(-2)).toMatchObject({ finish: { reason: 'tool_calls' } });
  });

  it('does not take the parts of a thought for what was said', () => {
    const part = { type: 'reasoning_text', text: 'Secretly' };
    const parts = read(
      { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', id: 'rs_1' } } as {
        type: string;
      },
      { type: 'response.reasoning_text.delta', ...at, item_id: 'rs_1', delta: 'Secretly' } as { type: string },
      { type: 'response.content_part.done', ...at, item_id: 'rs_1', part } as { type: string },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { type: 'reasoning', id: 'rs_1', summary: [], content: [part] },
      } as { type: string },
      completed(),
    );
    expect(parts.flatMap((each) => (each.kind === 'block_start' ? [each.block.kind] : []))).toEqual(['thinking']);
    expect(textsOf(parts)).toEqual(['Secretly']);
  });

  it('keeps items of the vendor whole, and says how it ended', () => {
    const item = { type: 'web_search_call', id: 'ws_1', status: 'completed' };
    const parts = read(
      { type: 'response.output_item.done', output_index: 0, item } as { type: string },
      {
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      } as { type: string },
    );
    expect(parts[1]).toMatchObject({ block: { kind: 'foreign', part: { type: 'web_search_call', value: item } } });
    expect(parts.at(-2)).toMatchObject({ finish: { reason: 'length' } });
  });

  it.each([
    [{ type: 'error', error: { message: 'Busy.', type: 'server_error', code: null } }],
    [{ type: 'error', message: 'Busy.', code: 'server_error' }],
    [{ type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'Busy.' } } }],
  ])('ends in an error: %j', (event) => {
    const parts = read(event as { type: string }, completed());
    expect(parts.at(-1)).toEqual({ kind: 'error', error: { status: 500, message: 'Busy.', type: 'server_error' } });
  });

  it('has no end where the provider told of none', () => {
    const parts = read({ type: 'response.output_text.delta', ...at, delta: 'Hel' } as { type: string });
    expect(parts.at(-1)).toEqual({ kind: 'block_end', choice: 0 });
  });
});
