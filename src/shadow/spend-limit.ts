import type { ShadowBudget } from '../core/analysis.ts';
import type { Clock } from '../core/clock.ts';
import type { CounterStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import { periodEnd, periodName } from '../core/period.ts';
import { SpendAccount, type Budget, type Refusal, type Reservation } from './spend-account.ts';

/** How often money is set aside. The store is asked on the thread that serves requests, so never for a single copy. */
const TURN: Milliseconds = 250;
/** A store that failed is left alone for so long: one that is locked holds the thread while it is waited for. */
const REST_AFTER_FAILURE: Milliseconds = 5_000;
/** Sums of money are sums of fractions. */
const NOTHING_USD = 1e-9;

interface SpendLimitDeps {
  readonly clock: Clock;
  readonly counters: CounterStore;
  /** The store cannot be asked; told once until it can be again. */
  failed(rollout: string, error: unknown): void;
}

/**
 * Budgets of money by the calendar, shared by all gateways of a store. Money is set aside in blocks and spent from memory;
 * what is not spent goes back when it was not needed for a while, and at the end. All gateways together never spend more
 * than the budget; one that crashes leaves its open block unspent until the period ends.
 */
export class SpendLimit {
  private readonly deps: SpendLimitDeps;
  /** By counter: also those of which something is to be given back. */
  private readonly accounts = new Map<string, SpendAccount>();
  /** By rollout: what it spends from now. */
  private readonly current = new Map<string, SpendAccount>();
  private timer: NodeJS.Timeout | null = null;
  private turn: Promise<void> | null = null;
  private restUntil: Milliseconds = -Infinity;
  private hasFailed = false;

  constructor(deps: SpendLimitDeps) {
    this.deps = deps;
  }

  /** Sets the amount aside before it is spent: from memory, or where that does not do with the next block. Never rejects. */
  reserve(rollout: string, budget: Budget, usd: number): Promise<Reservation | Refusal> {
    const now = this.deps.clock.now();
    const account = this.accountOf(rollout, budget);
    const known = account.reserve(usd, now);
    if (known !== null) return Promise.resolve(known);
    if (now < this.restUntil) return Promise.resolve('store');
    this.timer ??= setInterval(() => void this.runTurn(), TURN).unref();
    return account.wait(usd);
  }

  /** As it stands now; what other gateways have set aside counts as spent. @throws what the store throws */
  async state(rollout: string, budget: Budget): Promise<ShadowBudget> {
    const wall = this.deps.clock.wall();
    const account = this.accountOf(rollout, budget);
    const setAside = await this.deps.counters.value(account.counter);
    const spentUsd = Math.max(0, setAside - account.unspent);
    const remainingUsd = Math.max(0, budget.usd - spentUsd);
    const isSpent = remainingUsd < NOTHING_USD || account.isShortWith(remainingUsd);
    return { usd: budget.usd, spentUsd, remainingUsd, resetsAt: periodEnd(budget.per, wall), isSpent };
  }

  /** Gives back what was not spent. Whoever waits is refused. */
  async close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    for (const account of this.accounts.values()) account.refuse('store');
    await this.turn;
    await this.eachAccount((account) => account.giveBack(this.add));
  }

  private accountOf(rollout: string, budget: Budget): SpendAccount {
    const counter = `shadow:${rollout}:${periodName(budget.per, this.deps.clock.wall())}`;
    const former = this.current.get(rollout);
    if (former?.counter === counter) {
      former.setBudget(budget.usd);
      return former;
    }
    const next = this.accounts.get(counter) ?? new SpendAccount(rollout, counter, budget.usd);
    next.setBudget(budget.usd);
    if (former !== undefined) next.succeed(former);
    this.accounts.set(counter, next);
    this.current.set(rollout, next);
    return next;
  }

  private runTurn(): Promise<void> {
    if (this.deps.clock.now() < this.restUntil) return Promise.resolve();
    return (this.turn ??= this.settle().finally(() => (this.turn = null)));
  }

  private settle(): Promise<void> {
    return this.eachAccount(async (account) => {
      await account.settle(this.add, this.deps.clock.now());
      const isFormer = this.current.get(account.rollout) !== account;
      if (isFormer && account.isDone) this.accounts.delete(account.counter);
    });
  }

  private readonly add = async (counter: string, usd: number): Promise<number> => {
    const total = await this.deps.counters.add(counter, usd);
    this.hasFailed = false;
    return total;
  };

  private async eachAccount(work: (account: SpendAccount) => Promise<void>): Promise<void> {
    for (const account of this.accounts.values()) {
      try {
        await work(account);
      } catch (error) {
        this.rest(account.rollout, error);
        return;
      }
    }
  }

  private rest(rollout: string, error: unknown): void {
    this.restUntil = this.deps.clock.now() + REST_AFTER_FAILURE;
    for (const account of this.accounts.values()) account.refuse('store');
    if (!this.hasFailed) this.deps.failed(rollout, error);
    this.hasFailed = true;
  }
}
