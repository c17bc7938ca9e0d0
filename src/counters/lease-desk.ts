import type { Clock } from '../core/clock.ts';
import type { BudgetClaim, Claim, ClaimState, NanoUsd } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import type { LeaseRecalls } from './lease-recalls.ts';
import { addAnswer, reportsOf, type LeaseReport, type WireAnswers, type WireReports } from './lease-wire.ts';
import type { MemoryCounters } from './memory-counters.ts';
import { RateMeter } from './rate.ts';
import type { Leasable } from './standing.ts';

/** Where what is spent is kept over a restart. */
interface Spending {
  spent(claim: BudgetClaim, amount: NanoUsd, reservedWall: Milliseconds): void;
}

/** What the process had of a counter when it told last. */
interface Held {
  readonly claim: Claim;
  /** A moment of its window. */
  readonly when: Milliseconds;
  /** What it may take without asking. */
  left: number;
  /** Places and money that its open requests hold. */
  reserved: number;
  /** It may have more than it has told of: what was taken from it comes back. */
  hasHad: boolean;
}

interface LeaseDeskDeps {
  readonly counters: MemoryCounters;
  readonly spending: Spending;
  readonly recalls: LeaseRecalls;
  readonly clock: Clock;
  /** How many processes may lease of a counter. */
  readonly processes: number;
  /** Asks the process for what it has left of these. Rejects where it does not answer in time. */
  giveBack(counters: readonly string[]): Promise<void>;
}

/** One process leases so much at once, of its part of what is free: all of them together this part of all. */
const PARTS = 4;
/** Less than so many requests are not worth it: near a limit each asks by itself. */
const LEAST_REQUESTS = 16;

/**
 * Counters in memory of which one other process leases parts, as `PlacePool` lends places in flight. Never more is used than
 * the limit says. For places and money that is a sum: what is left of leases is neither free nor taken, and each part of it
 * is told of once as taken, spent or given back. For rates let
 *
 *   `true` be the debt of a meter to which each unit is added when it is really taken,
 *   `told` the debt here, to which it is added when the process tells of it,
 *   `untold` what was taken and not told yet, and `left` what the processes still may take.
 *
 * Then always `true <= told + untold`: taking adds the same to both sides, telling moves from `untold` to `told`, and as time
 * goes by `true` flows off at the full rate until it is 0, while of the other side at most `told` does, at the same rate. What
 * is leased here is `untold + left`, since a lease does not flow off, and it is granted only where `told + leased <= limit`
 * afterwards. So `true + left <= told + leased <= limit`: also where all that is left is taken at once.
 *
 * What a request used beyond its reservation belongs to neither: it counts from when it is told of. What it did not use is
 * as if it had never been taken while it is untold, and afterwards settled here as any reservation that was made when it was told.
 */
export class LeaseDesk {
  private readonly deps: LeaseDeskDeps;
  private readonly leases = new Map<number, Held>();
  /** Leases that something was ever given of, by counter: more than one where its limit or window has changed. */
  private readonly byCounter = new Map<string, number>();
  private isGone = false;
  /** It did not answer when it was asked, and has told nothing since. */
  private isSilent = false;

  constructor(deps: LeaseDeskDeps) {
    this.deps = deps;
    deps.recalls.join(this);
  }

  /** @param opened ids and claims of leases that begin @param closed of which nothing is left or open */
  tell(opened: readonly (readonly [number, Claim])[], reports: WireReports, closed: readonly number[]): WireAnswers {
    // What arrives after its end.
    if (this.isGone) return [];
    this.isSilent = false;
    const when = Math.floor(this.deps.clock.wall());
    for (const [id, claim] of opened) this.leases.set(id, { claim, when, left: 0, reserved: 0, hasHad: false });
    const answers: number[] = [];
    for (const report of reportsOf(reports)) this.answer(report, when, answers);
    for (const id of closed) this.close(id);
    return answers;
  }

  /**
   * Resolves when all others have given back what they had left of what the claims do not fit into.
   * @param states of the refusal @returns null: nobody has anything of it
   */
  recalled(claims: readonly Claim[], states: readonly ClaimState[]): Promise<void> | null {
    const { recalls } = this.deps;
    const missing = claims.filter((claim, index) => mayFit(claim) && states[index]!.retryAfter !== 0);
    const held = recalls.held(missing.map(({ counter }) => counter));
    return held.length === 0 ? null : recalls.recall(held);
  }

  holds(counter: string): boolean {
    return !this.isSilent && this.byCounter.has(counter);
  }

  /** One that hangs is waited for once: those who are refused must not wait for it each time. */
  async giveBack(counters: readonly string[]): Promise<void> {
    try {
      await this.deps.giveBack(counters);
    } catch {
      this.isSilent = true;
    }
  }

  /**
   * The process is gone: what it had left is free, and so are the places and the money of its open requests.
   * @returns how many leases it had
   */
  release(): number {
    this.isGone = true;
    this.deps.recalls.leave(this);
    const count = this.leases.size;
    for (const id of this.leases.keys()) this.close(id);
    return count;
  }

  private give(held: Held, counter: Leasable, grant: number): void {
    counter.leased += grant;
    held.left += grant;
    if (held.hasHad || grant === 0) return;
    held.hasHad = true;
    const { counter: name } = held.claim;
    this.byCounter.set(name, (this.byCounter.get(name) ?? 0) + 1);
  }

  private close(id: number): void {
    const held = this.leases.get(id);
    if (held === undefined) return;
    const { claim, left, reserved, hasHad } = held;
    this.counterOf(held)?.draw({ drawn: left, taken: -reserved, spent: 0 });
    this.leases.delete(id);
    if (!hasHad) return;
    const others = this.byCounter.get(claim.counter)! - 1;
    if (others === 0) this.byCounter.delete(claim.counter);
    else this.byCounter.set(claim.counter, others);
  }

  private answer(report: LeaseReport, now: Milliseconds, answers: number[]): void {
    const held = this.leases.get(report.id)!;
    const counter = this.counterOf(held);
    if (counter === null) return addAnswer(answers, { id: report.id, grant: 0, target: 0, remaining: 0, resetAt: now });
    this.take(held, counter, report);
    const { id, need } = report;
    const target = need === 0 ? held.left : this.target(held, counter, need);
    const grant = Math.max(0, target - held.left);
    this.give(held, counter, grant);
    const { remaining, resetAfter } = counter.state(0, held.claim.limit);
    addAnswer(answers, { id, grant, target, remaining, resetAt: now + resetAfter });
  }

  private take(held: Held, counter: Leasable, { drawn, taken, spent, refunds }: LeaseReport): void {
    const { claim } = held;
    counter.draw({ drawn, taken, spent });
    held.left -= drawn;
    if (claim.kind !== 'rate') held.reserved += taken;
    if (claim.kind === 'budget' && spent > 0) this.deps.spending.spent(claim, spent, held.when);
    if (counter instanceof RateMeter) for (const { freeAt, amount } of refunds) counter.settle(amount, 0, freeAt);
  }

  /** How much it should have; 0: each request asks. */
  private target({ claim, left }: Held, counter: Leasable, need: number): number {
    const { recalls, processes } = this.deps;
    // A process that has not heard of a new limit yet leases nothing of the old one.
    if (claim.kind === 'rate' && !(counter as RateMeter).isOf(claim)) return 0;
    if (recalls.isRecalled(claim.counter)) return 0;
    const target = Math.floor((counter.free(claim.limit) + left) / (PARTS * processes));
    return target < LEAST_REQUESTS * need ? 0 : target;
  }

  private counterOf({ claim, when }: Held): Leasable | null {
    return this.deps.counters.leasable(claim, when);
  }
}

/** Whether it could be granted if nobody had anything. */
const mayFit = (claim: Claim): boolean => (claim.kind === 'place' ? 1 : claim.amount) <= claim.limit;
