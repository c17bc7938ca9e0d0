import type { RequestResult } from '../core/outcome.ts';
import type { ArmCount } from './cell.ts';
import type { Effect } from './effect.ts';
import { EventPairCell, type EventPairState } from './event-pair.ts';
import { KindPairCell, type KindPairState } from './kind-pair.ts';
import type { PairCell, ResultPair } from './pair-cell.ts';
import { ADVANCE_ALPHA } from './plan.ts';
import { ValuePairCell, type ValueDirection, type ValuePairState } from './value-pair.ts';

const VERSION = 1;

/** The chance that a shadow within all its margins is ever said to be beyond one. */
const PAIRED_ALPHA = 0.01;
/** `eValue` in reports stays a number that JSON can hold. */
const LARGEST_LOG = 690;

const PAIR_METRICS = [
  'error_rate',
  'refusal_rate',
  'invalid_json',
  'latency',
  'cost',
  'output_tokens',
  'finish_reason',
] as const;
export type PairMetric = (typeof PAIR_METRICS)[number];

/** The ratios of shadow to primary that are accepted. Null: the order of the kinds is compared, there is no ratio. */
const MARGINS: Readonly<Record<PairMetric, number | null>> = {
  error_rate: 1.25,
  refusal_rate: 1.25,
  invalid_json: 1.25,
  latency: 1.25,
  cost: 1.25,
  output_tokens: 1.1,
  finish_reason: null,
};

/**
 * `crossed`: worse than its margin, for sure, and it stays so. `changed`: the same of what is neither better nor worse.
 * `harmless`: shown to be within the margin.
 */
type PairState = 'crossed' | 'changed' | 'harmless' | 'gathering';

/** What is known of one metric. Ratios are those of the shadow to the primary. */
export interface PairFinding {
  readonly metric: PairMetric;
  readonly state: PairState;
  /** The accepted ratio, 1.25 for `+25%`; null: none. */
  readonly margin: number | null;
  readonly eValue: number;
  readonly threshold: number;
  /** The e-value against "beyond its margin"; null where nothing has to be shown harmless. */
  readonly harmlessness: number | null;
  readonly harmlessThreshold: number | null;
  /** Of rates: their ratio. Of values: the median of the pairs' ratios. Of kinds: the distance of the two mixes. */
  readonly effect: Effect;
  /** Pairs that tell the metric. */
  readonly pairs: number;
  /** Of them, those whose sides differ. */
  readonly differing: number;
  /** Of the differing ones, those where the shadow has the event or the higher value; null for kinds. */
  readonly shadowHigher: number | null;
  readonly primary: ArmCount;
  readonly shadow: ArmCount;
}

/** All that the judge knows, as plain JSON. */
export interface PairedSnapshot {
  readonly version: typeof VERSION;
  readonly pairs: number;
  /** One for each metric, in their order. */
  readonly cells: readonly { readonly isCrossed: boolean; readonly cell: unknown }[];
}

interface Test {
  readonly metric: PairMetric;
  readonly cell: PairCell;
  isCrossed: boolean;
}

/**
 * Judges a shadow by pairs of one request's two results. There is no coin here, as every sampled request has both sides:
 * what is random is which side of a pair is the worse one. Pure, with constant memory; e-values hold at all times.
 */
export class PairedJudge {
  /** Pairs judged. */
  pairs: number;
  private readonly tests: readonly Test[];

  constructor(saved?: PairedSnapshot) {
    this.pairs = saved?.pairs ?? 0;
    this.tests = PAIR_METRICS.map((metric, index) => ({
      metric,
      cell: createCell(metric, saved?.cells[index]!.cell),
      isCrossed: saved?.cells[index]!.isCrossed ?? false,
    }));
  }

  /** @throws RangeError where the snapshot is of another version */
  static restore(snapshot: PairedSnapshot): PairedJudge {
    if (snapshot.version !== VERSION || snapshot.cells.length !== PAIR_METRICS.length)
      throw new RangeError('The pairs were gathered by another version.');
    return new PairedJudge(snapshot);
  }

  observe(pair: ResultPair): void {
    this.pairs++;
    for (const test of this.tests) if (test.cell.observe(pair)) check(test);
  }

  /** One for each metric, whether or not a pair told it. */
  findings(): readonly PairFinding[] {
    return this.tests.map(toFinding);
  }

  /** Takes in what another judge has seen of other pairs: all counts add up. */
  absorb(other: PairedJudge): void {
    this.pairs += other.pairs;
    for (const [index, test] of this.tests.entries()) {
      const theirs = other.tests[index]!;
      test.cell.absorb(theirs.cell);
      test.isCrossed ||= theirs.isCrossed;
      check(test);
    }
  }

  /** Parts of it are still in use: to be written out before the next pair. */
  toJSON(): PairedSnapshot {
    const cells = this.tests.map(({ isCrossed, cell }) => ({ isCrossed, cell: cell.toJSON() }));
    return { version: VERSION, pairs: this.pairs, cells };
  }
}

/** Each metric has an equal share of the error budget. */
const THRESHOLD = PAIR_METRICS.length / PAIRED_ALPHA;

function check(test: Test): void {
  test.isCrossed ||= test.cell.logE >= Math.log(THRESHOLD) && test.cell.isNotable();
}

const EVENTS: Readonly<Partial<Record<PairMetric, (result: RequestResult) => boolean | undefined>>> = {
  error_rate: ({ error, truncated }) => error || truncated === true,
  refusal_rate: ({ refusal }) => refusal,
  invalid_json: ({ invalidJson }) => invalidJson,
};
/** Of replies that came: an error is fast, slow or short for reasons of its own. */
const VALUES: Readonly<
  Partial<Record<PairMetric, { read(result: RequestResult): number | undefined; direction: ValueDirection }>>
> = {
  latency: { read: ({ error, latencyMs }) => (error ? undefined : latencyMs), direction: 'higher' },
  // Nothing is a multiple of what is free.
  cost: { read: ({ error, costUsd }) => (error || costUsd === 0 ? undefined : costUsd), direction: 'higher' },
  output_tokens: { read: ({ error, outputTokens }) => (error ? undefined : outputTokens), direction: 'either' },
};

function createCell(metric: PairMetric, saved: unknown): PairCell {
  const margin = MARGINS[metric];
  const event = EVENTS[metric];
  if (event !== undefined) return new EventPairCell(event, margin!, saved as EventPairState | undefined);
  const value = VALUES[metric];
  if (value !== undefined)
    return new ValuePairCell(value.read, margin!, value.direction, saved as ValuePairState | undefined);
  return new KindPairCell(
    ({ error, finishReason }) => (error ? undefined : finishReason),
    saved as KindPairState | undefined,
  );
}

function toFinding(test: Test): PairFinding {
  const { metric, cell } = test;
  const { logE, logHarmless, ...rest } = cell.summary();
  const harmlessness = logHarmless === null ? null : toEValue(logHarmless);
  return {
    ...rest,
    metric,
    state: stateOf(test, harmlessness),
    margin: MARGINS[metric],
    eValue: toEValue(logE),
    threshold: THRESHOLD,
    harmlessness,
    harmlessThreshold: harmlessness === null ? null : 1 / ADVANCE_ALPHA,
  };
}

function stateOf({ metric, isCrossed }: Test, harmlessness: number | null): PairState {
  if (isCrossed) return metric === 'output_tokens' || metric === 'finish_reason' ? 'changed' : 'crossed';
  return harmlessness !== null && harmlessness >= 1 / ADVANCE_ALPHA ? 'harmless' : 'gathering';
}

function toEValue(log: number): number {
  return Math.exp(Math.min(log, LARGEST_LOG));
}
