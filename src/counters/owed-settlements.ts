import { randomUUID } from 'node:crypto';
import type { BudgetClaim, Counters, RateClaim, Reservation } from '../core/counters.ts';
import { budgetName } from './account.ts';

interface Owed {
  readonly reservation: Reservation;
  readonly actual: readonly number[];
}

interface Spent {
  readonly claim: BudgetClaim | RateClaim;
  amount: number;
}

const MAX_OWED = 10_000; // more than are under way when an outage begins
const AT_ONCE = 100;

/** What the shared counters could not be told; the oldest is lost where it is too much. */
export class OwedSettlements {
  private owed: Owed[] = [];
  /** What local reservations have taken, by budget and by rate. */
  private readonly spent = new Map<string, Spent>();
  private readonly lost: (count: number) => void;

  constructor(lost: (count: number) => void) {
    this.lost = lost;
  }

  get isEmpty(): boolean {
    return this.owed.length === 0 && this.spent.size === 0;
  }

  add(reservation: Reservation, actual: readonly number[]): void {
    if (reservation.claims.length === 0) return;
    if (this.owed.length >= MAX_OWED) {
      this.owed.shift();
      this.lost(1);
    }
    this.owed.push({ reservation, actual });
  }

  /** What was taken without being reserved. */
  addSpent(claim: BudgetClaim | RateClaim, amount: number): void {
    const name = claim.kind === 'budget' ? budgetName(claim) : claim.counter;
    const spent = this.spent.get(name);
    if (spent === undefined) this.spent.set(name, { claim, amount });
    else spent.amount += amount;
  }

  /**
   * What is owed now. A settlement that was heard although it seemed lost is not counted twice: it has its id.
   * @throws CountersUnavailableError
   */
  async settleAll(counters: Counters): Promise<void> {
    this.gatherSpent();
    const all = this.owed.slice();
    for (let at = 0; at < all.length; at += AT_ONCE) await this.settleSome(counters, all.slice(at, at + AT_ONCE));
  }

  private async settleSome(counters: Counters, some: readonly Owed[]): Promise<void> {
    const failed = await this.settle(counters, some);
    if (failed.length === 0) return;
    await counters.check();
    const refused = await this.settle(counters, failed);
    await counters.check();
    // They answer, but not to these: nothing that is owed may keep them from being used.
    this.remove(refused);
    if (refused.length > 0) this.lost(refused.length);
  }

  /** From now on it has an id, by which it is told once, however often it is tried. */
  private gatherSpent(): void {
    for (const { claim, amount } of this.spent.values())
      this.owed.push({ reservation: { id: `spent/${randomUUID()}`, claims: [claim], expiresIn: 0 }, actual: [amount] });
    this.spent.clear();
  }

  /** @returns those that failed */
  private async settle(counters: Counters, some: readonly Owed[]): Promise<Owed[]> {
    const results = await Promise.allSettled(some.map((owed) => counters.settle(owed.reservation, owed.actual)));
    this.remove(some.filter((_, index) => results[index]!.status === 'fulfilled'));
    return some.filter((_, index) => results[index]!.status === 'rejected');
  }

  private remove(some: readonly Owed[]): void {
    const gone = new Set(some);
    this.owed = this.owed.filter((owed) => !gone.has(owed));
  }

  /** Nobody will be told any more. */
  giveUp(): void {
    this.gatherSpent();
    if (this.owed.length > 0) this.lost(this.owed.length);
    this.owed = [];
  }
}
