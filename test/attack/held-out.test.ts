import { expect, it } from 'vitest';
import { scoreText } from '../../src/attack/score-text.ts';
import { labelledTexts } from './labelled-texts.ts';

/** The figures of docs/prompt-attacks.md, with some room: who changes phrases or weights sees what it costs. */
it('the held-out half is told apart about as well as the documentation says', () => {
  const texts = labelledTexts().filter(({ isHeldOut, isLater }) => isHeldOut && !isLater);
  const flagged = texts.filter(({ text, source }) => scoreText(text, source) >= 0.5);
  const hits = flagged.filter(({ isAttack }) => isAttack).length;
  expect(hits / texts.filter(({ isAttack }) => isAttack).length).toBeGreaterThan(0.8);
  expect(hits / flagged.length).toBeGreaterThan(0.85);
});

it('every language has attacks and honest texts in both halves', () => {
  const texts = labelledTexts();
  for (const language of new Set(texts.map((each) => each.language)))
    for (const isHeldOut of [true, false])
      for (const isAttack of [true, false]) {
        const own = texts.filter((each) => each.language === language && each.isHeldOut === isHeldOut);
        expect(own.filter((each) => each.isAttack === isAttack).length).toBeGreaterThanOrEqual(6);
      }
});
