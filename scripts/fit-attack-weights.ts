/**
 * Fits the weights of the prompt-attack score on the tuning half of the labelled texts and writes `src/attack/weights.ts`:
 * logistic regression by projected gradient descent, with an L2 penalty, from zero and without chance, so that it
 * writes the same again. What attacks hold can only raise the score, quotations and talk about attacks only lower it.
 */
import { writeFileSync } from 'node:fs';
import { Reading } from '../src/attack/reading.ts';
import { SIGNALS, type Signal } from '../src/attack/grammar.ts';
import { labelledTexts } from '../test/attack/labelled-texts.ts';

const LOWERING: ReadonlySet<Signal> = new Set(['quoted', 'mention', 'manyMentions', 'task']);
const STEPS = 20_000;
const RATE = 0.5;
const PENALTY = 0.004;

const samples = labelledTexts()
  .filter(({ isHeldOut }) => !isHeldOut)
  .map(({ text, source, isAttack }) => ({ reading: new Reading(text, source), wanted: isAttack ? 1 : 0 }))
  .filter(({ reading }) => reading.isSuspicious)
  .map(({ reading, wanted }) => ({ values: [...reading.signals], wanted }));
const honest = samples.filter(({ wanted }) => wanted === 0).length;
/** Both kinds count the same, however many there are of each. */
const shares = [0.5 / honest, 0.5 / (samples.length - honest)];

let bias = 0;
const weights = SIGNALS.map(() => 0);
for (let step = 0; step < STEPS; step++) {
  const slopes = weights.map((weight) => PENALTY * weight);
  let biasSlope = 0;
  for (const { values, wanted } of samples) {
    const sum = values.reduce((total, value, number) => total + value * weights[number]!, bias);
    const error = (1 / (1 + Math.exp(-sum)) - wanted) * shares[wanted]!;
    biasSlope += error;
    values.forEach((value, number) => (slopes[number]! += error * value));
  }
  bias -= RATE * biasSlope;
  weights.forEach((weight, number) => {
    const moved = weight - RATE * slopes[number]!;
    weights[number] = LOWERING.has(SIGNALS[number]!) ? Math.min(0, moved) : Math.max(0, moved);
  });
}

const lines = SIGNALS.map((name, number) => `  ${name}: ${Number(weights[number]!.toFixed(2))},`);
writeFileSync(
  new URL('../src/attack/weights.ts', import.meta.url),
  `import type { Signal } from './grammar.ts';

/** Written by \`scripts/fit-attack-weights.ts\`; a score is the logistic function of their sum. */
export const BIAS = ${Number(bias.toFixed(2))};

export const WEIGHTS: Readonly<Record<Signal, number>> = {
${lines.join('\n')}
};
`,
);
console.log(`fitted on ${samples.length} texts with signals, ${honest} of them honest`);
