import type { ShadowPair, ShadowSide } from '../core/analysis.ts';
import type { RequestResult } from '../core/outcome.ts';
import type { Milliseconds } from '../core/units.ts';

const KEPT = 200;
/** Rollouts come and go; the pairs of the one that had none for longest go first. */
const MAX_ROLLOUTS = 64;

/** The latest pairs of each shadow of this process. */
export class PairRing {
  private readonly byRollout = new Map<string, ShadowPair[]>();

  add(rollout: string, at: Milliseconds, primary: RequestResult, shadow: RequestResult): void {
    const pairs = this.byRollout.get(rollout) ?? [];
    this.byRollout.delete(rollout);
    this.byRollout.set(rollout, pairs);
    pairs.push({ at, primary: toSide(primary), shadow: toSide(shadow) });
    if (pairs.length > KEPT) pairs.shift();
    if (this.byRollout.size > MAX_ROLLOUTS) this.byRollout.delete(this.byRollout.keys().next().value!);
  }

  /** Newest first. */
  newest(rollout: string, limit: number): readonly ShadowPair[] {
    const pairs = this.byRollout.get(rollout) ?? [];
    return pairs.slice(Math.max(0, pairs.length - limit)).toReversed();
  }
}

function toSide(result: RequestResult): ShadowSide {
  return {
    requestId: result.requestId,
    model: result.model ?? null,
    error: result.error,
    refusal: result.refusal ?? null,
    invalidJson: result.invalidJson ?? null,
    latencyMs: result.latencyMs ?? null,
    outputTokens: result.outputTokens ?? null,
    costUsd: result.costUsd ?? null,
    finishReason: result.finishReason ?? null,
  };
}
