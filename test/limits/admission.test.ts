import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Exchange } from '../../src/core/exchange.ts';
import type { Allowance } from '../../src/core/limits.ts';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { Admission, type Grant, type Worst } from '../../src/limits/admission.ts';
import { Subject } from '../../src/limits/subject.ts';

const ALLOWANCE: Allowance = {
  limits: { requests: null, tokens: null, concurrent: 1 },
  budgets: [{ usd: 1, per: 'day', isRolling: false }],
  onCounterFailure: { kind: 'closed' },
};
const NANO_USD = 600_000_000;
const WORST: Worst = {
  estimate: { inputTokens: 10, outputTokens: 10, likelyInput: () => 5, keepsLong: false, cap: null },
  nanoUsd: NANO_USD,
  count: null,
  isBackground: false,
};

describe('what a request holds', () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 12) }));
  afterEach(() => void vi.useRealTimers());

  function open() {
    const clock = { now: () => Date.now(), wall: () => Date.now() };
    const counters = new MemoryCounters(clock);
    const failed = (error: unknown): void => {
      throw error;
    };
    const start = () => new Admission({ counters, clock, ledger: null, denied: () => {}, failed });
    const subject = new Subject('key:dev', 'key/dev', ALLOWANCE);
    let requests = 0;
    const admit = (admission: Admission): Grant =>
      admission.admit(new Exchange(`r${requests++}`, 'chat', 'openai', 0, 0), [subject], WORST) as Grant;
    const budgetLeft = (): number => counters.peek(subject.budgetClaims(0, Date.now()))[0]!.remaining;
    return { start, admit, budgetLeft };
  }

  it('is renewed while it goes on, however long that is: place and money', () => {
    const { start, admit, budgetLeft } = open();
    const admission = start();
    const grant = admit(admission);
    for (let minute = 0; minute < 30; minute++) {
      vi.advanceTimersByTime(60_000);
      expect(() => admit(admission)).toThrow('requests at one time');
      expect(budgetLeft()).toBe(1e9 - NANO_USD);
    }
    admission.settle(grant, { tokens: 3, nanoUsd: 70 });
    expect(budgetLeft()).toBe(1e9 - 70);
    admission.settle(grant, { tokens: 3, nanoUsd: 70 });
    expect(budgetLeft()).toBe(1e9 - 70);
    admission.settle(admit(admission), { tokens: 0, nanoUsd: 0 });
    admission.close();
  });

  it('is free a minute after its gateway is gone', () => {
    const { start, admit, budgetLeft } = open();
    const gone = start();
    admit(gone);
    gone.close();
    vi.advanceTimersByTime(59_999);
    expect(budgetLeft()).toBe(1e9 - NANO_USD);
    vi.advanceTimersByTime(1);
    expect(budgetLeft()).toBe(1e9);
    const admission = start();
    admission.settle(admit(admission), { tokens: 0, nanoUsd: 0 });
    admission.close();
  });
});
