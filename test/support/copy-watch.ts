import type { LogEntry } from '../../src/core/outcome.ts';
import type { CounterStore } from '../../src/core/stores.ts';
import type { ShadowDeps, ShadowResult } from '../../src/shadow/shadow-traffic.ts';

/** Counters in memory, which can be made to fail or to wait. */
export class MemoryCounters implements CounterStore {
  readonly values = new Map<string, number>();
  readonly calls: (readonly [name: string, amount: number])[] = [];
  failure: Error | null = null;

  add(name: string, amount: number): Promise<number> {
    this.calls.push([name, amount]);
    if (this.failure !== null) return Promise.reject(this.failure);
    const next = (this.values.get(name) ?? 0) + amount;
    this.values.set(name, next);
    return Promise.resolve(next);
  }

  value(name: string): Promise<number> {
    return Promise.resolve(this.values.get(name) ?? 0);
  }

  raise(name: string, value: number): Promise<void> {
    this.values.set(name, value);
    return Promise.resolve();
  }
}

/** Notes what became of copies, and waits for it. */
export class CopyWatch {
  readonly counters = new MemoryCounters();
  readonly pairs: Extract<LogEntry, { kind: 'pair' }>[] = [];
  readonly results: ShadowResult[] = [];
  readonly costs: number[] = [];
  readonly failures: unknown[] = [];
  private readonly waiting: { readonly count: number; readonly resolve: (results: readonly ShadowResult[]) => void }[] =
    [];

  readonly deps: Omit<ShadowDeps, 'clock'> = {
    counters: this.counters,
    sink: { add: (entry) => entry.kind === 'pair' && this.pairs.push(entry) },
    counted: (_rollout, result) => {
      this.results.push(result);
      for (const { count, resolve } of this.waiting) if (count === this.results.length) resolve(this.results);
    },
    spent: (_rollout, usd) => void this.costs.push(usd),
    failed: (_rollout, error) => void this.failures.push(error),
  };

  /** The results, as soon as there are so many. */
  counted(count: number): Promise<readonly ShadowResult[]> {
    if (this.results.length >= count) return Promise.resolve(this.results);
    return new Promise((resolve) => this.waiting.push({ count, resolve }));
  }
}
