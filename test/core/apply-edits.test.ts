import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, type TextEdit } from '../../src/core/json-document.ts';

/** Edits that do not overlap, from cut points in order. */
const editedText = fc
  .tuple(
    fc.string({ maxLength: 60, unit: 'binary' }),
    fc.array(fc.tuple(fc.nat({ max: 60 }), fc.string({ maxLength: 4 })), { maxLength: 8 }),
  )
  .map(([text, cuts]) => {
    const sorted = cuts.map(([at, insert]) => [Math.min(at, text.length), insert] as const).sort((a, b) => a[0] - b[0]);
    const edits: TextEdit[] = [];
    for (let i = 0; i + 1 < sorted.length; i += 2) {
      edits.push({ start: sorted[i]![0], end: sorted[i + 1]![0], text: sorted[i]![1] });
    }
    return { text, edits };
  });

describe('edits of a text', () => {
  it('replace their places and nothing else, whatever their order', () => {
    fc.assert(
      fc.property(editedText, fc.boolean(), ({ text, edits }, isReversed) => {
        // The plain way: from the back, so that earlier offsets stay true.
        const expected = edits
          .toReversed()
          .reduce((now, { start, end, text: insert }) => now.slice(0, start) + insert + now.slice(end), text);
        const distinct = new Set(edits.map(({ start }) => start)).size === edits.length;
        const order = isReversed && distinct ? edits.toReversed() : edits;
        expect(applyEdits(text, order)).toBe(expected);
      }),
      { seed: 7 },
    );
  });

  it('put an insertion before the replacement that begins at the same place', () => {
    expect(
      applyEdits('ab', [
        { start: 0, end: 1, text: 'X' },
        { start: 0, end: 0, text: 'in-' },
      ]),
    ).toBe('in-Xb');
  });

  it('leave the text itself where there are none', () => {
    expect(applyEdits('{}', [])).toBe('{}');
  });
});
