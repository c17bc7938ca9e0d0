import type { Signal } from './grammar.ts';

/** Written by `scripts/fit-attack-weights.ts`; a score is the logistic function of their sum. */
export const BIAS = -2.37;

export const WEIGHTS: Readonly<Record<Signal, number>> = {
  overridePrior: 2.07,
  overrideOwn: 3.15,
  overrideRules: 0,
  overrideTold: 3.07,
  lapsed: 1.76,
  newRules: 1.29,
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
  disguised: 2.08,
  ordered: 0.78,
  several: 1.08,
  fromTool: 0.07,
  quoted: -1.74,
  mention: -1.6,
  manyMentions: -1.3,
  task: -2.42,
};
