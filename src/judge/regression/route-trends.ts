import type { Regression } from '../../core/analysis.ts';
import type { Seconds } from '../../core/units.ts';
import { describe, levelsInWords, type Place } from './describe.ts';
import { KindTable } from './kind-table.ts';
import { binOf, type TrafficEntry } from './metrics.ts';
import { MAX_SEGMENTS, type RegressionPlan } from './plan.ts';
import { Trend, type Change, type TrendState } from './trend.ts';

/** Callers choose metadata; what is kept of it is bounded. */
const MAX_NAME_CHARS = 64;

const REASONS: Readonly<Record<Change, (levels: string) => string>> = {
  opened: (levels) => levels,
  returned: (levels) => `as usual again; ${levels}`,
  relearned: (levels) => `it has lasted for the whole span of the baseline and is the baseline from now on; ${levels}`,
};

export interface RegressionEvent {
  readonly action: 'opened' | 'closed';
  readonly regression: Regression;
  /** One sentence. */
  readonly reason: string;
}

export interface RouteState {
  readonly blockStart: Seconds;
  readonly seenAt: Seconds;
  /** By metric, in the order of the plan. */
  readonly kinds: readonly (readonly string[])[];
  readonly parts: readonly { readonly segment: string | null; readonly trends: readonly (TrendState | null)[] }[];
}

/** All traffic of a route, or a segment of it. */
interface Part {
  readonly segment: string | null;
  /** By metric; null until it is observed. */
  readonly trends: (Trend | null)[];
}

/** Segments that all routes together may still begin to watch. */
export interface SegmentRoom {
  left: number;
}

/** What is watched of one route, in blocks of time. */
export class RouteTrends {
  readonly name: string;
  /** Of the last request. */
  seenAt: Seconds;
  private blockStart: Seconds;
  private readonly plan: RegressionPlan;
  private readonly room: SegmentRoom;
  private readonly all: Part;
  private readonly segments = new Map<string, Part>();
  private readonly kinds: readonly KindTable[];
  private readonly bins: number[];
  private readonly readers: readonly ((entry: TrafficEntry) => string | undefined)[];

  constructor(name: string, plan: RegressionPlan, room: SegmentRoom, at: Seconds, saved?: RouteState) {
    this.name = name;
    this.plan = plan;
    this.room = room;
    this.seenAt = saved?.seenAt ?? at;
    this.blockStart = saved?.blockStart ?? startOfBlock(at, plan);
    this.kinds = plan.metrics.map((_, index) => new KindTable(saved?.kinds[index]));
    this.bins = plan.metrics.map(() => -1);
    this.readers = plan.segments.map(segmentReader);
    const [all, ...segments] = (saved?.parts ?? []).map((part) => this.restorePart(part));
    this.all = all ?? this.newPart(null);
    for (const part of segments) this.segments.set(part.segment!, part);
    room.left -= this.segments.size;
  }

  observe(entry: TrafficEntry, now: Seconds): void {
    this.seenAt = now;
    const { metrics, segments } = this.plan;
    for (let index = 0; index < metrics.length; index++)
      this.bins[index] = binOf(metrics[index]!, entry, this.kinds[index]!);
    this.count(this.all, entry.requestId);
    for (let index = 0; index < segments.length; index++) {
      const part = this.partOf(index, entry);
      if (part !== null) this.count(part, entry.requestId);
    }
  }

  /** Ends the block under way where its time is over. */
  advance(now: Seconds, into: RegressionEvent[]): void {
    const start = startOfBlock(now, this.plan);
    if (start > this.blockStart) this.endBlock(this.blockStart, this.blockStart + this.plan.block, into);
    this.blockStart = start;
  }

  /** Every metric of all traffic, and of the segments those that are another or have half of the evidence for it. */
  states(): readonly Regression[] {
    return [this.all, ...this.segments.values()].flatMap((part) =>
      part.trends.flatMap((trend, index) => {
        if (trend === null) return [];
        const place = this.placeOf(part, index);
        const isNear = part === this.all || trend.since !== null || trend.evidence ** 2 >= place.threshold;
        return isNear ? [describe(trend, place)] : [];
      }),
    );
  }

  /** The route is given up. @param reason of the events that close what is open */
  close(reason: string, into: RegressionEvent[]): void {
    for (const regression of this.states())
      if (regression.isActive)
        into.push({ action: 'closed', regression: { ...regression, isActive: false, since: null }, reason });
    this.room.left += this.segments.size;
  }

  toJSON(): RouteState {
    return {
      blockStart: this.blockStart,
      seenAt: this.seenAt,
      kinds: this.kinds.map((table) => table.toJSON()),
      parts: [this.all, ...this.segments.values()].map(({ segment, trends }) => ({
        segment,
        trends: trends.map((trend) => trend?.toJSON() ?? null),
      })),
    };
  }

  private newPart(segment: string | null): Part {
    return { segment, trends: this.plan.metrics.map(() => null) };
  }

  private restorePart({ segment, trends }: RouteState['parts'][number]): Part {
    return {
      segment,
      trends: this.plan.metrics.map((metric, index) => {
        const saved = trends[index]!;
        return saved === null ? null : new Trend(this.plan, metric, saved);
      }),
    };
  }

  private partOf(dimension: number, entry: TrafficEntry): Part | null {
    const value = this.readers[dimension]!(entry);
    if (value === undefined) return null;
    const segment = `${this.plan.segments[dimension]!}=${value.slice(0, MAX_NAME_CHARS)}`;
    const known = this.segments.get(segment);
    if (known !== undefined) return known;
    if (this.segments.size === MAX_SEGMENTS || this.room.left <= 0) return null;
    this.room.left--;
    const part = this.newPart(segment);
    this.segments.set(segment, part);
    return part;
  }

  private count({ trends }: Part, requestId: string): void {
    for (let index = 0; index < trends.length; index++) {
      const bin = this.bins[index]!;
      if (bin >= 0) (trends[index] ??= new Trend(this.plan, this.plan.metrics[index]!)).count(bin, requestId);
    }
  }

  private endBlock(from: Seconds, to: Seconds, into: RegressionEvent[]): void {
    for (let index = 0; index < this.plan.metrics.length; index++) {
      const whole = this.all.trends[index]!;
      if (whole === null) continue;
      const change = whole.endBlock(from, to, this.plan.thresholds.all, null);
      this.tell(change, this.all, index, into);
      for (const part of this.segments.values()) {
        const trend = part.trends[index]!;
        if (trend === null) continue;
        if (trend.since === null && change === 'returned') trend.resume();
        if (trend.since === null && change === 'relearned') trend.relearn();
        this.tell(trend.endBlock(from, to, this.plan.thresholds.segment, whole), part, index, into);
      }
    }
  }

  private tell(change: Change | null, part: Part, index: number, into: RegressionEvent[]): void {
    if (change === null) return;
    const trend = part.trends[index]!;
    const regression = describe(trend, this.placeOf(part, index));
    const reason = REASONS[change](levelsInWords(regression, trend.metric));
    into.push({ action: change === 'opened' ? 'opened' : 'closed', regression, reason });
  }

  private placeOf({ segment }: Part, index: number): Place {
    const { all, segment: one } = this.plan.thresholds;
    return { route: this.name, segment, threshold: segment === null ? all : one, kinds: this.kinds[index]! };
  }
}

function startOfBlock(at: Seconds, { block }: RegressionPlan): Seconds {
  return Math.floor(at / block) * block;
}

/** @param source `metadata.NAME`, `key` or `language` */
function segmentReader(source: string): (entry: TrafficEntry) => string | undefined {
  if (source === 'key') return ({ key }) => key;
  if (source === 'language') return ({ language }) => language;
  const name = source.slice('metadata.'.length);
  return ({ metadata }) => (metadata !== undefined && Object.hasOwn(metadata, name) ? metadata[name] : undefined);
}
