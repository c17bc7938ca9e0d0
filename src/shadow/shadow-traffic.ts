import type { ShadowBudget, ShadowPair } from '../core/analysis.ts';
import type { Clock } from '../core/clock.ts';
import type { JsonDocument } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import type { OutcomeSink, RequestResult } from '../core/outcome.ts';
import type { Rollout } from '../core/rollout.ts';
import type { CounterStore } from '../core/stores.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import type { CopyReply, RunningCopy, ShadowOrder } from './order.ts';
import { PairRing } from './pair-ring.ts';
import { sideEffectOf } from './side-effects.ts';
import type { Reservation } from './spend-account.ts';
import { SpendLimit } from './spend-limit.ts';

/** Copies under way at one time; more would be a load test of the target. */
const MAX_RUNNING = 16;
/** Of bodies that wait for the end of their request. */
const MAX_HELD: Bytes = 64 * 1024 * 1024;
/** A copy is made while other requests wait for the event loop. */
const MAX_COPIED: Bytes = 4 * 1024 * 1024;

/** What became of a sampled request's copy; the `result` label of its metric. */
export type ShadowResult =
  | 'ok'
  | 'error'
  | 'timeout'
  | 'skipped_tools'
  | 'skipped_state'
  | 'skipped_endpoint'
  | 'over_budget'
  | 'store'
  | 'no_price'
  | 'circuit_open'
  | 'dropped';

export interface ShadowDeps {
  readonly clock: Clock;
  readonly counters: CounterStore;
  readonly sink: OutcomeSink;
  counted(rollout: string, result: ShadowResult): void;
  spent(rollout: string, usd: number): void;
  /** The store failed, or a fault of ours; the copy is dropped. */
  failed(rollout: string, error: unknown): void;
}

/**
 * Sends copies of requests to a candidate and compares the results. Nobody waits for them: they leave after the reply has,
 * with a deadline of their own, are never tried twice, and make way whenever something is short.
 */
export class ShadowTraffic {
  private readonly deps: ShadowDeps;
  private readonly limit: SpendLimit;
  private readonly ring = new PairRing();
  private readonly running = new Set<RunningCopy>();
  private held: Bytes = 0;
  private open = 0;
  private isClosed = false;

  constructor(deps: ShadowDeps) {
    this.deps = deps;
    this.limit = new SpendLimit(deps);
  }

  /**
   * Whether a copy may be made of the request. Where not, why not is counted.
   * @param isSpoken the target serves the endpoint
   */
  admits({ spec }: Rollout, operation: Operation, document: JsonDocument, isSpoken: boolean): boolean {
    const effect = sideEffectOf(operation, document);
    if (effect !== null) return this.refuse(spec.name, `skipped_${effect}`);
    if (!isSpoken) return this.refuse(spec.name, 'skipped_endpoint');
    const size = document.text.length;
    if (this.isClosed || size > MAX_COPIED || this.held + size > MAX_HELD) return this.refuse(spec.name, 'dropped');
    return true;
  }

  /** The target's protocol has no words for it. */
  skipUnsayable({ spec }: Rollout): void {
    this.refuse(spec.name, 'skipped_endpoint');
  }

  /** The copy is kept from now on; `offer` or `withdraw` ends that. */
  hold(order: ShadowOrder): void {
    this.held += order.bytes;
  }

  /** There is nothing to compare the copy with. */
  withdraw(order: ShadowOrder): void {
    this.held -= order.bytes;
    order.done();
  }

  /** The request has its reply: now the copy may go. Returns at once. */
  offer(order: ShadowOrder, primary: RequestResult): void {
    const { name } = order.rollout.spec;
    this.open++;
    this.compare(order, primary)
      .catch((error: unknown) => {
        if (!this.isClosed) this.deps.failed(name, error);
        return 'dropped' as const;
      })
      .then((result) => this.deps.counted(name, result))
      .finally(() => {
        this.open--;
        this.withdraw(order);
      });
  }

  /** Newest first. */
  pairs(rollout: string, limit: number): readonly ShadowPair[] {
    return this.ring.newest(rollout, limit);
  }

  /** Null: nothing bounds what its copies cost. @throws what the store throws */
  async budget({ spec: { name, shadow }, state: { phase } }: Rollout): Promise<ShadowBudget | null> {
    const budget = shadow?.budget ?? null;
    if (budget === null) return null;
    const state = await this.limit.state(name, budget);
    return { ...state, isSpent: state.isSpent && phase !== 'degraded' };
  }

  /** Copies under way are given up at once; then what is left of the budgets is given back. */
  close(): Promise<void> {
    this.isClosed = true;
    for (const copy of this.running) copy.stop();
    return this.limit.close();
  }

  private refuse(rollout: string, result: ShadowResult): false {
    this.deps.counted(rollout, result);
    return false;
  }

  private async compare(order: ShadowOrder, primary: RequestResult): Promise<ShadowResult> {
    const obstacle = this.open > MAX_RUNNING ? 'dropped' : this.obstacle(order);
    if (obstacle !== null) return obstacle;
    const reserved = await this.reserve(order);
    if (typeof reserved === 'string') return this.isClosed ? 'dropped' : reserved;
    // While money was waited for others may have taken what was free.
    const later = reserved === null ? null : this.obstacle(order);
    if (later !== null) {
      reserved?.settle(0);
      return later;
    }
    const reply = await this.run(order);
    if (this.isClosed) return 'dropped';
    this.charge(order, reserved, reply);
    return this.tell(order, primary, reply);
  }

  private obstacle({ target }: ShadowOrder): ShadowResult | null {
    if (this.isClosed) return 'dropped';
    if (!target.isCircuitClosed) return 'circuit_open';
    return target.hasRoom ? null : 'dropped';
  }

  private async reserve({ rollout, worstCostUsd }: ShadowOrder): Promise<Reservation | null | ShadowResult> {
    const { budget } = rollout.spec.shadow!;
    if (budget === null) return null;
    if (worstCostUsd === null) return 'no_price';
    return this.limit.reserve(rollout.spec.name, budget, worstCostUsd);
  }

  /** Null: it took too long. */
  private async run(order: ShadowOrder): Promise<CopyReply | null> {
    const copy = order.send();
    this.running.add(copy);
    try {
      return await withinTime(copy.reply, order.rollout.spec.shadow!.timeout);
    } finally {
      copy.stop();
      this.running.delete(copy);
    }
  }

  /** Of a copy that told no usage the worst is taken. */
  private charge(order: ShadowOrder, reserved: Reservation | null, reply: CopyReply | null): void {
    const usd = reply?.costUsd ?? order.worstCostUsd;
    if (usd === null) return;
    this.deps.spent(order.rollout.spec.name, usd);
    reserved?.settle(usd);
  }

  private tell(order: ShadowOrder, primary: RequestResult, reply: CopyReply | null): ShadowResult {
    const { spec, state } = order.rollout;
    const shadow = reply?.result ?? tooSlow(primary, spec.shadow!.timeout);
    if (shadow !== null) {
      const wall = this.deps.clock.wall();
      this.ring.add(spec.name, wall, primary, shadow);
      const { unit } = order;
      const at = wall / 1000;
      this.deps.sink.add({ kind: 'pair', rollout: spec.name, epoch: state.epoch, unit, at, primary, shadow });
    }
    if (reply === null) return 'timeout';
    return reply.result.error ? 'error' : 'ok';
  }
}

/** Null after the time. */
function withinTime<T>(work: Promise<T>, time: Milliseconds): Promise<T | null> {
  let timer: NodeJS.Timeout;
  const timeout = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, time, null);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}

/** To the app it would have been an error; where the request itself took as long, nothing can be said. */
function tooSlow(primary: RequestResult, time: Milliseconds): RequestResult | null {
  if (primary.latencyMs !== undefined && primary.latencyMs >= time) return null;
  return { requestId: primary.requestId, at: primary.at, error: true, latencyMs: time };
}
