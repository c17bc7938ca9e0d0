import type { LogEntry, RequestResult } from '../core/outcome.ts';

type PairEntry = Extract<LogEntry, { kind: 'pair' }>;

/** Kept and shown for each metric. */
const KEPT = 5;

interface PairSample {
  /** Of the request; its copy has none that anybody else knows. */
  readonly id: string;
  /** By how much they differ; 1 where there is no more or less. */
  readonly value: number;
}

export type PairSamplesState = Readonly<Record<string, readonly PairSample[]>>;

type Differs = (primary: RequestResult, shadow: RequestResult) => boolean;

const hasError = ({ error, truncated }: RequestResult) => error || truncated === true;

/** What the copy has and the request has not, or what is another. */
const EVENTS: Readonly<Record<string, Differs>> = {
  error_rate: (primary, shadow) => hasError(shadow) && !hasError(primary),
  refusal_rate: (primary, shadow) => shadow.refusal === true && primary.refusal === false,
  invalid_json: (primary, shadow) => shadow.invalidJson === true && primary.invalidJson === false,
  finish_reason: (primary, shadow) =>
    !primary.error && !shadow.error && areOther(primary.finishReason, shadow.finishReason),
};

type Value = (result: RequestResult) => number | undefined;

const HIGHER: Readonly<Record<string, Value>> = {
  latency: ({ latencyMs }) => latencyMs,
  cost: ({ costUsd }) => costUsd,
};
/** Neither more nor less is worse. */
const EITHER: Readonly<Record<string, Value>> = { output_tokens: ({ outputTokens }) => outputTokens };

/** Requests whose copy came out another way, by metric: the latest ones, or those that differ by the largest factor. */
export class PairSamples {
  private readonly byMetric = new Map<string, PairSample[]>();

  /** @param saved what cannot be read is as if nothing was saved */
  constructor(saved: PairSamplesState = {}) {
    for (const [metric, samples] of Object.entries(saved ?? {}))
      if (areSamples(samples)) this.byMetric.set(metric, [...samples]);
  }

  add({ primary, shadow }: PairEntry): void {
    const id = primary.requestId;
    for (const metric in EVENTS) if (EVENTS[metric]!(primary, shadow)) this.keep(metric, { id, value: 1 });
    if (hasError(primary) || hasError(shadow)) return;
    for (const metric in HIGHER) this.keepFactor(metric, id, factorOf(HIGHER[metric]!, primary, shadow));
    for (const metric in EITHER) {
      const factor = factorOf(EITHER[metric]!, primary, shadow);
      this.keepFactor(metric, id, Math.max(factor, 1 / factor));
    }
  }

  of(metric: string): readonly string[] {
    return (this.byMetric.get(metric) ?? []).map(({ id }) => id);
  }

  toJSON(): PairSamplesState {
    return Object.fromEntries(this.byMetric);
  }

  private keepFactor(metric: string, id: string, factor: number): void {
    if (factor > 1) this.keep(metric, { id, value: factor });
  }

  /** Of equal ones the latest first. */
  private keep(metric: string, sample: PairSample): void {
    const list = this.byMetric.get(metric) ?? [];
    this.byMetric.set(metric, list);
    const at = list.findIndex(({ value }) => value <= sample.value);
    list.splice(at < 0 ? list.length : at, 0, sample);
    if (list.length > KEPT) list.pop();
  }
}

function areSamples(saved: unknown): saved is readonly PairSample[] {
  const isSample = (each: Partial<PairSample> | null) => typeof each?.id === 'string' && Number.isFinite(each.value);
  return Array.isArray(saved) && saved.every(isSample);
}

function areOther(before: string | undefined, after: string | undefined): boolean {
  return before !== undefined && after !== undefined && before !== after;
}

/** 1 where a side tells nothing, or nothing can be a multiple of it. */
function factorOf(read: Value, primary: RequestResult, shadow: RequestResult): number {
  const [before, after] = [read(primary), read(shadow)];
  return before === undefined || after === undefined || before <= 0 || after <= 0 ? 1 : after / before;
}
