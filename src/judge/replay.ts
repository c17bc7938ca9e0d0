import type { Finding } from './alarms.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Percent, Seconds } from '../core/units.ts';
import { decide, type Decision, type Reason, type Verdict } from './decide.ts';
import { explain } from './explain.ts';
import { Judge } from './judge.ts';
import type { JudgePlan } from './plan.ts';

/** Weights are written with a few decimals. */
const ROUNDING = 1e-6;

export interface DecisionRecord {
  readonly decision: Exclude<Decision, 'none'>;
  readonly reason: Reason;
  readonly at: Seconds;
  /** Counts the outcomes, from 1. */
  readonly request: number;
  readonly weight: Percent;
  readonly finding: Finding | null;
}

/**
 * Judges recorded outcomes as they would have been judged live. It never acts: the weights are those of the record, and a
 * step begins where they reach it. After a rollback there is nothing more to judge.
 */
export class Replay {
  readonly judge: Judge;
  readonly decisions: DecisionRecord[] = [];
  readonly warnings = new Set<string>();
  private step = -1;
  /** What was decided in this step already. */
  private readonly told = new Set<string>();

  constructor(plan: JudgePlan) {
    this.judge = new Judge(plan);
  }

  get isOver(): boolean {
    return this.decisions.at(-1)?.decision === 'rollback';
  }

  /** The rollback if there is one, else the last decision; null: none was made. */
  get result(): DecisionRecord | null {
    return this.decisions.at(-1) ?? null;
  }

  observe(outcome: Outcome): void {
    const { judge } = this;
    const step = this.stepOf(outcome.probability * 100);
    // Never back: outcomes that come late have the weight of an earlier step.
    if (step > this.step) this.begin(step, outcome.at);
    judge.observe(outcome);
    const isLastStep = this.step === judge.plan.steps.length - 1;
    const verdict = decide(judge, { now: judge.at, isLastStep });
    for (const warning of verdict.warnings) this.warnings.add(warning);
    if (verdict.decision !== 'none') this.tell(verdict, outcome.probability * 100);
  }

  private begin(step: number, at: Seconds): void {
    this.step = step;
    this.told.clear();
    this.judge.beginStep(Math.max(at, this.judge.at));
  }

  private tell(verdict: Verdict, weight: Percent): void {
    const { decision, reason, evidence } = verdict;
    const key = `${decision} ${reason} ${reason === 'harmless' ? '' : (evidence?.metric ?? '')}`;
    if (decision === 'none' || this.told.has(key)) return;
    this.told.add(key);
    const { at, requests } = this.judge;
    this.decisions.push({ decision, reason, at, request: requests, weight, finding: explain(this.judge, verdict) });
  }

  /** The last one whose weight is not above the given one; the first where all are. */
  private stepOf(weight: Percent): number {
    return Math.max(
      0,
      this.judge.plan.steps.findLastIndex((step) => step <= weight + ROUNDING),
    );
  }
}
