import type { Exchange } from '../core/exchange.ts';
import type { LogEntry, OutcomeSink, RequestResult, Trial } from '../core/outcome.ts';
import type { RolloutSpec } from '../core/rollout.ts';
import type { Milliseconds } from '../core/units.ts';
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
}

/**
 * What requests came to, on its way to the outcome log. Decides at the beginning of a request whether it is looked at,
 * collects, and writes one batch at a time; no request ever waits for it.
 */
export class OutcomeBuffer implements OutcomeSink {
  private readonly deps: OutcomeBufferDeps;
  private readonly judged = new WindowLimit(JUDGED_PER_WINDOW);
  private readonly traffic = new WindowLimit(TRAFFIC_PER_WINDOW);
  private pending: LogEntry[] = [];
  private writing: Promise<void> | null = null;

  constructor(deps: OutcomeBufferDeps) {
    this.deps = deps;
  }

  /** Called once the request has its rollouts and its route. @returns whether its reply has to be looked at */
  observes(exchange: Exchange, metadata: ReadonlyMap<string, string>): boolean {
    const { trials } = exchange;
    const segments = this.deps.trafficSegments();
    exchange.isJudged = trials.length > 0 && this.judged.take(trials[0]!.rollout.spec.name);
    exchange.isTraffic = segments !== null && this.traffic.take(exchange.route);
    exchange.isObserved = exchange.isJudged || exchange.isTraffic;
    if (exchange.isObserved && metadata.size > 0) {
      const own = exchange.isJudged ? trials : NO_TRIALS;
      exchange.segments = pick(metadata, own, exchange.isTraffic ? segments! : NO_NAMES);
    }
    return exchange.isObserved;
  }

  /** The end of an observed request. */
  finished(exchange: Exchange, result: RequestResult): void {
    const told = exchange.segments === null ? result : { ...result, metadata: exchange.segments };
    if (exchange.isJudged && !exchange.isReported)
      for (const trial of exchange.trials) this.add({ ...trialEntry(trial), ...told });
    if (exchange.isTraffic) this.add({ kind: 'traffic', route: exchange.route, ...told });
  }

  /**
   * Looked at from time to time while a request is open: one that takes longer than every threshold of its guards is told
   * of now, with the time that it took so far, as nobody knows when it will end.
   */
  waiting(exchange: Exchange, now: Milliseconds, at: Milliseconds): void {
    if (!exchange.isJudged || exchange.isReported) return;
    const elapsed = now - exchange.receivedAt;
    for (const trial of exchange.trials) {
      const patience = this.deps.patienceOf(trial.rollout.spec.name);
      const late = patience === null ? null : lateness(exchange, elapsed, patience);
      if (late === null) continue;
      exchange.isReported = true;
      this.add({ ...trialEntry(trial), requestId: exchange.id, at: at / 1000, ...described(exchange), ...late });
    }
  }

  add(entry: LogEntry): void {
    if (this.pending.length >= MAX_PENDING) this.deps.dropped(1);
    else this.pending.push(entry);
  }

  /** Writes what is pending and begins a new window. @throws what the store throws; nothing is lost then */
  flush(): Promise<void> {
    this.judged.renew();
    this.traffic.renew();
    this.writing ??= this.write().finally(() => (this.writing = null));
    return this.writing;
  }

  private async write(): Promise<void> {
    if (this.pending.length === 0) return;
    const batch = this.pending;
    this.pending = [];
    try {
      await this.deps.append(JSON.stringify(batch));
    } catch (error) {
      this.keep(batch);
      throw error;
    }
  }

  private keep(batch: LogEntry[]): void {
    const newer = this.pending;
    this.pending = batch;
    const room = MAX_PENDING - batch.length;
    for (const entry of newer.slice(0, room)) batch.push(entry);
    if (newer.length > room) this.deps.dropped(newer.length - room);
  }
}

const NO_TRIALS: readonly Trial[] = [];
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

/** What is known of a request before its end. */
function described(exchange: Exchange) {
  return {
    key: exchange.keyName,
    ...(exchange.language === '' ? {} : { language: exchange.language }),
    ...(exchange.segments === null ? {} : { metadata: exchange.segments }),
  };
}

function lateness(exchange: Exchange, elapsed: Milliseconds, { latencyMs, ttftMs }: Patience) {
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
