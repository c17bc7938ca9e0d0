import type { LogEntry } from '../core/outcome.ts';

type TrialEntry = Extract<LogEntry, { kind: 'trial' }>;

/** Kept for each metric; shown of them. */
const KEPT = 20;
const SHOWN = 5;

interface Sample {
  readonly id: string;
  readonly value: number;
  readonly segments: readonly string[];
}

export type SamplesState = Readonly<Record<string, readonly Sample[]>>;

const EVENTS: Readonly<Record<string, (entry: TrialEntry) => boolean | undefined>> = {
  error_rate: ({ error, rejected, truncated }) => error === true || rejected === true || truncated === true,
  refusal_rate: ({ refusal }) => refusal,
  invalid_json: ({ invalidJson }) => invalidJson,
};
const VALUES: Readonly<Record<string, (entry: TrialEntry) => number | undefined>> = {
  ttft_p95: ({ ttftMs }) => ttftMs,
  latency_p95: ({ latencyMs }) => latencyMs,
  cost: ({ costUsd }) => costUsd,
};

/** Requests of the judged arm that show what a metric tells of: the latest events, the largest values. */
export class Samples {
  private readonly byMetric = new Map<string, Sample[]>();

  constructor(saved: SamplesState = {}) {
    for (const [metric, samples] of Object.entries(saved)) this.byMetric.set(metric, [...samples]);
  }

  add(entry: TrialEntry): void {
    for (const metric in EVENTS) if (EVENTS[metric]!(entry) === true) this.keepLatest(metric, entry);
    for (const metric in VALUES) {
      const value = VALUES[metric]!(entry);
      if (value !== undefined) this.keepLargest(metric, entry, value);
    }
  }

  /** @param segment `metadata.language=fr`; null: of all traffic */
  of(metric: string, segment: string | null): readonly string[] {
    const all = this.byMetric.get(metric) ?? [];
    const fitting = segment === null ? all : all.filter(({ segments }) => segments.includes(segment));
    return fitting.slice(0, SHOWN).map(({ id }) => id);
  }

  toJSON(): SamplesState {
    return Object.fromEntries(this.byMetric);
  }

  private listOf(metric: string): Sample[] {
    let list = this.byMetric.get(metric);
    if (list === undefined) this.byMetric.set(metric, (list = []));
    return list;
  }

  private keepLatest(metric: string, entry: TrialEntry): void {
    const list = this.listOf(metric);
    list.unshift(toSample(entry, 1));
    if (list.length > KEPT) list.pop();
  }

  private keepLargest(metric: string, entry: TrialEntry, value: number): void {
    const list = this.listOf(metric);
    if (list.length === KEPT && value <= list.at(-1)!.value) return;
    const at = list.findIndex((sample) => sample.value < value);
    list.splice(at < 0 ? list.length : at, 0, toSample(entry, value));
    if (list.length > KEPT) list.pop();
  }
}

function toSample({ requestId, metadata = {}, key, language }: TrialEntry, value: number): Sample {
  const segments = Object.entries(metadata).map(([name, text]) => `metadata.${name}=${text}`);
  if (key !== undefined) segments.push(`key=${key}`);
  if (language !== undefined) segments.push(`language=${language}`);
  return { id: requestId, value, segments };
}
