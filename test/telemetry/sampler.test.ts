import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { RatioSampler } from '../../src/telemetry/sampler.ts';

/** As request ids are, without their dashes. */
const traceIds = Array.from({ length: 20_000 }, () => randomUUID().replaceAll('-', ''));

test.each([1, 10, 50])('%d %% of the traces are sampled', (share) => {
  const sampler = new RatioSampler(share);
  const sampled = traceIds.filter((id) => sampler.samples(id)).length / traceIds.length;
  // Six standard deviations.
  const margin = 6 * Math.sqrt(((share / 100) * (1 - share / 100)) / traceIds.length);
  expect(Math.abs(sampled - share / 100)).toBeLessThan(margin);
});

test('none, all, and what a smaller share samples, a larger one samples as well', () => {
  const [none, some, more, all] = [0, 10, 30, 100].map((share) => new RatioSampler(share));
  expect(traceIds.some((id) => none!.samples(id))).toBe(false);
  expect(traceIds.every((id) => all!.samples(id))).toBe(true);
  expect(traceIds.filter((id) => some!.samples(id)).every((id) => more!.samples(id))).toBe(true);
});
