import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { BudgetClaim, BudgetWindow, NanoUsd } from '../core/counters.ts';
import type { CounterBatchStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';

/** A crash loses what was spent since. */
const FLUSH_EVERY: Milliseconds = 500;
const PREFIX = 'spend:';

/** Budgets whose page is known by name. */
const MOST_OPEN = 10_000;

interface OpenPage {
  readonly window: BudgetWindow;
  readonly name: string;
  /** What was reserved from then on and is settled before `until` is written there. */
  readonly from: Milliseconds;
  readonly until: Milliseconds;
}

/** Counters that can be told what was spent before. */
interface Restorable {
  restore(claim: BudgetClaim, spent: NanoUsd, at: Milliseconds): void;
}

interface LedgerDeps {
  readonly store: CounterBatchStore;
  readonly clock: Clock;
  /** The store failed: told once until it works again. */
  failed(error: unknown): void;
}

/** Keeps what was spent of each budget over a restart, for counters in memory. Never asked by a request. */
export class SpendLedger {
  private readonly deps: LedgerDeps;
  private pending = new Map<string, NanoUsd>();
  /** Sent, and nobody knows whether it has arrived: it is sent again as it is. */
  private unconfirmed: { readonly amounts: ReadonlyMap<string, NanoUsd>; readonly number: number } | null = null;
  private readonly sender = `spend ${randomUUID()}`;
  private sent = 0;
  private readonly timer: NodeJS.Timeout;
  private flushing: Promise<void> | null = null;
  private hasFailed = false;
  /** By counter: the page that is written on at the moment, as its name takes a microsecond to make. */
  private readonly open = new Map<string, OpenPage>();

  constructor(deps: LedgerDeps) {
    this.deps = deps;
    this.timer = setInterval(() => void this.flush(), FLUSH_EVERY).unref();
  }

  /** @param reservedWall when it was reserved: that window is charged */
  spent({ counter, window }: BudgetClaim, amount: NanoUsd, reservedWall: Milliseconds): void {
    const name = amount === 0 ? null : this.nameOf(counter, window, reservedWall);
    if (name !== null) this.pending.set(name, (this.pending.get(name) ?? 0) + amount);
  }

  /** At start, before any request. @throws what the store throws */
  async load(counters: Restorable): Promise<void> {
    const { store, clock } = this.deps;
    const now = clock.wall();
    const ended: string[] = [];
    const pages: { readonly page: Page; readonly spent: NanoUsd }[] = [];
    for (const { name, value } of await store.list(PREFIX)) {
      const page = JSON.parse(name.slice(PREFIX.length)) as Page;
      if (page.end <= now) ended.push(name);
      else pages.push({ page, spent: value });
    }
    pages.sort((one, other) => one.page.at - other.page.at);
    for (const { page, spent } of pages) counters.restore(claimOf(page), spent, page.at);
    await store.remove(ended);
  }

  /** Those that fail are tried again with the next ones. */
  flush(): Promise<void> {
    return (this.flushing ??= this.write().finally(() => (this.flushing = null)));
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flushing;
    await this.flush();
  }

  /** Null: its window has ended. */
  private nameOf(counter: string, window: BudgetWindow, reserved: Milliseconds): string | null {
    const now = this.deps.clock.wall();
    const { open } = this;
    const known = open.get(counter);
    if (
      known !== undefined &&
      known.window === window &&
      reserved >= known.from &&
      Math.max(now, reserved) < known.until
    )
      return known.name;
    const page = pageOf(counter, window, reserved, now);
    if (page === null) return null;
    const name = PREFIX + JSON.stringify(page);
    if (open.size >= MOST_OPEN) open.clear();
    const from = window.kind === 'calendar' ? reserved : -Infinity;
    open.set(counter, { window, name, from, until: untilOf(page, window) });
    return name;
  }

  private async write(): Promise<void> {
    try {
      if (this.unconfirmed !== null) await this.send(this.unconfirmed);
      if (this.pending.size === 0) return;
      const amounts = this.pending;
      this.pending = new Map();
      await this.send({ amounts, number: ++this.sent });
    } catch (error) {
      if (!this.hasFailed) this.deps.failed(error);
      this.hasFailed = true;
    }
  }

  private async send(batch: NonNullable<SpendLedger['unconfirmed']>): Promise<void> {
    this.unconfirmed = batch;
    await this.deps.store.addAll(batch.amounts, { sender: this.sender, number: batch.number });
    this.unconfirmed = null;
    this.hasFailed = false;
  }
}

/** One window, or part of a window. */
interface Page {
  readonly counter: string;
  /** A calendar window's name; of a part its window. */
  readonly name: string | { readonly length: Milliseconds; readonly parts: number };
  /** A moment of it. */
  readonly at: Milliseconds;
  /** When it no longer counts. */
  readonly end: Milliseconds;
}

/** Null: its window has ended. */
function pageOf(counter: string, window: BudgetWindow, reserved: Milliseconds, now: Milliseconds): Page | null {
  if (window.kind === 'calendar') {
    const open = window.windows.find(({ end }) => end > reserved);
    return open === undefined ? null : { counter, name: open.name, at: 0, end: open.end };
  }
  const { length, parts } = window;
  const part = Math.ceil(length / parts);
  const at = Math.floor(now / part) * part;
  return { counter, name: { length, parts }, at, end: at + length + part };
}

/** When another page begins. */
function untilOf({ end }: Page, window: BudgetWindow): Milliseconds {
  return window.kind === 'calendar' ? end : end - window.length;
}

function claimOf({ counter, name, end }: Page): BudgetClaim {
  const window: BudgetWindow =
    typeof name === 'string'
      ? { kind: 'calendar', windows: [{ name, end }] }
      : { kind: 'rolling', length: name.length, parts: name.parts };
  return { kind: 'budget', counter, limit: 0, amount: 0, window };
}
