import type { BalancedTarget, Load } from '../core/target.ts';
import type { Milliseconds } from '../core/units.ts';

/** Costs that differ by less than this factor are taken for the same: times of replies differ by their length anyway. */
const ALIKE = Math.log(1.25);

/** Longer times to the first byte are those of failures, or of models so slow that one more try costs little. */
const UNTRIED: Milliseconds = 1_000;

interface Ranked {
  readonly target: BalancedTarget;
  readonly isOut: boolean;
  readonly cost: number;
  readonly draw: number;
}

/**
 * Equal targets in the order in which they are tried: by priority, then by what a request may expect there: the time to the
 * first byte times the requests before it. Among those that are alike the weights decide by lot.
 * @param random in [0, 1)
 */
export function balanced(
  targets: readonly BalancedTarget[],
  loadOf: (target: BalancedTarget) => Load,
  random: () => number,
): readonly BalancedTarget[] {
  const loads = targets.map(loadOf);
  const fastest = loads.reduce((least, { latency }) => Math.min(least, latency ?? Infinity), Infinity);
  const ranked = targets.map((target, index): Ranked => {
    const { isOut, outstanding, latency, waitingFor } = loads[index]!;
    // A new one is taken for as fast as the fastest, so that it is tried; beside failing ones only, for faster.
    // One that hangs tells nothing for minutes: what has been waited for there by now is its time at least.
    const time = Math.max(1, waitingFor, latency ?? Math.min(fastest, UNTRIED));
    const cost = Math.round(Math.log(time * (1 + outstanding / target.weight)) / ALIKE);
    return { target, isOut, cost, draw: -Math.log(1 - random()) / target.weight };
  });
  return ranked.sort(inOrder).map(({ target }) => target);
}

function inOrder(a: Ranked, b: Ranked): number {
  if (a.isOut !== b.isOut) return a.isOut ? 1 : -1;
  return a.target.priority - b.target.priority || a.cost - b.cost || a.draw - b.draw;
}
