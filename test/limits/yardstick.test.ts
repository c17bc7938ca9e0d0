import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Written } from '../../src/core/exchange.ts';
import type { Operation } from '../../src/core/operation.ts';
import { OutputTally } from '../../src/limits/output-tally.ts';
import { Yardstick } from '../../src/limits/yardstick.ts';
import { SseEvent } from '../../src/core/sse.ts';

const SEED = 20_261_121;

function written(deltas: readonly string[]): Written {
  const text = deltas.join('');
  return { deltas: deltas.length, chars: text.length, text };
}

const words = (count: number): Written => written(Array.from({ length: count }, () => 'seven! '));
/** Several tokens each, as Anthropic sends them. */
const lumps = (count: number): Written =>
  written(Array.from({ length: count }, () => 'The river bends where it is soft, '));
/** As of a reply that told its usage. */
const learned = (...replies: [Written, number][]): Yardstick => {
  const yardstick = new Yardstick();
  for (const [reply, told] of replies) yardstick.learnOutput(reply, null, told);
  return yardstick;
};

describe('what was written of a reply that did not tell its usage', () => {
  it('is a token for each delta, where they are as small as tokens', () => {
    expect(new Yardstick().outputTokens(words(40), null)).toBe(40);
    expect(new Yardstick().outputTokens(words(0), null)).toBe(0);
  });

  it('is what the model’s tokenizer counts where deltas are longer, or a fourth of the bytes', () => {
    expect(new Yardstick().outputTokens(lumps(8), () => 71)).toBe(71);
    expect(new Yardstick().outputTokens(lumps(8), null)).toBe((8 * 34) / 4);
    const buffered = { ...words(10), deltas: 0 };
    expect(new Yardstick().outputTokens(buffered, null)).toBe(Math.ceil(70 / 4));
  });

  it.each([
    ['by its deltas', [words(50), 50], 50],
    ['by its deltas and a token for the end', [words(50), 51], 50],
    ['by its text', [words(50), Math.ceil(350 / 4)], Math.ceil(350 / 4)],
    ['by something else', [words(50), 110], 110],
  ] as [string, [Written, number], number][])('is counted as earlier replies were: %s', (_, told, whole) => {
    const yardstick = learned(told);
    expect(yardstick.outputTokens(words(50), null)).toBe(whole);
    expect(Math.abs(yardstick.outputTokens(words(20), null) - whole * 0.4)).toBeLessThanOrEqual(0.5);
  });

  it('follows a provider that begins to count in another way', () => {
    const many = (told: number) => Array.from({ length: 40 }, (): [Written, number] => [words(50), told]);
    expect(learned(...many(50), ...many(88)).outputTokens(words(50), null)).toBe(88);
  });

  it('is a count, whatever providers told before', () => {
    const reply = fc.array(fc.string({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 40 }).map(written);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(reply, fc.double({ min: 0.05, max: 1, noNaN: true })), { maxLength: 12 }),
        reply,
        (past, now) => {
          const replies = past.map(([each, share]): [Written, number] => [each, Math.ceil(each.chars * share)]);
          const tokens = learned(...replies).outputTokens(now, null);
          expect(Number.isSafeInteger(tokens)).toBe(true);
          expect(tokens).toBeGreaterThanOrEqual(0);
        },
      ),
      { seed: SEED },
    );
  });

  it('goes by the first replies and then by some of them', () => {
    const yardstick = new Yardstick();
    const looked = Array.from({ length: 168 }, () => yardstick.mayLearn());
    expect(looked.filter(Boolean)).toHaveLength(8 + 10);
  });
});

it('the input of a call whose provider does not tell it is what earlier ones were of their likely input', () => {
  const yardstick = new Yardstick();
  expect(yardstick.inputTokens(10)).toBe(10);
  for (let call = 0; call < 30; call++) yardstick.learnInput(12, 15);
  expect(yardstick.inputTokens(12)).toBe(15);
  yardstick.learnInput(12, 0);
  expect(yardstick.inputTokens(24)).toBe(30);
});

describe('the tally of a stream', () => {
  const event = (text: string): SseEvent => new SseEvent(Buffer.from(`${text}\n\n`));
  const chat = (delta: object): SseEvent => event(`data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}`);
  const call = (fields: object): object => ({ tool_calls: [{ index: 0, function: fields }] });

  it('has the deltas with output in them, names and arguments of tools too', () => {
    const tally = new OutputTally('chat');
    for (const delta of [
      { role: 'assistant', content: '' },
      { content: 'a "b"' },
      call({ name: 'n', arguments: '' }),
      call({ arguments: '{}' }),
    ])
      tally.event(chat(delta));
    expect(tally.written()).toEqual({ deltas: 3, chars: 8, text: 'a "b"n{}' });
  });

  it.each([
    [
      'messages',
      ['content_block_start', { content_block: { type: 'tool_use', name: 'n' } }],
      ['content_block_delta', { delta: { partial_json: 'x' } }],
    ],
    [
      'responses',
      ['response.output_item.added', { item: { type: 'function_call', name: 'n' } }],
      ['response.function_call_arguments.delta', { delta: 'x' }],
    ],
  ] as [Operation, ...[string, object][]][])('has those of %s', (operation, ...events) => {
    const tally = new OutputTally(operation);
    for (const [type, fields] of events)
      tally.event(event(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}`));
    expect(tally.written()).toEqual({ deltas: 2, chars: 2, text: 'nx' });
  });

  it('knows what came after a usage that was told midway', () => {
    const tally = new OutputTally('chat');
    tally.event(chat({ content: 'one' }));
    tally.told();
    expect(tally.untold().chars).toBe(0);
    tally.event(chat({ content: 'two' }));
    expect(tally.untold()).toEqual({ deltas: 1, chars: 3, text: 'two' });
  });
});
