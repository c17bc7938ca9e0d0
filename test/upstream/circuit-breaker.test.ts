import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/upstream/circuit-breaker.ts';
import { FakeClock } from './support.ts';

function broken(clock: FakeClock, failures = 3): CircuitBreaker {
  const breaker = new CircuitBreaker({ failures, ejection: 100, maxEjection: 250 }, clock);
  for (let i = 0; i < failures; i++) breaker.failed();
  return breaker;
}

describe('a circuit breaker', () => {
  it('opens at the configured number of failures in a row, not before', () => {
    const breaker = new CircuitBreaker({ failures: 3, ejection: 100, maxEjection: 250 }, new FakeClock());
    breaker.failed();
    breaker.failed();
    breaker.succeeded();
    breaker.failed();
    breaker.failed();
    expect([breaker.state, breaker.tryAcquire()]).toEqual(['closed', true]);
    breaker.failed();
    expect([breaker.state, breaker.tryAcquire()]).toEqual(['open', false]);
  });

  it('lets one probe through when its time is up', () => {
    const clock = new FakeClock();
    const breaker = broken(clock);
    clock.time += 99;
    expect(breaker.state).toBe('open');
    clock.time += 1;
    expect(breaker.state).toBe('half_open');
    expect([breaker.tryAcquire(), breaker.tryAcquire()]).toEqual([true, false]);
  });

  it('closes at a probe that succeeds, and counts from the beginning again', () => {
    const clock = new FakeClock();
    const breaker = broken(clock);
    clock.time += 100;
    breaker.tryAcquire();
    breaker.succeeded();
    expect(breaker.state).toBe('closed');
    breaker.failed();
    breaker.failed();
    expect(breaker.state).toBe('closed');
    breaker.failed();
    clock.time += 100;
    expect(breaker.state).toBe('half_open');
  });

  it('stays open n times as long at the n-th ejection in a row, up to its cap', () => {
    const clock = new FakeClock();
    const breaker = broken(clock);
    for (const duration of [100, 200, 250, 250]) {
      clock.time += duration - 1;
      expect([duration, breaker.state]).toEqual([duration, 'open']);
      clock.time += 1;
      expect([duration, breaker.state]).toEqual([duration, 'half_open']);
      breaker.tryAcquire();
      breaker.failed();
    }
  });

  it('lets the next request probe where one ended without telling anything', () => {
    const clock = new FakeClock();
    const breaker = broken(clock);
    clock.time += 100;
    breaker.tryAcquire();
    breaker.undecided();
    expect([breaker.state, breaker.tryAcquire()]).toEqual(['half_open', true]);
  });

  it('does not stay open longer for failures of requests that were under way when it opened', () => {
    const clock = new FakeClock();
    const breaker = broken(clock);
    clock.time += 99;
    breaker.failed();
    clock.time += 1;
    expect(breaker.state).toBe('half_open');
  });
});

describe('a target that answers and then breaks off', () => {
  it('is ejected for longer each time, and closes only at a whole reply', () => {
    const clock = new FakeClock();
    const breaker = broken(clock);
    clock.time += 100;
    expect(breaker.tryAcquire()).toBe(true);
    breaker.answered();
    breaker.failed();
    clock.time += 199;
    expect(breaker.state).toBe('open');
    clock.time += 1;
    expect(breaker.tryAcquire()).toBe(true);
    breaker.answered();
    expect(breaker.state).toBe('half_open');
    breaker.succeeded();
    expect(breaker.state).toBe('closed');
  });
});
