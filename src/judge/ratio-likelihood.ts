import type { Effect } from './effect.ts';

/** Ratios of canary to stable from 1/32 to 32, eight to a doubling. */
const POINTS_PER_OCTAVE = 8;
const OCTAVES = 5;
const POINTS = 2 * OCTAVES * POINTS_PER_OCTAVE + 1;
const RATIOS = Array.from({ length: POINTS }, (_, point) => 2 ** (point / POINTS_PER_OCTAVE - OCTAVES));

/**
 * How likely each ratio of the canary's rate to the stable one's makes the arms of the events seen, as logarithms.
 * Given an event, it is the canary's with chance `w r / (1 - w + w r)`; the rates themselves do not matter, so drift and
 * changing weights bias neither estimate nor bounds.
 */
export class RatioLikelihood {
  private readonly logs: number[];

  constructor(saved?: readonly number[]) {
    this.logs = saved === undefined ? Array.from({ length: POINTS }, () => 0) : [...saved];
  }

  addEvent(arm: number, weight: number): void {
    const { [arm]: table } = eventTables(weight);
    for (let point = 0; point < POINTS; point++) this.logs[point]! += table![point]!;
  }

  /**
   * The likeliest ratio, and those that a mixture over all points does not refute at the level alpha. The first and the
   * last point stand for all that lies beyond them too: what ends there is not known.
   */
  effect(alpha: number): Effect {
    const best = this.logs.reduce((top, log, point) => (log > this.logs[top]! ? point : top), 0);
    const peak = this.logs[best]!;
    if (this.logs.every((log) => log === 0)) return { estimate: null, low: null, high: null };
    const mixture = peak + Math.log(this.logs.reduce((sum, log) => sum + Math.exp(log - peak), 0) / POINTS);
    const floor = mixture + Math.log(alpha);
    const isKept = (log: number) => log > floor;
    return {
      estimate: best === 0 || best === POINTS - 1 ? null : ratioAt(this.vertex(best)) - 1,
      low: this.bound(this.logs.findIndex(isKept), -1, floor),
      high: this.bound(this.logs.findLastIndex(isKept), 1, floor),
    };
  }

  absorb(other: RatioLikelihood): void {
    for (let point = 0; point < POINTS; point++) this.logs[point]! += other.logs[point]!;
  }

  toJSON(): readonly number[] {
    return this.logs;
  }

  /** Between the last point that is kept and the first that is not; null where every point on that side is kept. */
  private bound(kept: number, side: 1 | -1, floor: number): number | null {
    const beyond = this.logs[kept + side];
    if (beyond === undefined) return null;
    const fraction = (this.logs[kept]! - floor) / (this.logs[kept]! - beyond);
    return ratioAt(kept + side * fraction) - 1;
  }

  /** The top of the parabola through the best point and its neighbours. @param best neither the first nor the last */
  private vertex(best: number): number {
    const [left, middle, right] = [this.logs[best - 1]!, this.logs[best]!, this.logs[best + 1]!];
    const curvature = left - 2 * middle + right;
    return curvature === 0 ? best : best + (left - right) / (2 * curvature);
  }
}

function ratioAt(point: number): number {
  return 2 ** (point / POINTS_PER_OCTAVE - OCTAVES);
}

let tablesWeight = Number.NaN;
let tables: readonly [Float64Array, Float64Array] = [new Float64Array(0), new Float64Array(0)];

/** By arm; kept for the weight that was asked for last, since weights seldom change. */
function eventTables(weight: number): readonly [Float64Array, Float64Array] {
  if (weight === tablesWeight) return tables;
  const chances = RATIOS.map((ratio) => (weight * ratio) / (1 - weight + weight * ratio));
  tables = [
    Float64Array.from(chances, (chance) => Math.log1p(-chance)),
    Float64Array.from(chances, (chance) => Math.log(chance)),
  ];
  tablesWeight = weight;
  return tables;
}
