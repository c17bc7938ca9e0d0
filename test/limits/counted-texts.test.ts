import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountedTexts } from '../../src/limits/counted-texts.ts';

function counting() {
  const asked: string[] = [];
  const texts = new CountedTexts((text) => {
    asked.push(text);
    return text.length;
  });
  return { asked, texts };
}

const LONG = 'You are a helpful assistant. '.repeat(10);

describe('texts that come again', () => {
  it('are counted once', () => {
    const { asked, texts } = counting();
    expect([texts.tokensOf(LONG, 'a'), texts.tokensOf(LONG, 'a')]).toEqual([LONG.length, LONG.length]);
    expect(asked).toEqual([LONG]);
  });

  it('are counted for each owner, who cannot tell what others sent', () => {
    const { asked, texts } = counting();
    for (const owner of ['a', 'b', 'a', 'b']) texts.tokensOf(LONG, owner);
    expect(asked).toEqual([LONG, LONG]);
  });

  it('have the count that they have, whatever came between', () => {
    const { texts } = counting();
    const text = fc.integer({ min: 0, max: 300 }).map((extra) => LONG + 'x'.repeat(extra));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 200 }), (all) => {
        for (const each of all) expect(texts.tokensOf(each, 'a')).toBe(each.length);
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  it('are as many as there are slots: a further one takes the place of another', () => {
    const { asked, texts } = counting();
    for (let turn = 0; turn < 2; turn++)
      for (let number = 0; number < 20_000; number++)
        expect(texts.tokensOf(`${LONG}${number}`, 'a')).toBeGreaterThan(0);
    expect(asked.length).toBeGreaterThan(20_000);
  });
});
