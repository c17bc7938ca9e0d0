import type { Metric, Registry } from '@prometheus-io/client';
import type { Exchange } from '../core/exchange.ts';
import type { Milliseconds, Seconds } from '../core/units.ts';

export interface MetricDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Of a gauge: what it is for several processes together. Left out: the highest. */
  readonly merged?: 'sum' | 'min';
  /** Upper bounds of a histogram's buckets, without +Inf. */
  readonly buckets?: readonly number[];
}

/** A metric as it is told. */
export interface MetricSamples {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly SampleValue[];
}

/** A request that a value is from. */
export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  /** Wall clock. */
  readonly at: Milliseconds;
}

export interface SampleValue {
  readonly value: number;
  readonly exemplar?: Exemplar | null;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
}

/** One labelled number; held by those who count, so that counting is one addition. */
export class Series {
  value = 0;
  readonly labels: Readonly<Record<string, string>>;

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels;
  }
}

export class HistogramSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly buckets: readonly number[];
  /** Not cumulative; the last one is above all bounds. */
  readonly counts: Float64Array;
  sum = 0;
  /** The latest one of each bucket; null: no request was traced. */
  exemplars: (Exemplar | null)[] | null = null;

  constructor(labels: Readonly<Record<string, string>>, buckets: readonly number[]) {
    this.labels = labels;
    this.buckets = buckets;
    this.counts = new Float64Array(buckets.length + 1);
  }

  /** @returns the index of its bucket */
  observe(value: number): number {
    const { buckets } = this;
    let index = 0;
    while (index < buckets.length && value > buckets[index]!) index++;
    this.counts[index]!++;
    this.sum += value;
    return index;
  }

  exemplify(bucket: number, exemplar: Exemplar): void {
    this.exemplars ??= Array.from(this.counts, () => null);
    this.exemplars[bucket] = exemplar;
  }
}

/** Of a sampled request its trace is remembered with the value. @param duration of the request */
export function observeRequest(
  series: HistogramSeries,
  value: number,
  { trace, receivedWall }: Exchange,
  duration: Seconds,
): void {
  const bucket = series.observe(value);
  if (trace === null || !trace.place.isSampled) return;
  const { traceId, spanId } = trace;
  series.exemplify(bucket, { traceId, spanId, value, at: receivedWall + duration * 1000 });
}

/**
 * The series of one metric, in the shape that the client library's registry prints. The library's own children hash
 * their labels at every increment; these are looked up once and then held.
 */
abstract class Family<S> {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  protected readonly definition: MetricDefinition;
  protected readonly series = new Map<string, S>();
  private latest: { readonly values: readonly string[]; readonly series: S } | null = null;

  constructor(registry: Registry, definition: MetricDefinition) {
    this.name = definition.name;
    this.help = definition.help;
    this.type = definition.type;
    this.definition = definition;
    registry.registerMetric(this as unknown as Metric);
  }

  /** @param values in the order of the definition's labels */
  child(...values: string[]): S {
    const { latest } = this;
    // Nearly always the same as before, and a key to look it up by takes longer to make.
    if (latest !== null && isSame(values, latest.values)) return latest.series;
    const series = this.find(values);
    this.latest = { values, series };
    return series;
  }

  clear(): void {
    this.series.clear();
    this.latest = null;
  }

  private find(values: readonly string[]): S {
    const key = values.join('\0');
    let series = this.series.get(key);
    if (series === undefined) {
      series = this.create(
        Object.fromEntries(this.definition.labels.map((label, index) => [label, values[index] ?? ''])),
      );
      this.series.set(key, series);
    }
    return series;
  }

  get(): Promise<{ name: string; help: string; type: string; values: SampleValue[]; aggregator: 'sum' }> {
    const values = [...this.series.values()].flatMap((series) => this.samples(series));
    return Promise.resolve({ name: this.name, help: this.help, type: this.type, values, aggregator: 'sum' });
  }

  protected abstract create(labels: Readonly<Record<string, string>>): S;
  protected abstract samples(series: S): SampleValue[];
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return one.length === other.length;
}

export class NumberFamily extends Family<Series> {
  protected override create(labels: Readonly<Record<string, string>>): Series {
    return new Series(labels);
  }

  protected override samples(series: Series): SampleValue[] {
    return [{ value: series.value, labels: series.labels }];
  }
}

export class HistogramFamily extends Family<HistogramSeries> {
  protected override create(labels: Readonly<Record<string, string>>): HistogramSeries {
    return new HistogramSeries(labels, this.definition.buckets ?? []);
  }

  protected override samples(series: HistogramSeries): SampleValue[] {
    const samples: SampleValue[] = [];
    let total = 0;
    for (const [index, count] of series.counts.entries()) {
      total += count;
      const le = index < series.buckets.length ? series.buckets[index]! : '+Inf';
      const exemplar = series.exemplars?.[index] ?? null;
      samples.push({ value: total, labels: { ...series.labels, le }, metricName: `${this.name}_bucket`, exemplar });
    }
    samples.push({ value: series.sum, labels: series.labels, metricName: `${this.name}_sum` });
    samples.push({ value: total, labels: series.labels, metricName: `${this.name}_count` });
    return samples;
  }
}
