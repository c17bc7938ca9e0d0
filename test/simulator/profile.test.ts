import { expect, test } from 'vitest';
import { drawDelay, Profiles } from '../../src/simulator/profile.ts';
import { Random } from '../../src/simulator/random.ts';

test('the defaults fill in what a profile leaves out, inside its nested fields too', () => {
  const profiles = new Profiles({ ttft: { medianMs: 1 }, interTokenMs: 0 }, { mine: { ttft: { sigma: 2 } } });
  expect(profiles.of('mine')).toMatchObject({
    ttft: { distribution: 'lognormal', medianMs: 1, sigma: 2 },
    interTokenMs: 0,
  });
  expect(profiles.of('other').ttft.medianMs).toBe(1);
});

test('defaults of zero reach the fast built-in models and leave the slow one slow', () => {
  const profiles = new Profiles({ latency: { medianMs: 0 }, ttft: { medianMs: 0 } }, {});
  expect(profiles.of('fast-v1').latency.medianMs).toBe(0);
  expect(profiles.of('slow').latency.medianMs).toBeGreaterThan(1000);
});

test('a constant delay is its median, a median of zero no delay, and a log-normal one spreads around its median', () => {
  const random = new Random('delays');
  expect(drawDelay({ distribution: 'constant', medianMs: 7, sigma: 3 }, random)).toBe(7);
  expect(drawDelay({ distribution: 'lognormal', medianMs: 0, sigma: 3 }, random)).toBe(0);
  const delays = Array.from({ length: 2001 }, () =>
    drawDelay({ distribution: 'lognormal', medianMs: 100, sigma: 0.5 }, random),
  ).sort((left, right) => left - right);
  expect(delays[1000]).toBeGreaterThan(90);
  expect(delays[1000]).toBeLessThan(110);
  // The quartiles of a log-normal lie exp(0.674 sigma) from its median.
  expect(delays[1500]! / delays[1000]!).toBeCloseTo(Math.exp(0.674 * 0.5), 0.5);
});
