import { describe, expect, it } from 'vitest';
import { scoreText } from '../../src/attack/score-text.ts';
import { labelledTexts, type LabelledText, type TextSet } from './labelled-texts.ts';

const texts = labelledTexts();
/** A phrase more or less moves a text or two. */
const SLACK = 0.03;

/** The figures of docs/prompt-attacks.md: who changes phrases or weights sees what it costs. */
const PUBLISHED: readonly (readonly [TextSet, boolean, number, number])[] = [
  ['first', true, 0.93, 0.91],
  ['later', true, 0.89, 0.75],
  ['development', false, 0.96, 0.92],
  ['fresh', true, 0.54, 0.11],
];

function isFlagged({ text, source }: LabelledText): boolean {
  return scoreText(text, source) >= 0.5;
}

describe('texts are told apart as well as the documentation says', () => {
  it.each(PUBLISHED)('%s, held out: %s', (set, isHeldOut, precision, recall) => {
    const own = texts.filter((each) => each.set === set && each.isHeldOut === isHeldOut);
    const flagged = own.filter(isFlagged);
    const hits = flagged.filter(({ isAttack }) => isAttack).length;
    expect(hits / flagged.length).toBeGreaterThanOrEqual(precision - SLACK);
    expect(hits / own.filter(({ isAttack }) => isAttack).length).toBeGreaterThanOrEqual(recall - SLACK);
  });
});

it('few honest texts of those that were never tuned on are flagged', () => {
  const honest = texts.filter(({ set, isAttack }) => set === 'fresh' && !isAttack);
  expect(honest.filter(isFlagged).length / honest.length).toBeLessThanOrEqual(0.05 + SLACK);
});

it.each([
  ['first', 6, 6, 12],
  ['development', 40, 80, 8],
  ['fresh', 15, 30, 8],
] as const)(
  'the %s texts have %i attacks and %i honest ones or more in %i languages',
  (set, attacks, honest, count) => {
    const own = texts.filter((each) => each.set === set);
    const languages = new Set(own.map((each) => each.language));
    expect(languages.size).toBe(count);
    for (const language of languages)
      for (const isHeldOut of new Set(own.map((each) => each.isHeldOut))) {
        const some = own.filter((each) => each.language === language && each.isHeldOut === isHeldOut);
        expect(some.filter(({ isAttack }) => isAttack).length).toBeGreaterThanOrEqual(attacks);
        expect(some.filter(({ isAttack }) => !isAttack).length).toBeGreaterThanOrEqual(honest);
      }
  },
);

it('no fresh text is one that phrases and weights were made on', () => {
  const known = new Set(texts.filter(({ set }) => set !== 'fresh').map(({ text }) => text));
  expect(texts.filter(({ set, text }) => set === 'fresh' && known.has(text))).toEqual([]);
});
