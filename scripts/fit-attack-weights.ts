/**
 * Fits the weights of the prompt-attack score on the tuning half of the labelled texts and writes `src/attack/weights.ts`:
 * logistic regression by projected gradient descent, without chance, so that it writes the same again. The penalty pulls
 * each weight to what was expected of its signal before any text was seen (`EXPECTED`): a few hundred texts are too few
 * to learn all of them. What attacks hold can only raise the score, quotations and talk about attacks only lower it.
 */
import { writeFileSync } from 'node:fs';
import { Reading } from '../src/attack/reading.ts';
import { SIGNALS, type Signal } from '../src/attack/grammar.ts';
import { labelledTexts } from '../test/attack/labelled-texts.ts';

const EXPECTED: Readonly<Record<Signal, number>> = {
  overridePrior: 3,
  overrideOwn: 3,
  overrideGiven: 3,
  overrideGiver: 2,
  overrideSystem: 3,
  overrideRules: 0.5,
  overrideTold: 2,
  overrideAbove: 1,
  lapsedPrior: 1,
  lapsed: 2,
  newRules: 1,
  extractSystem: 3,
  extractPrompt: 1.5,
  extractRules: 3,
  extractGiver: 1.5,
  extractAbove: 1.5,
  extractBefore: 2,
  extractHidden: 2,
  askedRules: 2,
  askedGiver: 2,
  verbatim: 1.5,
  unlimitedPersona: 2,
  unlimitedAi: 1,
  unlimited: 1,
  nowYou: 1,
  boss: 2,
  puppetry: 3,
  encoded: 3,
  addressedAi: 2,
  calledAi: 2,
  ifAi: 3,
  conceal: 2,
  template: 2,
  manyTemplates: 1,
  payload: 4,
  disguised: 2,
  ordered: 1,
  several: 1,
  fromTool: 0.5,
  quoted: -1.5,
  mention: -1,
  manyMentions: -1,
  task: -0.5,
  manyTasks: -0.5,
  asking: -1,
  ownRules: -1,
};
const EXPECTED_BIAS = -2;
const expected = SIGNALS.map((name) => EXPECTED[name]);
const STEPS = 6_000;
const RATE = 0.5;
const PENALTY = 0.003;

const samples = labelledTexts()
  .filter(({ isHeldOut }) => !isHeldOut)
  .map(({ text, source, isAttack }) => ({ reading: new Reading(text, source), wanted: isAttack ? 1 : 0 }))
  .filter(({ reading }) => reading.isSuspicious)
  .map(({ reading, wanted }) => ({ values: [...reading.signals], wanted }));
const honest = samples.filter(({ wanted }) => wanted === 0).length;
/** Of all the weight, however few honest texts hold something of an attack. */
const HONEST = 0.5;
const shares = [HONEST / honest, (1 - HONEST) / (samples.length - honest)];

let bias = EXPECTED_BIAS;
const weights = [...expected];
for (let step = 0; step < STEPS; step++) {
  const slopes = weights.map((weight, number) => PENALTY * (weight - expected[number]!));
  let biasSlope = PENALTY * (bias - EXPECTED_BIAS);
  for (const { values, wanted } of samples) {
    const sum = values.reduce((total, value, number) => total + value * weights[number]!, bias);
    const error = (1 / (1 + Math.exp(-sum)) - wanted) * shares[wanted]!;
    biasSlope += error;
    values.forEach((value, number) => (slopes[number]! += error * value));
  }
  bias -= RATE * biasSlope;
  weights.forEach((weight, number) => {
    const moved = weight - RATE * slopes[number]!;
    weights[number] = expected[number]! < 0 ? Math.min(0, moved) : Math.max(0, moved);
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
