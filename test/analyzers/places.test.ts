import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch } from '../../src/analyzers/batches.ts';
import { CodePoints } from '../../src/analyzers/code-points.ts';
import { joinSpans } from '../../src/analyzers/join-spans.ts';
import { OVERLAP, piecesOf } from '../../src/analyzers/pieces.ts';
import { readAnswer } from '../../src/analyzers/read-answer.ts';

const SEED = { seed: 20_261_121, numRuns: 200 };
const span = (start: number, end: number, entity = 'PERSON', score = 0.9) => ({ entity, start, end, score });

describe('places in code points', () => {
  test('become places in UTF-16 units', () => {
    const text = 'Hi 👩‍🚀 Ana é 𝒥im';
    const characters = [...text];
    const start = characters.indexOf('A');
    const units = new CodePoints(text).toUnits([start, start + 3]);
    expect(text.slice(units.get(start), units.get(start + 3))).toBe('Ana');
  });

  test('are those that iterating over the characters gives, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.nat(), fc.nat(), (text, a, b) => {
        const characters = [...text];
        const codePoints = new CodePoints(text);
        expect(codePoints.length).toBe(characters.length);
        const places = [a % (characters.length + 1), b % (characters.length + 1)];
        const units = codePoints.toUnits(places);
        for (const place of places) expect(units.get(place)).toBe(characters.slice(0, place).join('').length);
      }),
      SEED,
    );
  });

  test('half of a pair that stands alone is one character', () => {
    const text = 'a\ud83dAna\ude00';
    expect(new CodePoints(text).length).toBe(6);
    expect(new CodePoints(text).toUnits([2, 5])).toEqual(
      new Map([
        [2, 2],
        [5, 5],
      ]),
    );
  });
});

describe('an answer', () => {
  const one = { entity_type: 'PERSON', start: 0, end: 3, score: 0.85, analysis_explanation: null };

  test('is read with what else is in it', () => {
    expect(readAnswer(JSON.stringify([one]), 'Ana is here')).toEqual([span(0, 3, 'PERSON', 0.85)]);
  });

  test.each([
    ['an error', '{"error":"no model"}'],
    ['no JSON', '<html>'],
    ['nothing', ''],
    ['a list of something else', '[1]'],
    ['null in the list', '[null]'],
    ['a place before the text', JSON.stringify([{ ...one, start: -1 }])],
    ['a place behind the text', JSON.stringify([{ ...one, end: 12 }])],
    ['a place within a character', JSON.stringify([{ ...one, end: 1.5 }])],
    ['an end before its start', JSON.stringify([{ ...one, start: 4 }])],
    ['no score', JSON.stringify([{ ...one, score: undefined }])],
    ['no entity', JSON.stringify([{ ...one, entity_type: 7 }])],
    ['one wrong place among right ones', JSON.stringify([one, { ...one, end: 99 }])],
  ])('that holds %s is none', (_, json) => {
    expect(readAnswer(json, 'Ana is here')).toBeNull();
  });
});

describe('texts of one call', () => {
  test('are as many as there is room for', () => {
    const batches = Batch.of(['a'.repeat(6), 'b'.repeat(6), 'c'.repeat(6)], 14);
    expect(batches.map(({ text }) => text)).toEqual(['aaaaaa\n\nbbbbbb', 'cccccc']);
  });

  test('get their own spans back, and a span over two of them is one in each', () => {
    const [batch] = Batch.of(['Hi Ana', 'Li Wei', ''], 100);
    expect(batch!.split([span(3, 6), span(8, 14, 'NAME'), span(5, 10, 'X')])).toEqual([
      [span(3, 6), span(5, 6, 'X')],
      [span(0, 6, 'NAME'), span(0, 2, 'X')],
      [],
    ]);
  });

  test('find every value where it stood, however they are put together', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('', 'x', 'Ana', 'is Ana', 'Ana and Ana.')), fc.nat(20), (texts, more) => {
        const found = Batch.of(texts, 12 + more).flatMap((batch) => {
          const spans = [...batch.text.matchAll(/Ana/g)].map(({ index }) => span(index, index + 3));
          return batch
            .split(spans)
            .map((own, index) => own.map(({ start, end }) => batch.texts[index]!.slice(start, end)));
        });
        expect(found).toEqual(texts.map((text) => [...text.matchAll(/Ana/g)].map(() => 'Ana')));
      }),
      SEED,
    );
  });
});

describe('a text that is too long for one call', () => {
  test('is cut into pieces of which each name is whole in one', () => {
    const long = `${'x'.repeat(900)} ${'Ana Maria '.repeat(300)}`;
    const pieces = piecesOf(['short', long], 1024);
    expect(pieces[0]).toEqual({ text: 'short', index: 0, offset: 0 });
    for (const { text, index, offset } of pieces.slice(1)) {
      expect(index).toBe(1);
      expect(text.length).toBeLessThanOrEqual(1024);
      expect(long.slice(offset, offset + text.length)).toBe(text);
    }
    for (let at = 0; at + OVERLAP <= long.length; at += 100)
      expect(
        pieces.some(({ index, text, offset }) => index === 1 && offset <= at && offset + text.length >= at + OVERLAP),
      ).toBe(true);
  });

  test('is not cut within a character', () => {
    const pieces = piecesOf(['😀'.repeat(2000)], 1025);
    expect(pieces.length).toBeGreaterThan(1);
    for (const { text } of pieces) expect(text.isWellFormed()).toBe(true);
  });
});

test('spans of one entity that overlap are one, however many there are', () => {
  const many = Array.from({ length: 1000 }, (_, index) => span(index % 10, 20 + (index % 7), 'PERSON', index / 1000));
  expect(joinSpans([...many, span(2, 4, 'PLACE'), span(26, 30), span(5, 5)])).toEqual([
    span(0, 26, 'PERSON', 0.999),
    span(2, 4, 'PLACE'),
    span(26, 30),
  ]);
});
