import type { Clock } from '../core/clock.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Milliseconds } from '../core/units.ts';
import { createEvidence } from './create-evidence.ts';
import type { Evidence, Veto } from './evidence.ts';
import { LeftCount, type LeftCountState } from './left-count.ts';
import { Question } from './question.ts';

/** How often a gate is asked. */
const ASK_EVERY: Milliseconds = 15_000;

interface RolloutWatchState {
  readonly epoch: number;
  readonly evidence: unknown;
  readonly noted: readonly string[];
  /** Missing where earlier software saved it. */
  readonly left?: LeftCountState;
}

/** One rollout as the controller follows it: the evidence of its latest start, and what was said about it already. */
export class RolloutWatch {
  evidence: Evidence;
  left: LeftCount;
  /** Of a gate, in this step. */
  veto: Veto | null = null;
  private since: Milliseconds = -1;
  /** Whether somebody wants this start of the rollout rolled back. */
  wish: Question<Veto | null>;
  private consent: { readonly to: string; readonly question: Question<Veto | null> } | null = null;
  private readonly clock: Clock;
  private readonly noted: Set<string>;

  constructor(rollout: Rollout, clock: Clock, saved?: string) {
    this.clock = clock;
    this.wish = new Question(clock, ASK_EVERY);
    const state = saved === undefined ? null : (JSON.parse(saved) as RolloutWatchState);
    const isSame = state !== null && state.epoch === rollout.state.epoch;
    this.evidence = createEvidence(rollout, isSame ? state.evidence : undefined);
    this.left = new LeftCount(rollout.spec.arms.length, isSame ? state.left : undefined);
    this.noted = new Set(isSame ? state.noted : []);
  }

  /** A new start begins with no evidence; what a gate said of one step says nothing about another. */
  follow(rollout: Rollout): void {
    const { epoch, since } = rollout.state;
    if (this.evidence.epoch !== epoch) {
      this.evidence = createEvidence(rollout);
      this.left = new LeftCount(rollout.spec.arms.length);
      this.noted.clear();
      this.wish = new Question(this.clock, ASK_EVERY);
    }
    if (this.since !== since) {
      this.since = since;
      this.veto = null;
      this.consent = null;
    }
    this.evidence.follow(rollout);
  }

  /** Whether the rollout may go on. @param to what exactly is agreed to: who agreed to something else is asked again */
  consentTo(to: string): Question<Veto | null> {
    if (this.consent?.to !== to) {
      this.veto = null;
      this.consent = { to, question: new Question(this.clock, ASK_EVERY) };
    }
    return this.consent.question;
  }

  /** Nobody was told of it in this step. */
  isNews(rollout: Rollout, finding: string): boolean {
    return !this.noted.has(noteKey(rollout, finding));
  }

  told(rollout: Rollout, finding: string): void {
    this.noted.add(noteKey(rollout, finding));
  }

  toJSON(): RolloutWatchState {
    return { epoch: this.evidence.epoch, evidence: this.evidence, noted: [...this.noted], left: this.left.toJSON() };
  }
}

/** What an experiment has decided stays so whatever its share of the traffic is. */
function noteKey({ spec, state }: Rollout, finding: string): string {
  return spec.kind === 'canary' ? `${state.since} ${finding}` : finding;
}
