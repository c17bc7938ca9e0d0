import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../../../src/translate/completion.ts';
import { chatFormat } from '../../../src/translate/chat/format.ts';
import { partsOf, sse } from '../support/openai.ts';

const chunk = (delta: object, more: object = {}, index = 0) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'gpt',
  choices: [{ index, delta, finish_reason: null, ...more }],
});
const finished = (reason: string | null, more: object = {}) => chunk({}, { finish_reason: reason, ...more });
const call = (more: object) => chunk({ tool_calls: [more] });
const read = (...data: (string | object)[]) => partsOf(chatFormat.openReader(), sse(...data));

/** Blocks with their texts, in order; every part but deltas of other choices. */
function blocks(parts: readonly StreamPart[]) {
  const found: { block: object; text: string }[] = [];
  for (const part of parts) {
    if (part.kind === 'block_start') found.push({ block: part.block, text: '' });
    if (part.kind === 'delta') found.at(-1)!.text += part.text;
  }
  return found;
}

const weather = (id: string, text: string) => ({
  block: { kind: 'tool_call', id, name: 'weather', isCustom: false },
  text,
});

describe('a stream of a chat provider', () => {
  it('starts, tells its text, its reason, its usage and its end', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } };
    const parts = read(
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      finished('stop'),
      { id: 'chatcmpl-1', choices: [], usage },
      '[DONE]',
    );
    expect(parts).toEqual([
      { kind: 'start', id: 'chatcmpl-1', model: 'gpt', createdAt: 1_700_000_000 },
      { kind: 'block_start', choice: 0, block: { kind: 'text' } },
      { kind: 'delta', choice: 0, text: 'Hel' },
      { kind: 'delta', choice: 0, text: 'lo' },
      { kind: 'usage', usage: { input: 9, cacheRead: 4, cacheWrite: null, output: 2, reasoning: null } },
      { kind: 'block_end', choice: 0 },
      { kind: 'finish', choice: 0, finish: { reason: 'stop', stopSequence: null, detail: 'stop' } },
      { kind: 'end' },
    ]);
  });

  it('tells parallel calls one after the other', () => {
    const parts = read(
      call({ index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '' } }),
      call({ index: 0, function: { arguments: '{"city":' } }),
      call({ index: 0, function: { arguments: '"Oslo"}' } }),
      call({ index: 1, id: 'b', type: 'function', function: { name: 'weather', arguments: '' } }),
      call({ index: 1, function: { arguments: '{}' } }),
      finished('tool_calls'),
      '[DONE]',
    );
    expect(blocks(parts)).toEqual([weather('a', '{"city":"Oslo"}'), weather('b', '{}')]);
    expect(parts.filter(({ kind }) => kind === 'block_end')).toHaveLength(2);
  });

  it('sorts the fragments of calls that come mixed', () => {
    const parts = read(
      call({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city"' } }),
      call({ index: 1, id: 'b', function: { name: 'weather', arguments: '{"city"' } }),
      call({ index: 0, function: { arguments: ':"Oslo"}' } }),
      call({ index: 1, function: { arguments: ':"Rome"}' } }),
      finished('tool_calls'),
      '[DONE]',
    );
    expect(blocks(parts)).toEqual([weather('a', '{"city":"Oslo"}'), weather('b', '{"city":"Rome"}')]);
  });

  it('keeps a call open whose text stands between its fragments', () => {
    const parts = read(
      call({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city"' } }),
      chunk({ content: 'One moment.' }),
      call({ index: 0, function: { arguments: ':"Oslo"}' } }),
      finished('tool_calls'),
      '[DONE]',
    );
    expect(blocks(parts)).toEqual([weather('a', '{"city":"Oslo"}'), { block: { kind: 'text' }, text: 'One moment.' }]);
  });

  it('takes whole calls without an index, without ids, and with one index for all', () => {
    const bare = { function: { name: 'weather', arguments: '{"a":1}' } };
    expect(blocks(read(chunk({ tool_calls: [bare, bare] }), finished('stop')))).toEqual([
      weather('', '{"a":1}'),
      weather('', '{"a":1}'),
    ]);
    const same = ['a', 'b'].map((id) => ({ index: 0, id, function: { name: 'weather', arguments: '{"a":1}' } }));
    expect(blocks(read(chunk({ tool_calls: same }), finished('stop')))).toEqual([
      weather('a', '{"a":1}'),
      weather('b', '{"a":1}'),
    ]);
  });

  it('takes arguments that are an object, names that come late, and the old function_call', () => {
    const whole = { index: 0, id: 'a', function: { name: 'weather', arguments: { city: 'Oslo' } } };
    expect(blocks(read(chunk({ tool_calls: [whole] }), finished('stop')))).toEqual([weather('a', '{"city":"Oslo"}')]);
    const late = read(
      call({ index: 0, id: 'a', function: { arguments: '{"x"' } }),
      call({ index: 0, function: { name: 'weather', arguments: ':1}' } }),
      finished('tool_calls'),
    );
    expect(blocks(late)).toEqual([weather('a', '{"x":1}')]);
    const old = read(chunk({ function_call: { name: 'weather', arguments: '{}' } }), finished('function_call'));
    expect(blocks(old)).toEqual([weather('', '{}')]);
  });

  it('says tool_calls where a forced call ends in stop', () => {
    const parts = read(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
      finished('stop'),
      '[DONE]',
    );
    expect(parts.at(-2)).toMatchObject({ kind: 'finish', finish: { reason: 'tool_calls', detail: 'stop' } });
  });

  it.each(['reasoning_content', 'reasoning'])('takes thoughts in %s, to be brought back there', (member) => {
    const parts = read(
      chunk({ [member]: 'Hm' }),
      chunk({ [member]: '.' }),
      chunk({ content: 'Yes' }),
      finished('stop'),
    );
    expect(blocks(parts)).toEqual([
      { block: { kind: 'thinking', id: null }, text: 'Hm.' },
      { block: { kind: 'text' }, text: 'Yes' },
    ]);
    expect(parts).toContainEqual({ kind: 'signature', choice: 0, signature: { wire: 'chat', value: member } });
  });

  it('takes the lists of Mistral', () => {
    const thought = { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] };
    const parts = read(
      chunk({ content: [thought] }),
      chunk({ content: [{ type: 'text', text: 'Yes' }] }),
      finished('stop'),
    );
    expect(blocks(parts).map(({ text }) => text)).toEqual(['Hm', 'Yes']);
  });

  it('ends without [DONE] where a reason was told, and only there', () => {
    expect(read(chunk({ content: 'Hi' }), finished('length')).slice(-2)).toMatchObject([
      { kind: 'finish', finish: { reason: 'length' } },
      { kind: 'end' },
    ]);
    const cut = read(chunk({ content: 'Hi' }), finished(''));
    expect(cut.at(-1)).toEqual({ kind: 'block_end', choice: 0 });
  });

  it('takes usage without numbers for none', () => {
    const usage = { prompt_tokens: null, completion_tokens: null, total_tokens: null };
    expect(read({ ...finished('stop'), usage }).map(({ kind }) => kind)).not.toContain('usage');
  });

  it('takes usage beside the last choice, of Groq, and reasoning that is counted beside', () => {
    const beside = {
      prompt_tokens: 10,
      completion_tokens: 4,
      total_tokens: 20,
      completion_tokens_details: { reasoning_tokens: 6 },
    };
    expect(read({ ...finished('stop'), usage: beside })).toContainEqual({
      kind: 'usage',
      usage: { input: 10, cacheRead: null, cacheWrite: null, output: 10, reasoning: 6 },
    });
    expect(read({ ...finished('stop'), x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } } })).toContainEqual(
      {
        kind: 'usage',
        usage: { input: 1, cacheRead: null, cacheWrite: null, output: 2, reasoning: null },
      },
    );
  });

  it('tells citations, log probabilities, refusals and stop sequences', () => {
    const cited = {
      type: 'url_citation',
      url_citation: { url: 'https://a.example', title: 'A', start_index: 0, end_index: 2 },
    };
    const parts = read(
      chunk({ content: 'Hi' }, { logprobs: { content: [{ token: 'Hi', logprob: -1 }] } }),
      chunk({ annotations: [cited] }),
      chunk({ refusal: 'No.' }),
      finished('stop', { stop_reason: 'END' }),
    );
    expect(parts).toContainEqual({
      kind: 'logprobs',
      choice: 0,
      logprobs: { content: [{ token: 'Hi', logprob: -1 }] },
    });
    expect(parts.find(({ kind }) => kind === 'citation')).toMatchObject({
      citation: { url: 'https://a.example', end: 2 },
    });
    expect(blocks(parts)).toEqual([
      { block: { kind: 'text' }, text: 'Hi' },
      { block: { kind: 'refusal' }, text: 'No.' },
    ]);
    expect(parts.at(-2)).toMatchObject({ finish: { reason: 'stop_sequence', stopSequence: 'END' } });
  });

  it('keeps choices apart', () => {
    const parts = read(
      chunk({ content: 'A' }),
      chunk({ content: 'B' }, {}, 1),
      finished('stop'),
      chunk({}, { finish_reason: 'length' }, 1),
      '[DONE]',
    );
    expect(parts.filter(({ kind }) => kind === 'finish')).toMatchObject([
      { choice: 0, finish: { reason: 'stop' } },
      { choice: 1, finish: { reason: 'length' } },
    ]);
  });

  it('waits for the chunk that knows the model, as Azure needs', () => {
    const parts = read(
      { id: '', model: '', choices: [], prompt_filter_results: [] },
      chunk({ content: 'Hi' }),
      finished('stop'),
    );
    expect(parts[0]).toMatchObject({ kind: 'start', id: 'chatcmpl-1', model: 'gpt' });
  });

  it('ends in an error, and tells nothing after it', () => {
    const error = { message: 'Too much.', type: 'rate_limit_error', code: 'rate_limit_exceeded' };
    const parts = read(chunk({ content: 'Hi' }), { error }, chunk({ content: 'more' }), '[DONE]');
    expect(parts.at(-1)).toEqual({
      kind: 'error',
      error: { status: 429, message: 'Too much.', type: 'rate_limit_exceeded' },
    });
    const ownKind = { object: 'error', message: 'Too much.', type: 'rate_limit_error', code: 429 };
    expect(read(chunk({ content: 'Hi' }), ownKind, '[DONE]').at(-1)).toEqual({
      kind: 'error',
      error: { status: 429, message: 'Too much.', type: 'rate_limit_error' },
    });
    expect(read('{"broken').at(-1)).toMatchObject({ kind: 'error', error: { status: 502 } });
  });

  it('takes comments for signs of life', () => {
    expect(partsOf(chatFormat.openReader(), ': working\n\n')).toEqual([{ kind: 'ping' }]);
  });
});
