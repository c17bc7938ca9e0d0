import type { ShadowSpec } from '../core/rollout.ts';
import type { Milliseconds } from '../core/units.ts';

export type Budget = NonNullable<ShadowSpec['budget']>;

/** Of a budget, set aside at once. */
const BLOCK_SHARE = 0.01;
/** A budget that has nothing more to set aside is not asked again so soon. */
const REMEMBERED: Milliseconds = 5_000;
/** A block that nobody needs for so long is given back, for other gateways. */
const IDLE: Milliseconds = 60_000;

/** `store`: it could not be asked. */
export type Refusal = 'over_budget' | 'store';

/** Money set aside for one copy. */
export interface Reservation {
  /** What the copy really cost; what was set aside beyond that is free again. */
  settle(usd: number): void;
}

/** Adds to a counter of the store, atomically among all gateways. @returns the new value */
type AddUsd = (counter: string, usd: number) => Promise<number>;

interface Waiting {
  readonly usd: number;
  readonly resolve: (answer: Reservation | Refusal) => void;
}

/** What this gateway has set aside of one budget in one period. Amounts are in US dollars. */
export class SpendAccount {
  readonly rollout: string;
  readonly counter: string;
  private budgetUsd: number;
  /** What the last copy needed that did not fit; 0: it did. */
  private refusedUsd = 0;
  /** Set aside in the store, and free to be spent. Below 0 where copies cost more than their worst. */
  private left = 0;
  /** To be given back to the store. */
  private owed = 0;
  /** What the next copy may need. */
  private nextUsd = 0;
  private isLow = false;
  private waiting: Waiting[] = [];
  private emptyUntil: Milliseconds = -Infinity;
  private usedAt: Milliseconds = -Infinity;

  /** Copies under way, which may have something to give back. */
  private open = 0;

  constructor(rollout: string, counter: string, budgetUsd: number) {
    this.rollout = rollout;
    this.counter = counter;
    this.budgetUsd = budgetUsd;
  }

  /** Nothing is set aside, and nobody has anything to give back. */
  get isDone(): boolean {
    return this.open === 0 && this.waiting.length === 0 && this.left === 0 && this.owed === 0;
  }

  /** What was set aside of a larger budget is not to be spent of a smaller one. */
  setBudget(usd: number): void {
    if (usd < this.budgetUsd) this.takeBack();
    this.budgetUsd = usd;
  }

  /** Whoever waits there waits here from now on. What is set aside there is given back at the next turn. */
  succeed(former: SpendAccount): void {
    this.waiting.push(...former.waiting.splice(0));
    this.usedAt = Math.max(this.usedAt, former.usedAt);
    former.usedAt = -Infinity;
    former.takeBack();
  }

  /** @param remainingUsd of the budget. Whether the last copy did not fit, and would not now */
  isShortWith(remainingUsd: number): boolean {
    return this.refusedUsd > remainingUsd;
  }

  /** Of what the store has down as spent. */
  get unspent(): number {
    return this.left + this.owed;
  }

  /** Null: the next block may have it. */
  reserve(usd: number, now: Milliseconds): Reservation | Refusal | null {
    this.usedAt = now;
    this.nextUsd = usd;
    if (usd <= this.left) return this.granted(usd);
    if (now >= this.emptyUntil) return null;
    this.refusedUsd = usd;
    return 'over_budget';
  }

  wait(usd: number): Promise<Reservation | Refusal> {
    return new Promise((resolve) => this.waiting.push({ usd, resolve }));
  }

  refuse(refusal: Refusal): void {
    for (const { resolve } of this.waiting.splice(0)) resolve(refusal);
  }

  /** Sets aside what is wanted, gives back what is not. @throws what the store throws */
  async settle(add: AddUsd, now: Milliseconds): Promise<void> {
    if (now - this.usedAt >= IDLE) return this.giveBack(add);
    // First: it may be what is missing.
    if (this.owed > 0) await this.payBack(add);
    const missing = this.missing(now);
    if (missing > 0) await this.setAside(add, missing, now);
    if (this.owed > 0) await this.payBack(add);
  }

  /** All of it. @throws what the store throws */
  async giveBack(add: AddUsd): Promise<void> {
    this.owed += this.left;
    this.left = 0;
    this.isLow = false;
    this.refusedUsd = 0;
    if (this.owed !== 0) await this.payBack(add);
  }

  private takeBack(): void {
    const free = Math.max(0, this.left);
    this.left -= free;
    this.owed += free;
    this.isLow = false;
  }

  private missing(now: Milliseconds): number {
    if (this.waiting.length === 0 && !this.isLow) return 0;
    if (now < this.emptyUntil) return 0;
    const wanted = this.waiting.reduce((sum, { usd }) => sum + usd, this.nextUsd);
    return Math.max(this.budgetUsd * BLOCK_SHARE, wanted) - this.left;
  }

  private async setAside(add: AddUsd, usd: number, now: Milliseconds): Promise<void> {
    const excess = (await add(this.counter, usd)) - this.budgetUsd;
    this.left += usd;
    this.isLow = false;
    if (excess > 0) {
      const over = Math.min(excess, Math.max(0, this.left));
      this.left -= over;
      this.owed += over;
      this.emptyUntil = now + REMEMBERED;
    }
    this.serveWaiting();
    if (excess > 0 && this.waiting.length > 0) {
      this.refusedUsd = this.waiting.at(-1)!.usd;
      this.refuse('over_budget');
    }
  }

  private async payBack(add: AddUsd): Promise<void> {
    const usd = this.owed;
    await add(this.counter, -usd);
    this.owed -= usd;
  }

  private serveWaiting(): void {
    const all = this.waiting;
    this.waiting = [];
    for (const each of all) {
      if (each.usd <= this.left) each.resolve(this.granted(each.usd));
      else this.waiting.push(each);
    }
  }

  private granted(usd: number): Reservation {
    this.left -= usd;
    this.refusedUsd = 0;
    this.isLow = this.left < usd;
    this.open++;
    const { budgetUsd } = this;
    return { settle: (actual) => this.settled(usd - actual, budgetUsd) };
  }

  /** @param budgetUsd when it was set aside */
  private settled(restUsd: number, budgetUsd: number): void {
    this.open--;
    if (restUsd > 0 && this.budgetUsd < budgetUsd) this.owed += restUsd;
    else this.left += restUsd;
    if (this.left >= this.nextUsd) this.isLow = false;
    if (this.waiting.length > 0) this.serveWaiting();
  }
}
