import { describe, expect, it } from 'vitest';
import { TargetLoad, type Waiting } from '../../src/upstream/target-load.ts';
import { FakeClock } from './support.ts';

function open() {
  const clock = new FakeClock();
  let isOpen = false;
  const load = new TargetLoad(clock, () => isOpen);
  return { clock, load, openCircuit: () => (isOpen = true) };
}

describe('the load of a target', () => {
  it('knows no latency before the first reply', () => {
    expect(open().load.latency).toBeNull();
  });

  it('follows a rise at once and a fall slowly', () => {
    const { clock, load } = open();
    load.answered(100);
    load.answered(900);
    expect(load.latency).toBe(900);
    clock.time += 1_000;
    load.answered(100);
    expect(load.latency).toBeGreaterThan(700);
    expect(load.latency).toBeLessThan(900);
  });

  it('forgets, so that a slow target is tried again', () => {
    const { clock, load } = open();
    load.answered(8_000);
    clock.time += 60_000;
    expect(load.latency).toBeLessThan(50);
  });

  it('tells how long the oldest of those that wait has waited, whatever order they are heard in', () => {
    const { clock, load } = open();
    expect(load.waitingFor).toBe(0);
    const [first, second, third] = [100, 100, 100].map((pause) => {
      const waiting = load.began();
      clock.time += pause;
      return waiting;
    }) as [Waiting, Waiting, Waiting];
    expect(load.waitingFor).toBe(300);
    load.heard(second);
    expect(load.waitingFor).toBe(300);
    load.heard(first);
    expect(load.waitingFor).toBe(100);
    load.heard(third);
    expect([load.waitingFor, load.outstanding]).toEqual([0, 3]);
    load.heard(load.began());
    expect(load.waitingFor).toBe(0);
  });

  it('takes a failure for a slow reply, however fast it came', () => {
    const { load } = open();
    load.answered(20);
    load.failed(1);
    expect(load.latency).toBe(5_000);
  });

  it('is out while it limits, for as long as it says within bounds, and while its circuit is open', () => {
    const { clock, load, openCircuit } = open();
    load.limited(2_000);
    expect(load.isOut).toBe(true);
    clock.time += 2_000;
    expect(load.isOut).toBe(false);
    load.limited(1e9);
    clock.time += 60_000;
    expect(load.isOut).toBe(false);
    load.limited(null);
    expect(load.isOut).toBe(true);
    clock.time += 5_000;
    openCircuit();
    expect(load.isOut).toBe(true);
  });
});
