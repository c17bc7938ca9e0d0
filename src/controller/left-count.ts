import type { LogEntry } from '../core/outcome.ts';
import type { TrialEntry } from './trial-outcome.ts';

type LeftEntry = Extract<LogEntry, { kind: 'left' }>;

/** Below it some impatience is the callers' own. */
const NOTABLE_SHARE = 0.05;
const NOTABLE_REQUESTS = 5;

interface ArmLeft {
  requests: number;
  left: number;
}

export type LeftCountState = readonly Readonly<ArmLeft>[];

/**
 * Requests of each arm whose callers left before they had an answer. They come to nothing that could be judged, so an arm
 * that hangs may look well.
 */
export class LeftCount {
  private readonly byArm: readonly ArmLeft[];

  constructor(arms: number, saved: LeftCountState = []) {
    this.byArm = Array.from({ length: arms }, (_, arm) => ({ requests: 0, left: 0, ...saved[arm] }));
  }

  /** A request that was told of while it was open counts once, whatever is told of it later. */
  add(entry: TrialEntry | LeftEntry): void {
    const count = this.byArm[entry.arm];
    if (count === undefined) return;
    if (entry.kind === 'left') count.left++;
    if (!(entry.kind === 'left' ? entry.isLate : entry.isRest === true)) count.requests++;
  }

  /** @param names of the arms, in their order */
  warnings(names: readonly string[]): readonly string[] {
    return this.byArm.flatMap(({ requests, left }, arm) => {
      if (left < NOTABLE_REQUESTS || left < NOTABLE_SHARE * requests) return [];
      const share = Math.floor((100 * left) / requests);
      const gone = `${names[arm]!}: ${share} % of its requests were left by their callers before an answer`;
      return [`${gone}: only guards of ttft_p95 and latency_p95 can see what that says`];
    });
  }

  toJSON(): LeftCountState {
    return this.byArm;
  }
}
