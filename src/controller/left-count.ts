import type { LogEntry } from '../core/outcome.ts';
import type { Seconds } from '../core/units.ts';
import { isTrafficRateState, TrafficRate, type TrafficRateState } from './traffic-rate.ts';
import type { TrialEntry } from './trial-outcome.ts';

type LeftEntry = Extract<LogEntry, { kind: 'left' }>;

/** Below it some impatience is the callers' own. */
const NOTABLE_SHARE = 0.05;
const NOTABLE_REQUESTS = 5;

interface ArmLeft {
  readonly requests: TrafficRate;
  readonly left: TrafficRate;
}

interface ArmLeftState {
  readonly requests: TrafficRateState | undefined;
  readonly left: TrafficRateState | undefined;
}

export type LeftCountState = readonly ArmLeftState[];

/**
 * Requests of each arm over the last five minutes whose callers left before they had an answer. They come to nothing that
 * could be judged, so an arm that hangs may look well.
 */
export class LeftCount {
  private readonly byArm: readonly ArmLeft[];

  /** @param saved what cannot be read is as if nothing was saved; earlier software counted since the start */
  constructor(arms: number, saved: LeftCountState | null = []) {
    this.byArm = Array.from({ length: arms }, (_, arm) => restored(saved?.[arm]));
  }

  /** A request that was told of while it was open counts once, whatever is told of it later. */
  add(entry: TrialEntry | LeftEntry): void {
    const count = this.byArm[entry.arm];
    if (count === undefined || entry.at === undefined) return;
    if (entry.kind === 'left') count.left.add(entry.at);
    if (!(entry.kind === 'left' ? entry.isLate : entry.isRest === true)) count.requests.add(entry.at);
  }

  /** @param names of the arms, in their order */
  warnings(names: readonly string[], now: Seconds): readonly string[] {
    return this.byArm.flatMap((count, arm) => {
      const [requests, left] = [count.requests.count(now), count.left.count(now)];
      if (left < NOTABLE_REQUESTS || left < NOTABLE_SHARE * requests) return [];
      const share = Math.floor((100 * left) / Math.max(requests, left));
      const gone = `${names[arm]!}: ${share} % of its requests were left by their callers before an answer`;
      return [`${gone}: only guards of ttft_p95 and latency_p95 can see what that says`];
    });
  }

  toJSON(): LeftCountState {
    return this.byArm.map(({ requests, left }) => ({ requests: requests.toJSON(), left: left.toJSON() }));
  }
}

function restored(saved: Partial<ArmLeftState> | null | undefined): ArmLeft {
  if (!isTrafficRateState(saved?.requests)) return { requests: new TrafficRate(), left: new TrafficRate() };
  return { requests: new TrafficRate(saved.requests), left: new TrafficRate(saved.left) };
}
