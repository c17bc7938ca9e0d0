import { BINS } from '../log-histogram.ts';
import { jensenShannonDistance } from '../mix-bet.ts';
import { sumOf } from './counts.ts';
import type { MetricPlan } from './metrics.ts';
import { shareBounds } from './share-bounds.ts';

/** A range of bins and the share of the traffic that it may have, at most, while nothing has changed. */
export interface AllowedRange {
  readonly from: number;
  /** The first bin after it. */
  readonly to: number;
  /** Above 0; 1 where no share is too much. */
  readonly allowed: number;
  /** What the baseline has there; below `allowed`. */
  readonly usual: number;
}

/** Counts by bin. */
type Reference = readonly number[];

/** The baseline is one sample; this is how sure its bounds are, 0.13 % on either side. */
const DEVIATIONS = 3;
/** Half a percentage point more is never a regression of a rate, however small the rate was. */
const RATE_FLOOR = 0.005;
/** Between the baseline and what is allowed there must be room for a return. */
const USUAL_AT_MOST = 0.8;
/** Shares of the traffic beyond the baseline's median and 95th percentile, or below the 5th. */
const TAILS = [0.5, 0.05];

/**
 * Every comparison is one of shares: of events, of values above (below) a quantile of the baseline times (over) the
 * accepted ratio, of a kind. The number of ranges depends on the metric only.
 * @param baseline the slow one
 * @param latest the newest part of it: values and mixes swing over a day, so they are compared with the worse of both
 */
export function allowedRanges(metric: MetricPlan, baseline: Reference, latest: Reference): readonly AllowedRange[] {
  if (metric.kind === 'rate') return [rateRange(baseline, metric.ratio)];
  const references = [baseline, latest];
  if (metric.kind === 'mix') return baseline.map((_, bin) => kindRange(references, bin, metric.distance));
  const marginBins = (Math.log2(metric.ratio) * BINS) / metric.scale.octaves;
  const above = TAILS.map((tail) => rangeAbove(references, tail, marginBins));
  return metric.isEither ? [...above, ...TAILS.map((tail) => rangeBelow(references, tail, marginBins))] : above;
}

function rateRange(baseline: Reference, ratio: number): AllowedRange {
  const trials = totalOf(baseline);
  const { high } = shareBounds(baseline[1]! / trials, trials, DEVIATIONS);
  return newRange([baseline], 1, 2, Math.max(high * ratio, high + RATE_FLOOR));
}

/** A kind may grow until the mix of "this kind" and "any other" is as far from its baseline as is accepted. */
function kindRange(references: readonly Reference[], bin: number, distance: number): AllowedRange {
  const high = Math.max(
    ...references.map((counts) => {
      const trials = totalOf(counts);
      return shareBounds(counts[bin]! / trials, trials, DEVIATIONS).high;
    }),
  );
  return newRange(references, bin, bin + 1, shareAtDistance(high, distance));
}

/** The larger share whose two-way mix is at a Jensen-Shannon distance from that of `share`; 1 where none is so far. */
export function shareAtDistance(share: number, distance: number): number {
  let [low, high] = [share, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (jensenShannonDistance([share, 1 - share], [middle, 1 - middle]) < distance) low = middle;
    else high = middle;
  }
  return high;
}

function rangeAbove(references: readonly Reference[], tail: number, marginBins: number): AllowedRange {
  const border = Math.max(...references.map((counts) => borderAbove(counts, tail)));
  return newRange(references, Math.min(Math.ceil(border + marginBins), BINS - 1), BINS, tail);
}

function rangeBelow(references: readonly Reference[], tail: number, marginBins: number): AllowedRange {
  const border = Math.min(...references.map((counts) => BINS - borderAbove(counts.toReversed(), tail)));
  return newRange(references, 0, Math.max(Math.floor(border - marginBins), 1), tail);
}

/** The lowest bin from which on the share is, for sure, at most `tail`. */
function borderAbove(counts: Reference, tail: number): number {
  const trials = totalOf(counts);
  let above = 0;
  for (let bin = counts.length - 1; bin >= 0; bin--) {
    above += counts[bin]!;
    if (shareBounds(above / trials, trials, DEVIATIONS).high > tail) return bin + 1;
  }
  return 0;
}

function newRange(references: readonly Reference[], from: number, to: number, most: number): AllowedRange {
  const allowed = most < 0.999 ? most : 1;
  const shares = references.map((counts) => (sumOf(counts, from, to) + 0.5) / (totalOf(counts) + 1));
  return { from, to, allowed, usual: Math.min(Math.max(...shares), USUAL_AT_MOST * allowed) };
}

function totalOf(counts: Reference): number {
  return sumOf(counts, 0, counts.length);
}
