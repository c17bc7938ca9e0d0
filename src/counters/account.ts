import type { BudgetClaim, BudgetWindow, CalendarWindow, ClaimState, NanoUsd } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Leasable, LeaseUse } from './standing.ts';

type Rolling = Extract<BudgetWindow, { kind: 'rolling' }>;

interface Part {
  readonly index: number;
  spent: NanoUsd;
}

/** Null: all of them have ended. */
export function calendarWindow(windows: readonly CalendarWindow[], now: Milliseconds): CalendarWindow | null {
  for (const window of windows) if (window.end > now) return window;
  return null;
}

export const partLength = ({ length, parts }: Rolling): Milliseconds => Math.ceil(length / parts);

/** The same for all claims of one budget and its windows. */
export function budgetName({ counter, window }: BudgetClaim): string {
  if (window.kind === 'rolling') return `${counter} ${window.length}/${window.parts}`;
  return `${counter} ${window.windows.map(({ name }) => name).join(' ')}`;
}

/** The money of one window. */
export abstract class Account implements Leasable {
  reserved: NanoUsd = 0;
  leased: NanoUsd = 0;

  abstract readonly spent: NanoUsd;
  abstract update(now: Milliseconds): void;
  abstract charge(amount: NanoUsd): void;
  /** Nothing of it will be asked for again. */
  abstract isIdle(now: Milliseconds): boolean;
  protected abstract resetAfter(): Milliseconds;
  /** @param missing what has to become free */
  protected abstract retryAfter(missing: NanoUsd): Milliseconds | null;

  free(limit: NanoUsd): NanoUsd {
    return Math.max(0, limit - this.spent - this.reserved - this.leased);
  }

  draw({ drawn, taken, spent }: LeaseUse): void {
    this.leased -= drawn;
    this.reserved += taken;
    this.charge(spent);
  }

  fits(amount: NanoUsd, limit: NanoUsd): boolean {
    return this.spent + this.reserved + this.leased + amount <= limit;
  }

  take(amount: NanoUsd): Milliseconds {
    this.reserved += amount;
    return 0;
  }

  state(amount: NanoUsd, limit: NanoUsd): ClaimState {
    const missing = this.spent + this.reserved + this.leased + amount - limit;
    return {
      remaining: Math.max(0, limit - this.spent - this.reserved),
      resetAfter: this.resetAfter(),
      retryAfter: missing <= 0 ? 0 : amount > limit ? null : this.retryAfter(missing),
    };
  }
}

class CalendarAccount extends Account {
  readonly name: string;
  override spent: NanoUsd = 0;
  private readonly end: Milliseconds;
  private now: Milliseconds = 0;

  constructor(window: CalendarWindow) {
    super();
    this.name = window.name;
    this.end = window.end;
  }

  override update(now: Milliseconds): void {
    this.now = now;
  }

  override charge(amount: NanoUsd): void {
    this.spent = Math.min(this.spent + amount, Number.MAX_SAFE_INTEGER);
  }

  override isIdle(now: Milliseconds): boolean {
    return this.reserved === 0 && this.leased === 0 && (now >= this.end || this.spent === 0);
  }

  protected override resetAfter(): Milliseconds {
    return Math.max(0, this.end - this.now);
  }

  protected override retryAfter(): Milliseconds {
    return this.resetAfter();
  }
}

class RollingAccount extends Account {
  override spent: NanoUsd = 0;
  private readonly length: Milliseconds;
  private readonly count: number;
  /** The oldest first; only those in which something was spent. */
  private parts: Part[] = [];
  private now: Milliseconds = 0;

  constructor(window: Rolling) {
    super();
    this.length = partLength(window);
    this.count = window.parts;
  }

  isOf(window: Rolling): boolean {
    return this.length === partLength(window) && this.count === window.parts;
  }

  override update(now: Milliseconds): void {
    this.now = now;
    while (this.parts.length > 0 && this.leavesAt(this.parts[0]!.index) <= now) this.spent -= this.parts.shift()!.spent;
  }

  override charge(amount: NanoUsd): void {
    if (amount === 0) return;
    const charged = Math.min(amount, Number.MAX_SAFE_INTEGER - this.spent);
    this.partOfNow().spent += charged;
    this.spent += charged;
  }

  override isIdle(now: Milliseconds): boolean {
    this.update(now);
    return this.spent === 0 && this.reserved === 0 && this.leased === 0;
  }

  protected override resetAfter(): Milliseconds {
    if (this.reserved > 0) return this.leavesAt(this.indexOfNow()) - this.now;
    const newest = this.parts.at(-1);
    return newest === undefined ? 0 : this.leavesAt(newest.index) - this.now;
  }

  protected override retryAfter(missing: NanoUsd): Milliseconds | null {
    for (const { index, spent } of this.parts) {
      missing -= spent;
      if (missing <= 0) return this.leavesAt(index) - this.now;
    }
    return null; // what is missing is reserved: nobody knows when it is settled
  }

  /** After a clock was set back the newest part lies ahead: it goes on. */
  private partOfNow(): Part {
    const index = this.indexOfNow();
    const newest = this.parts.at(-1);
    if (newest !== undefined && newest.index >= index) return newest;
    const part = { index, spent: 0 };
    this.parts.push(part);
    return part;
  }

  private indexOfNow(): number {
    return Math.floor(this.now / this.length);
  }

  /** When its last moment is longer ago than the window is long. */
  private leavesAt(index: number): Milliseconds {
    return (index + this.count + 1) * this.length;
  }
}

/** All windows of one budget. */
export class Budget {
  private accounts: Account[] = [];

  /** @returns null: all windows of the claim have ended */
  accountAt({ window }: BudgetClaim, when: Milliseconds, now: Milliseconds): Account | null {
    const account = window.kind === 'rolling' ? this.rolling(window) : this.calendar(window.windows, when);
    account?.update(now);
    return account;
  }

  /** Forgets windows of which nothing will be asked again. */
  isIdle(now: Milliseconds): boolean {
    if (this.accounts.some((account) => account.isIdle(now)))
      this.accounts = this.accounts.filter((account) => !account.isIdle(now));
    return this.accounts.length === 0;
  }

  private calendar(windows: readonly CalendarWindow[], when: Milliseconds): Account | null {
    const window = calendarWindow(windows, when);
    if (window === null) return null;
    for (const account of this.accounts)
      if (account instanceof CalendarAccount && account.name === window.name) return account;
    return this.add(new CalendarAccount(window));
  }

  private rolling(window: Rolling): Account {
    for (const account of this.accounts) if (account instanceof RollingAccount && account.isOf(window)) return account;
    return this.add(new RollingAccount(window));
  }

  private add(account: Account): Account {
    this.accounts.push(account);
    return account;
  }
}
