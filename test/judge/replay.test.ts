import { describe, expect, it } from 'vitest';
import { Replay } from '../../src/judge/replay.ts';
import type { DeclaredJudgement } from '../../src/judge/plan.ts';
import { newOutcome, outcomes, planOf } from './outcomes.ts';

const DECLARED: DeclaredJudgement = { guard: { latency_p95: '+100%' } };

function replay(
  declared: DeclaredJudgement,
  steps: readonly number[],
  ...parts: ReturnType<typeof outcomes>[]
): Replay {
  const one = new Replay(planOf(declared, steps));
  let begin = 0;
  for (const part of parts) {
    for (const outcome of part) one.observe({ ...outcome, at: outcome.at + begin });
    begin += part.at(-1)!.at;
  }
  return one;
}

describe('a replay', () => {
  it('advances and promotes a canary that equals stable, once per step', () => {
    const one = replay(DECLARED, [20, 50], outcomes(2500, 1, {}, 0.2), outcomes(2500, 2, {}, 0.5));
    expect(one.decisions.map(({ decision, weight }) => [decision, weight])).toEqual([
      ['advance', 20],
      ['promote', 50],
    ]);
    expect(one.result).toBe(one.decisions[1]);
  });

  it('ends at a rollback', () => {
    const one = replay({ guard: { error_rate: '+0%' } }, [20, 50], outcomes(2000, 3, { errors: 20 }));
    expect(one.isOver).toBe(true);
    expect(one.result).toMatchObject({ decision: 'rollback', reason: 'guard', finding: { metric: 'error_rate' } });
    expect(one.result!.request).toBe(one.judge.alarms[0]!.request);
  });

  it('tells a hold once, and again in a later step', () => {
    const unclear: DeclaredJudgement = { guard: { error_rate: '+1%' }, step: { max: 20_000 } };
    const one = replay(unclear, [20, 50], outcomes(1000, 4, {}, 0.2), outcomes(1000, 5, {}, 0.5));
    expect(one.decisions.map(({ decision, reason, weight }) => [decision, reason, weight])).toEqual([
      ['hold', 'inconclusive', 20],
      ['hold', 'inconclusive', 50],
    ]);
  });

  it('decides nothing on nothing', () => {
    const one = new Replay(planOf(DECLARED));
    expect(one.result).toBeNull();
    one.observe(newOutcome());
    expect(one.result).toBeNull();
  });

  it('keeps what is only to warn of', () => {
    const one = new Replay(planOf({ on: { srm: 'warn', no_traffic: 'warn' } }));
    for (let request = 0; request < 700; request++) one.observe(newOutcome());
    expect([...one.warnings]).toEqual(['srm', 'no_traffic']);
    expect(one.result).toBeNull();
  });

  it('takes weights that climb without steps as they come', () => {
    const one = new Replay(planOf({ guard: { error_rate: '+25%' } }, [5, 25, 50]));
    for (const [index, outcome] of outcomes(3000, 6, {}, 0.5).entries()) {
      const probability = 0.05 + (0.45 * index) / 3000;
      one.observe({ ...outcome, probability, arm: outcome.arm === 1 && index % 10 < probability * 20 ? 1 : 0 });
    }
    expect(one.result?.decision).not.toBe('rollback');
  });
});
