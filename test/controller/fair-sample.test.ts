import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/judge-scenarios.ts';
import { FairSample } from '../../src/controller/fair-sample.ts';
import { unitPosition } from '../../src/core/assignment.ts';
import { SampleRatio } from '../../src/judge/sample-ratio.ts';

const PER_WINDOW = 125;

/** Windows of 250 ms in which every unit given comes once. */
function run(sample: FairSample, windows: number, units: readonly string[]): number[] {
  return Array.from({ length: windows }, () => {
    const taken = units.filter((unit) => sample.take(unit)).length;
    sample.renew();
    return taken;
  });
}

const many = (count: number, prefix = 'unit') => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

describe('a fair sample', () => {
  it('takes everything while there is room', () => {
    expect(run(new FairSample(PER_WINDOW), 100, many(PER_WINDOW))).toEqual(Array.from({ length: 100 }, () => 125));
  });

  it('comes down to what there is room for, one halving a window, and never takes more than four times that', () => {
    const taken = run(new FairSample(PER_WINDOW), 10, many(4_000));
    expect(taken.slice(0, 3)).toEqual([500, 500, 500]);
    for (const each of taken.slice(6)) expect(each).toBeLessThanOrEqual(PER_WINDOW * 1.2);
    for (const each of taken.slice(6)) expect(each).toBeGreaterThan(PER_WINDOW / 3);
  });

  it('takes the same units in each window', () => {
    const sample = new FairSample(PER_WINDOW);
    run(sample, 10, many(4_000));
    const first = many(4_000).filter((unit) => sample.take(unit));
    sample.renew();
    expect(
      many(4_000)
        .toReversed()
        .filter((unit) => sample.take(unit))
        .toReversed(),
    ).toEqual(first);
  });

  it('takes all again ten seconds after the traffic has calmed down', () => {
    const sample = new FairSample(PER_WINDOW);
    run(sample, 2, many(200));
    const taken = run(sample, 42, many(80));
    expect(taken[39]).toBeLessThan(60);
    expect(taken[41]).toBe(80);
  });

  it('keeps every one of a few units however many requests they make', () => {
    const sample = new FairSample(PER_WINDOW);
    const requests = many(5_000).map((_, index) => `key-${index % 20}`);
    for (let window = 0; window < 20; window++) {
      const taken = requests.filter((unit) => sample.take(unit));
      expect(taken).toHaveLength(PER_WINDOW);
      expect(new Set(taken).size).toBe(20);
      sample.renew();
    }
  });

  /** Users who send again as soon as they are answered; the canary answers in half the time. */
  it('shows no mismatch of the shares where one arm is faster, though its users come twice as often', () => {
    const random = new Random(5);
    const sample = new FairSample(PER_WINDOW);
    const users = many(6_000, 'user').map((id) => ({
      id,
      arm: unitPosition('fast-v2', id) < 0.5 ? 1 : 0,
      at: random.uniform() * 2_000,
    }));
    const ratio = new SampleRatio(2);
    const seen = new Set<string>();
    let highest = 0;
    for (let end = 250; end <= 60_000; end += 250) {
      for (const user of users.filter(({ at }) => at < end).sort((a, b) => a.at - b.at)) {
        user.at += (user.arm === 1 ? 1_000 : 2_000) * (0.5 + random.uniform());
        if (!sample.take(user.id) || seen.has(user.id)) continue;
        seen.add(user.id);
        ratio.count(user.arm, [0.5, 0.5]);
        highest = Math.max(highest, ratio.logE);
      }
      sample.renew();
    }
    expect(seen.size).toBeGreaterThan(500);
    expect(seen.size).toBeLessThan(users.length / 2);
    expect(highest).toBeLessThan(Math.log(1000));
  });
});
