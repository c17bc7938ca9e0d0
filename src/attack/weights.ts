import type { Signal } from './grammar.ts';

/** Written by `scripts/fit-attack-weights.ts`; a score is the logistic function of their sum. */
export const BIAS = 0.23;

export const WEIGHTS: Readonly<Record<Signal, number>> = {
  overridePrior: 0,
  overrideOwn: 1.03,
  overrideRules: 0,
  overrideTold: 0.68,
  lapsed: 0.01,
  newRules: 0,
  extractSystem: 0.27,
  extractRules: 1.39,
  extractAbove: 0.77,
  unlimitedPersona: 1.65,
  unlimited: 0.04,
  nowYou: 0,
  puppetry: 0.6,
  encoded: 0.56,
  addressedAi: 1.26,
  ifAi: 0.78,
  conceal: 1.02,
  template: 0.69,
  manyTemplates: 1.25,
  payload: 0.56,
  disguised: 0.68,
  several: 0.92,
  fromTool: 0,
  quoted: -0.97,
  mention: -1.84,
  manyMentions: -1.07,
  task: -2.62,
};
