import type { Outcome } from '../../src/core/outcome.ts';
import { judgePlan, type DeclaredJudgement, type JudgePlan } from '../../src/judge/plan.ts';
import { Judge } from '../../src/judge/judge.ts';
import { INDEPENDENT, NO_HARM, Random, type Harm } from '../../bench/judge-scenarios.ts';

export function newOutcome(change: Partial<Outcome> = {}): Outcome {
  return { at: 0, unit: null, arm: 0, probability: 0.05, metadata: new Map(), ...change };
}

export const GUARDED: DeclaredJudgement = {
  guard: { error_rate: '+25%', latency_p95: '+15%', cost: '+20%' },
  watch: ['finish_reason', 'output_tokens'],
  segments: ['metadata.language', 'key'],
};

export function planOf(declared: DeclaredJudgement = GUARDED, steps: readonly number[] = [5, 100]): JudgePlan {
  return judgePlan(declared, steps);
}

/** Outcomes of independent requests, with units, tokens and finish reasons; the same for the same seed. */
export function outcomes(count: number, seed: number, harm: Partial<Harm> = {}, weight = 0.2): Outcome[] {
  const random = new Random(seed);
  const next = INDEPENDENT.begin(random, { ...NO_HARM, ...harm }, weight);
  return Array.from({ length: count }, () => {
    const outcome = { ...next() };
    return {
      ...outcome,
      unit: `${seed}-${Math.floor(random.uniform() * 3 * count)}`,
      outputTokens: Math.ceil(outcome.latencyMs! / 10),
      finishReason: random.uniform() < 0.9 ? 'stop' : 'length',
      key: random.uniform() < 0.5 ? 'a' : 'b',
    };
  });
}

export function judged(plan: JudgePlan, list: Iterable<Outcome>): Judge {
  const judge = new Judge(plan);
  for (const outcome of list) judge.observe(outcome);
  return judge;
}
