import type { Signal } from './grammar.ts';

/** Written by `scripts/fit-attack-weights.ts`; a score is the logistic function of their sum. */
export const BIAS = -2.11;

export const WEIGHTS: Readonly<Record<Signal, number>> = {
  overridePrior: 2.24,
  overrideOwn: 3.22,
  overrideRules: 0,
  overrideTold: 3.1,
  lapsed: 1.67,
  newRules: 1.21,
  extractSystem: 2.66,
  extractRules: 3.86,
  extractAbove: 3.19,
  askedRules: 1.54,
  unlimitedPersona: 3.35,
  unlimited: 1.1,
  nowYou: 0.85,
  puppetry: 3.2,
  encoded: 3.01,
  addressedAi: 3.14,
  ifAi: 3.07,
  conceal: 2.71,
  template: 2.3,
  manyTemplates: 1.45,
  payload: 4.01,
  disguised: 2.08,
  several: 1.11,
  fromTool: 0,
  quoted: -1.71,
  mention: -1.67,
  manyMentions: -1.31,
  task: -2.31,
};
