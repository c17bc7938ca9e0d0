import { isDeepStrictEqual } from 'node:util';
import type { Rollout, RolloutSpec, RolloutView } from '../core/rollout.ts';

/** The rollouts as another process has them in force. */
export class FollowedRollouts implements RolloutView {
  private rollouts: readonly Rollout[] = [];
  private readonly specs = new Map<string, RolloutSpec>();

  current(): readonly Rollout[] {
    return this.rollouts;
  }

  /** A spec stays the same object while it says the same: what is derived from it is kept by it. */
  take(rollouts: readonly Rollout[]): void {
    this.rollouts = rollouts.map((rollout) => ({ ...rollout, spec: this.kept(rollout.spec) }));
    const names = new Set(rollouts.map(({ spec }) => spec.name));
    for (const name of this.specs.keys()) if (!names.has(name)) this.specs.delete(name);
  }

  private kept(spec: RolloutSpec): RolloutSpec {
    const known = this.specs.get(spec.name);
    if (known !== undefined && isDeepStrictEqual(known, spec)) return known;
    this.specs.set(spec.name, spec);
    return spec;
  }
}
