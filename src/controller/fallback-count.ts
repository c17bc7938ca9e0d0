import type { TrialEntry } from './trial-outcome.ts';

/** From here on what one sees of an arm may be another's quality. */
const NOTABLE_SHARE = 0.05;
const NOTABLE_REQUESTS = 5;

interface ArmFallbacks {
  requests: number;
  fallbacks: number;
  /** That served last, `provider/model`. */
  target: string;
}

export type FallbackCountState = readonly Readonly<ArmFallbacks>[];

/**
 * Requests of each arm that another target than the arm's own has served. They count for the arm all the same (intention
 * to treat), so that an arm that fails may look as good as its fallback.
 */
export class FallbackCount {
  private readonly byArm: readonly ArmFallbacks[];

  constructor(arms: number, saved: FallbackCountState = []) {
    this.byArm = Array.from({ length: arms }, (_, arm) => ({
      requests: 0,
      fallbacks: 0,
      target: '',
      ...saved[arm],
    }));
  }

  add({ arm, fallback }: TrialEntry): void {
    const count = this.byArm[arm]!;
    count.requests++;
    if (fallback === undefined) return;
    count.fallbacks++;
    count.target = fallback;
  }

  /** @param names of the arms, in their order */
  warnings(names: readonly string[]): readonly string[] {
    return this.byArm.flatMap(({ requests, fallbacks, target }, arm) => {
      if (fallbacks < NOTABLE_REQUESTS || fallbacks < NOTABLE_SHARE * requests) return [];
      const share = Math.floor((100 * fallbacks) / requests);
      const served = `${names[arm]!}: ${share} % of its requests were served by a fallback (${target})`;
      return [`${served}: what you see is the fallback's quality`];
    });
  }

  toJSON(): FallbackCountState {
    return this.byArm;
  }
}
