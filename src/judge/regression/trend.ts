import type { Seconds } from '../../core/units.ts';
import { allowedRanges, type AllowedRange } from './allowed-ranges.ts';
import { Baseline, type BaselineState } from './baseline.ts';
import { Counts, sumOf } from './counts.ts';
import { binCount, type MetricPlan } from './metrics.ts';
import type { RegressionPlan } from './plan.ts';
import { Recent, type RecentState } from './recent.ts';
import { shareBounds } from './share-bounds.ts';
import { ShareDetector, evidenceOfReturn, type ShareDetectorState } from './share-detector.ts';

/**
 * What a block counts in the baseline at most, in requests. Requests of one minute are not independent, so more of them
 * do not make the baseline surer.
 */
const BLOCK_REQUESTS = 60;
/** While all traffic of the route is another, a segment is told of if it is so many times as far beyond what is allowed. */
const CONFINED = 1.5;
/** By chance it must not look so. */
const CONFINED_DEVIATIONS = 3;

export type Change = 'opened' | 'returned' | 'relearned';

export interface TrendState {
  readonly block: string;
  readonly baseline: BaselineState;
  readonly recent: RecentState;
  readonly detectors: readonly ShareDetectorState[];
  readonly since: Seconds | null;
  readonly opener: number;
  readonly returned: number;
}

/** One metric of one part of the traffic, compared with its own past. */
export class Trend {
  readonly metric: MetricPlan;
  readonly baseline: Baseline;
  readonly recent: Recent;
  /** When it was found to be another; null: it was not. */
  since: Seconds | null;
  /** Empty while it is learnt. One detector each. */
  ranges: readonly AllowedRange[];
  private readonly plan: RegressionPlan;
  private readonly block: Counts;
  private detectors: readonly ShareDetector[];
  /** Index of the range that has the most evidence; once it is open, of the one that had then. */
  private opener: number;
  /** The evidence that it is as usual again. */
  private returned: number;

  constructor(plan: RegressionPlan, metric: MetricPlan, saved?: TrendState) {
    const bins = binCount(metric);
    this.plan = plan;
    this.metric = metric;
    this.block = new Counts(bins, saved?.block);
    this.baseline = new Baseline(bins, saved?.baseline);
    this.recent = new Recent(bins, saved?.recent);
    this.ranges = this.rangesNow();
    this.detectors = this.ranges.map((_, index) => new ShareDetector(saved?.detectors[index]));
    this.since = saved?.since ?? null;
    this.opener = saved?.opener ?? 0;
    this.returned = saved?.returned ?? 0;
  }

  get evidence(): number {
    let sum = 0;
    for (const detector of this.detectors) sum += detector.value;
    return sum / Math.max(this.detectors.length, 1);
  }

  /** The range that shows the change best; undefined while it is learnt. */
  get strongest(): AllowedRange | undefined {
    return this.ranges[this.opener];
  }

  /**
   * How far beyond what is allowed the recent traffic is in the strongest range, as a ratio of odds.
   * @param deviations by which it is taken lower than it was seen
   */
  excess(deviations: number): number {
    const range = this.strongest;
    if (range === undefined) return 0;
    const counts = this.recent.counts();
    const trials = sumOf(counts, 0, counts.length);
    if (trials === 0) return 0;
    const { low } = shareBounds(sumOf(counts, range.from, range.to) / trials, trials, deviations);
    return (low * (1 - range.allowed)) / ((1 - low) * range.allowed);
  }

  count(bin: number, requestId: string): void {
    this.block.add(bin);
    const range = this.strongest;
    if (range !== undefined && bin >= range.from && bin < range.to) this.recent.sample(requestId);
  }

  /**
   * @param threshold of the evidence
   * @param whole the trend of all traffic that this is a segment of; null where it is that itself
   */
  endBlock(from: Seconds, to: Seconds, threshold: number, whole: Trend | null): Change | null {
    const requests = this.block.total;
    if (requests > 0) this.takeBlock(requests, from, to);
    if (this.since !== null) return this.checkReturn(to, threshold);
    const isInChange = whole !== null && whole.since !== null;
    if (this.evidence >= threshold && (!isInChange || this.isConfinedIn(whole))) return this.open(to);
    // What looks suspicious must not become usual while it is looked at.
    const isCalm = !isInChange && this.evidence * this.evidence < threshold;
    if (isCalm && this.baseline.advance(this.plan)) this.compareWithBaseline();
    return null;
  }

  /** Back to no evidence; the traffic of the time of the change counts for nothing. */
  resume(): void {
    this.since = null;
    this.returned = 0;
    for (const detector of this.detectors) detector.reset();
    this.baseline.discardGathered();
  }

  /** What the traffic is like now is what is usual. */
  relearn(): void {
    this.since = null;
    this.returned = 0;
    this.baseline.restart(this.plan);
    this.detectors = [];
    this.compareWithBaseline();
  }

  toJSON(): TrendState {
    return {
      block: this.block.toJSON(),
      baseline: this.baseline.toJSON(),
      recent: this.recent.toJSON(),
      detectors: this.detectors.map((detector) => detector.toJSON()),
      since: this.since,
      opener: this.opener,
      returned: this.returned,
    };
  }

  private takeBlock(requests: number, from: Seconds, to: Seconds): void {
    for (const [index, range] of this.ranges.entries())
      this.detectors[index]!.bet(range, this.shareIn(range, requests), requests);
    if (this.since === null) this.findStrongest();
    else {
      const range = this.ranges[this.opener]!;
      this.returned = evidenceOfReturn(this.returned, range, this.shareIn(range, requests), requests);
    }
    const scale = Math.min(1, BLOCK_REQUESTS / requests);
    this.recent.add(this.block, scale);
    this.baseline.add(this.block, scale, from, to);
    this.block.clear();
  }

  private shareIn({ from, to }: AllowedRange, requests: number): number {
    return sumOf(this.block.bins, from, to) / requests;
  }

  private findStrongest(): void {
    let strongest = 0;
    for (let index = 1; index < this.detectors.length; index++)
      if (this.detectors[index]!.value > this.detectors[strongest]!.value) strongest = index;
    if (strongest === this.opener) return;
    this.opener = strongest;
    this.recent.dropSamples();
  }

  private isConfinedIn(whole: Trend): boolean {
    return this.excess(CONFINED_DEVIATIONS) >= CONFINED * Math.max(1, whole.excess(0));
  }

  private open(at: Seconds): Change {
    this.since = at;
    this.returned = 0;
    this.baseline.discardGathered();
    return 'opened';
  }

  private checkReturn(now: Seconds, threshold: number): Change | null {
    if (this.returned >= threshold) {
      this.resume();
      return 'returned';
    }
    if (now - this.since! < this.plan.baseline) return null;
    this.relearn();
    return 'relearned';
  }

  /** The detectors stay: what they have was fairly won against the baseline before. */
  private compareWithBaseline(): void {
    this.ranges = this.rangesNow();
    if (this.detectors.length !== this.ranges.length) this.detectors = this.ranges.map(() => new ShareDetector());
  }

  private rangesNow(): readonly AllowedRange[] {
    const { isKnown, slow, latest } = this.baseline;
    return isKnown ? allowedRanges(this.metric, slow.bins, latest.bins) : [];
  }
}
