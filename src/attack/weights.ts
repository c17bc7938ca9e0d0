import type { Signal } from './grammar.ts';

/** Written by `scripts/fit-attack-weights.ts`; a score is the logistic function of their sum. */
export const BIAS = -2.36;

export const WEIGHTS: Readonly<Record<Signal, number>> = {
  overridePrior: 2.06,
  overrideOwn: 3.15,
  overrideRules: 0,
  overrideTold: 3.07,
  lapsed: 1.77,
  newRules: 1.26,
  extractSystem: 2.61,
  extractRules: 3.71,
  extractAbove: 2.97,
  askedRules: 1.59,
  unlimitedPersona: 3.4,
  unlimited: 1.16,
  nowYou: 0.89,
  puppetry: 3.23,
  encoded: 3.01,
  addressedAi: 3.2,
  ifAi: 3.08,
  conceal: 2.73,
  template: 2.38,
  manyTemplates: 1.5,
  payload: 4.01,
  disguised: 2.09,
  ordered: 0.77,
  several: 1.08,
  fromTool: 0.08,
  quoted: -1.73,
  mention: -1.6,
  manyMentions: -1.3,
  task: -2.41,
};
