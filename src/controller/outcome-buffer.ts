import type { Exchange } from '../core/exchange.ts';
import type { Lateness, LogEntry, OutcomeSink, RequestResult, Trial } from '../core/outcome.ts';
import type { RolloutSpec } from '../core/rollout.ts';
import type { Milliseconds } from '../core/units.ts';
import { FairSample } from './fair-sample.ts';
import { FeedbackQueue, type FeedbackLoss } from './feedback-queue.ts';
import { WindowLimit } from './window-limit.ts';

/** How often what came together is written to the log, as one batch. */
export const FLUSH_EVERY: Milliseconds = 250;
/** 500 a second and rollout: a regression shows within seconds then, and judging costs next to nothing. */
const JUDGED_PER_WINDOW = 125;
/** 50 a second and route: its baseline is days long. */
const TRAFFIC_PER_WINDOW = 13;
/** Kept while the store cannot be written. */
const MAX_PENDING = 50_000;

const METADATA = 'metadata.';

/** How long the requests of a rollout are waited for before they are told of as too slow; null: for ever. */
export interface Patience {
  readonly latencyMs: Milliseconds | null;
  readonly ttftMs: Milliseconds | null;
}

export interface OutcomeBufferDeps {
  /** Writes a batch of entries as JSON. */
  append(batch: string): Promise<unknown>;
  patienceOf(rollout: string): Patience | null;
  /** The segments by which routes are watched; null: they are not. */
  trafficSegments(): readonly string[] | null;
  /** Entries were lost because the store could not take them. */
  dropped(count: number): void;
  droppedFeedback(loss: FeedbackLoss, count: number): void;
}

/**
 * What requests came to, on its way to the outcome log. Decides at the beginning of a request whether it is looked at,
 * collects, and writes one batch at a time; no request ever waits for it.
 */
export class OutcomeBuffer implements OutcomeSink {
  private readonly deps: OutcomeBufferDeps;
  private readonly judged = new Map<string, FairSample>();
  private readonly traffic = new WindowLimit(TRAFFIC_PER_WINDOW);
  private pending: LogEntry[] = [];
  private readonly feedback: FeedbackQueue;
  private writing: Promise<void> | null = null;

  constructor(deps: OutcomeBufferDeps) {
    this.deps = deps;
    this.feedback = new FeedbackQueue((loss, count) => deps.droppedFeedback(loss, count));
  }

  /** Called once the request has its rollouts and its route. @returns whether its reply has to be looked at */
  observes(exchange: Exchange, metadata: ReadonlyMap<string, string>): boolean {
    const segments = this.deps.trafficSegments();
    exchange.judged = this.sampled(exchange);
    exchange.isTraffic = segments !== null && this.traffic.take(exchange.route);
    exchange.isObserved = exchange.judged.length > 0 || exchange.isTraffic;
    if (exchange.isObserved && metadata.size > 0)
      exchange.segments = pick(metadata, exchange.judged, exchange.isTraffic ? segments! : NO_NAMES);
    return exchange.isObserved;
  }

  /** The end of an observed request. */
  finished(exchange: Exchange, result: RequestResult): void {
    const told = exchange.segments === null ? result : { ...result, metadata: exchange.segments };
    for (const trial of exchange.judged) {
      const late = exchange.late?.get(trial);
      this.add(late === undefined ? { ...trialEntry(trial), ...told } : restOf(trial, told, late));
    }
    if (exchange.isTraffic) this.add({ kind: 'traffic', route: exchange.route, ...told });
  }

  /** The end of an observed request that came to nothing: its caller did not wait for an answer. @param at wall clock */
  left({ judged, late }: Exchange, at: Milliseconds): void {
    for (const trial of judged) {
      const { spec, state } = trial.rollout;
      const isLate = late?.has(trial) === true;
      const { epoch } = state;
      this.add({ kind: 'left', at: at / 1000, rollout: spec.name, epoch, arm: trial.arm, isLate });
    }
  }

  /**
   * Looked at from time to time while a request is open: one that takes longer than every threshold of its guards is told
   * of now, with the time that it took so far, as nobody knows when it will end. The rest follows at its end.
   */
  waiting(exchange: Exchange, now: Milliseconds, at: Milliseconds): void {
    for (const trial of exchange.judged) {
      if (exchange.late?.has(trial) === true) continue;
      const patience = this.deps.patienceOf(trial.rollout.spec.name);
      const late = patience === null ? null : lateness(exchange, now - exchange.receivedAt, patience);
      if (late === null) continue;
      (exchange.late ??= new Map()).set(trial, late);
      this.add({ ...trialEntry(trial), requestId: exchange.id, at: at / 1000, ...described(exchange), ...late });
    }
  }

  add(entry: LogEntry): void {
    if (entry.kind === 'feedback') this.feedback.add(entry);
    else if (this.pending.length >= MAX_PENDING) this.deps.dropped(1);
    else this.pending.push(entry);
  }

  /** A new window begins. */
  renew(): void {
    for (const sample of this.judged.values()) sample.renew();
    this.traffic.renew();
  }

  /** Writes what is pending. @throws what the store throws; nothing is lost then */
  flush(): Promise<void> {
    this.writing ??= this.write().finally(() => (this.writing = null));
    return this.writing;
  }

  /** What was never written is lost. */
  close(): void {
    if (this.pending.length > 0) this.deps.dropped(this.pending.length);
    this.pending = [];
    const values = this.feedback.take().length;
    if (values > 0) this.deps.droppedFeedback('full', values);
  }

  /** The trials that are judged: nearly always all of them. */
  private sampled({ trials, id }: Exchange): readonly Trial[] {
    let left: Trial[] | null = null;
    for (let index = 0; index < trials.length; index++) {
      const trial = trials[index]!;
      const isTaken = this.sampleOf(trial.rollout.spec.name).take(trial.unit ?? id);
      if (!isTaken) left ??= trials.slice(0, index);
      else left?.push(trial);
    }
    return left ?? trials;
  }

  private sampleOf(rollout: string): FairSample {
    let sample = this.judged.get(rollout);
    if (sample === undefined) this.judged.set(rollout, (sample = new FairSample(JUDGED_PER_WINDOW)));
    return sample;
  }

  private async write(): Promise<void> {
    if (this.pending.length + this.feedback.size === 0) return;
    const { pending } = this;
    const feedback = this.feedback.take();
    this.pending = [];
    try {
      await this.deps.append(JSON.stringify([...pending, ...feedback]));
    } catch (error) {
      this.pending = this.joined(pending, this.pending);
      this.feedback.putBack(feedback);
      throw error;
    }
  }

  private joined(older: LogEntry[], newer: readonly LogEntry[]): LogEntry[] {
    const left = MAX_PENDING - older.length;
    for (const entry of newer.slice(0, left)) older.push(entry);
    if (newer.length > left) this.deps.dropped(newer.length - left);
    return older;
  }
}

const NO_NAMES: readonly string[] = [];

function trialEntry({ rollout, arm, unit }: Trial) {
  const { spec, state } = rollout;
  return {
    kind: 'trial' as const,
    rollout: spec.name,
    epoch: state.epoch,
    arm,
    unit,
    probability: state.weight / 100,
  };
}

/** Less what was told while it was open: a metric is told of once. */
function restOf(trial: Trial, result: RequestResult, late: Lateness): LogEntry {
  const rest = { ...result };
  if (late.latencyMs !== undefined) delete rest.latencyMs;
  if (late.ttftMs !== undefined) delete rest.ttftMs;
  return { ...trialEntry(trial), ...rest, isRest: true };
}

/** What is known of a request before its end. */
function described(exchange: Exchange) {
  return {
    key: exchange.keyName,
    ...(exchange.language === '' ? {} : { language: exchange.language }),
    ...(exchange.segments === null ? {} : { metadata: exchange.segments }),
  };
}

function lateness(exchange: Exchange, elapsed: Milliseconds, { latencyMs, ttftMs }: Patience): Lateness | null {
  const isSilent = exchange.wantsStream && exchange.firstTokenAt === null;
  if (latencyMs !== null) {
    if (elapsed < latencyMs) return null;
    if (!exchange.wantsStream) return { latencyMs: elapsed };
    return { latencyMs: elapsed, ttftMs: isSilent ? elapsed : exchange.firstTokenAt! - exchange.receivedAt };
  }
  return ttftMs !== null && isSilent && elapsed >= ttftMs ? { ttftMs: elapsed } : null;
}

/** The metadata that are segments of the trials or of the route. */
function pick(
  metadata: ReadonlyMap<string, string>,
  trials: readonly Trial[],
  sources: readonly string[],
): Readonly<Record<string, string>> | null {
  let picked: Record<string, string> | null = null;
  for (const source of [...trials.flatMap(({ rollout }) => segmentsOf(rollout.spec)), ...sources]) {
    if (!source.startsWith(METADATA)) continue;
    const name = source.slice(METADATA.length);
    const value = metadata.get(name);
    if (value !== undefined) (picked ??= {})[name] = value.slice(0, MAX_VALUE);
  }
  return picked;
}

/** Callers choose metadata; what is kept of it is bounded. */
const MAX_VALUE = 64;

function segmentsOf({ judgement }: RolloutSpec): readonly string[] {
  return judgement.segments;
}
