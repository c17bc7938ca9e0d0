import { describe, expect, it } from 'vitest';
import { decide, type Verdict } from '../../src/judge/decide.ts';
import { explain } from '../../src/judge/explain.ts';
import { Judge } from '../../src/judge/judge.ts';
import type { DeclaredJudgement } from '../../src/judge/plan.ts';
import { judged, newOutcome, outcomes, planOf } from './outcomes.ts';

const MINUTE = 60;
const LATENCY: DeclaredJudgement = { guard: { latency_p95: '+50%' }, step: { min: 10 * MINUTE * 1000 } };

function verdictOf(judge: Judge, now: number, isLastStep = false): Verdict {
  return decide(judge, { now, isLastStep });
}

/** A judge that has seen a canary which equals stable, for 100 seconds. */
function harmless(declared: DeclaredJudgement): Judge {
  const judge = new Judge(planOf(declared));
  judge.beginStep(0);
  for (const outcome of outcomes(2000, 3)) judge.observe(outcome);
  return judge;
}

describe('advance', () => {
  it('comes when the least time is over and every guard is shown to be within its margin', () => {
    const judge = harmless(LATENCY);
    expect(verdictOf(judge, 9 * MINUTE)).toMatchObject({ decision: 'none', reason: 'gathering' });
    const verdict = verdictOf(judge, 10 * MINUTE);
    expect(verdict).toMatchObject({ decision: 'advance', reason: 'harmless', evidence: { metric: 'latency_p95' } });
    expect(verdict.evidence!.eValue).toBeGreaterThan(20);
  });

  it('is called promote where there is no higher weight', () => {
    expect(verdictOf(harmless(LATENCY), 10 * MINUTE, true)).toMatchObject({ decision: 'promote', reason: 'harmless' });
  });

  it('waits for fifty canary units in the step itself', () => {
    const judge = harmless(LATENCY);
    judge.beginStep(100);
    expect(verdictOf(judge, 600 + 101)).toMatchObject({ decision: 'hold', reason: 'no_traffic' });
    const later = (arm: number) => newOutcome({ at: 700, arm, probability: 0.5, latencyMs: 500 });
    for (let unit = 0; unit < 49; unit++) for (const arm of [0, 1]) judge.observe(later(arm));
    expect(verdictOf(judge, 800)).toMatchObject({ decision: 'none', reason: 'gathering' });
    judge.observe(later(1));
    expect(verdictOf(judge, 800)).toMatchObject({ decision: 'advance' });
  });

  it('to the end needs no more evidence where stable has no traffic left to compare with', () => {
    const judge = new Judge(planOf({ guard: { error_rate: '+1%' }, step: { min: 60_000 } }, [5, 100]));
    judge.beginStep(1000);
    judge.observe(newOutcome({ at: 1001, arm: 1, probability: 1, error: false }));
    expect(verdictOf(judge, 1059, true)).toMatchObject({ decision: 'none', reason: 'gathering' });
    expect(verdictOf(judge, 1060, true)).toMatchObject({ decision: 'promote', reason: 'inconclusive' });
  });

  it('never comes by itself where neither guards nor steps are declared', () => {
    expect(verdictOf(harmless({}), 1e6 / 1e4)).toMatchObject({ decision: 'none', reason: 'manual' });
  });

  it('comes by time alone where steps are declared without guards', () => {
    expect(verdictOf(harmless({ step: { min: 1000 } }), 101)).toMatchObject({ decision: 'advance', evidence: null });
  });
});

describe('a step whose time is up', () => {
  const UNCLEAR = { guard: { error_rate: '+1%' } };

  it.each([
    ['pause', 'hold'],
    ['advance', 'advance'],
    ['rollback', 'rollback'],
  ] as const)('with inconclusive: %s is a %s', (inconclusive, decision) => {
    const judge = harmless({ ...UNCLEAR, step: { max: 5 * MINUTE * 1000, inconclusive } });
    expect(verdictOf(judge, 5 * MINUTE - 1)).toMatchObject({ decision: 'none', reason: 'gathering' });
    expect(verdictOf(judge, 5 * MINUTE)).toMatchObject({ decision, reason: 'inconclusive' });
  });

  it('pauses by default', () => {
    const judge = harmless({ ...UNCLEAR, step: { max: 1000 } });
    expect(verdictOf(judge, 101)).toMatchObject({ decision: 'hold', reason: 'inconclusive' });
  });
});

describe('rollback', () => {
  it('comes before everything else and is explained by the alarm', () => {
    const judge = judged(planOf({ guard: { error_rate: '+25%' } }), outcomes(3000, 8, { errors: 20 }));
    const verdict = verdictOf(judge, 1e9);
    expect(verdict).toMatchObject({ decision: 'rollback', reason: 'guard', evidence: { metric: 'error_rate' } });
    const finding = explain(judge, verdict)!;
    expect(finding.eValue).toBeGreaterThanOrEqual(finding.threshold);
    expect(finding.effect.low).toBeGreaterThan(0);
    expect(finding.counts.canary.events).toBeGreaterThan(3);
  });
});

describe('doubt about the comparison', () => {
  /** Every third unit on the canary where it should be every tenth. */
  const skewed = Array.from({ length: 600 }, (_, unit) =>
    newOutcome({ arm: unit % 3 === 0 ? 1 : 0, probability: 0.1 }),
  );
  const missing = Array.from({ length: 400 }, () => newOutcome({ probability: 0.1 }));

  it.each([
    ['hold', 'hold'],
    ['rollback', 'rollback'],
    [undefined, 'hold'],
  ] as const)('over the share of the units, srm: %s, is a %s', (action, decision) => {
    const judge = judged(planOf({ on: { srm: action } }), skewed);
    const verdict = verdictOf(judge, 0);
    expect(verdict).toMatchObject({ decision, reason: 'srm', evidence: { metric: 'srm', threshold: 1000 } });
    expect(explain(judge, verdict)!.counts).toMatchObject({ stable: { units: 400 }, canary: { units: 200 } });
  });

  it('that is only to warn of does not decide', () => {
    const judge = judged(planOf({ on: { srm: 'warn', no_traffic: 'warn' } }), [...skewed, ...missing]);
    expect(verdictOf(judge, 0)).toMatchObject({ decision: 'none', warnings: ['srm', 'no_traffic'] });
  });

  it('over an arm without traffic holds', () => {
    const judge = judged(planOf({ on: { srm: 'warn' } }), [
      newOutcome({ arm: 1, probability: 0.1 }),
      ...missing.slice(0, 299),
    ]);
    expect(verdictOf(judge, 0).decision).toBe('none');
    judge.observe(missing[0]!);
    judge.observe(missing[0]!);
    expect(verdictOf(judge, 0)).toMatchObject({ decision: 'hold', reason: 'no_traffic' });
  });

  it('over no traffic at all holds after ten minutes', () => {
    const judge = judged(planOf({}), [newOutcome({ at: 1000 })]);
    expect(verdictOf(judge, 1599).decision).toBe('none');
    expect(verdictOf(judge, 1600)).toMatchObject({ decision: 'hold', reason: 'no_traffic' });
  });
});

describe('a watched distribution', () => {
  const finish = (arm: number, index: number, share: number) =>
    arm === 1 && index % 10 < share * 10 ? 'length' : 'stop';

  it.each([
    [0.5, 'hold'],
    [0, 'none'],
  ])('with %d of the canary’s replies cut off: %s', (share, decision) => {
    const judge = new Judge(planOf({ watch: ['finish_reason'] }));
    for (let index = 0; index < 400; index++) {
      const arm = index % 2;
      judge.observe(newOutcome({ arm, probability: 0.5, finishReason: finish(arm, index >> 1, share) }));
    }
    const verdict = verdictOf(judge, 0);
    expect(verdict.decision).toBe(decision);
    expect((explain(judge, verdict)?.effect.estimate ?? 0) > 0.1).toBe(share > 0);
  });

  it('holds for shorter and for longer replies alike', () => {
    for (const factor of [0.5, 2]) {
      const judge = new Judge(planOf({ watch: ['output_tokens'] }));
      for (const outcome of outcomes(1500, 21))
        judge.observe({ ...outcome, outputTokens: outcome.outputTokens! * (outcome.arm === 1 ? factor : 1) });
      expect(verdictOf(judge, 0)).toMatchObject({
        decision: 'hold',
        reason: 'watch',
        evidence: { metric: 'output_tokens' },
      });
      const { estimate } = explain(judge, verdictOf(judge, 0))!.effect;
      expect(Math.sign(estimate!)).toBe(factor < 1 ? -1 : 1);
    }
  });

  it('does not hold for a certain but small difference', () => {
    const judge = new Judge(planOf({ watch: ['output_tokens'] }));
    for (let index = 0; index < 20_000; index++) {
      const arm = index % 2;
      judge.observe(newOutcome({ arm, probability: 0.5, outputTokens: 1000 + (index % 50) + 20 * arm }));
    }
    expect(judge.watches[0]!.eValue).toBeGreaterThan(1000);
    expect(verdictOf(judge, 0).decision).toBe('none');
  });
});
