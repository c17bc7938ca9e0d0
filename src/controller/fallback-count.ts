import type { Seconds } from '../core/units.ts';
import { isTrafficRateState, TrafficRate, type TrafficRateState } from './traffic-rate.ts';
import type { TrialEntry } from './trial-outcome.ts';

/** From here on what one sees of an arm may be another's quality. */
const NOTABLE_SHARE = 0.05;
const NOTABLE_REQUESTS = 5;

interface ArmFallbacks {
  readonly requests: TrafficRate;
  readonly fallbacks: TrafficRate;
  /** That served last, `provider/model`. */
  target: string;
}

interface ArmFallbacksState {
  readonly requests: TrafficRateState | undefined;
  readonly fallbacks: TrafficRateState | undefined;
  readonly target: string;
}

export type FallbackCountState = readonly ArmFallbacksState[];

/**
 * Requests of each arm over the last five minutes that another target than the arm's own has served. They count for the arm
 * all the same (intention to treat), so that an arm that fails may look as good as its fallback.
 */
export class FallbackCount {
  private readonly byArm: readonly ArmFallbacks[];

  /** @param saved what cannot be read is as if nothing was saved */
  constructor(arms: number, saved: FallbackCountState | null = []) {
    this.byArm = Array.from({ length: arms }, (_, arm) => restored(saved?.[arm]));
  }

  add({ arm, at, fallback }: TrialEntry): void {
    const count = this.byArm[arm]!;
    count.requests.add(at);
    if (fallback === undefined) return;
    count.fallbacks.add(at);
    count.target = fallback;
  }

  /** @param names of the arms, in their order */
  warnings(names: readonly string[], now: Seconds): readonly string[] {
    return this.byArm.flatMap((count, arm) => {
      const [requests, fallbacks] = [count.requests.count(now), count.fallbacks.count(now)];
      if (fallbacks < NOTABLE_REQUESTS || fallbacks < NOTABLE_SHARE * requests) return [];
      const share = Math.floor((100 * fallbacks) / requests);
      const served = `${names[arm]!}: ${share} % of its requests were served by a fallback (${count.target})`;
      return [`${served}: what you see is the fallback's quality`];
    });
  }

  toJSON(): FallbackCountState {
    return this.byArm.map(({ requests, fallbacks, target }) => ({
      requests: requests.toJSON(),
      fallbacks: fallbacks.toJSON(),
      target,
    }));
  }
}

/** Earlier software counted since the start, which says nothing about now, and made null of what it found in this form. */
function restored(saved: Partial<ArmFallbacksState> | null | undefined): ArmFallbacks {
  if (!isTrafficRateState(saved?.requests))
    return { requests: new TrafficRate(), fallbacks: new TrafficRate(), target: '' };
  const { requests, fallbacks, target } = saved;
  return { requests: new TrafficRate(requests), fallbacks: new TrafficRate(fallbacks), target: String(target) };
}
