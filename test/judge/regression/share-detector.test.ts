import { assert, constantFrom, double, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../bench/judge-scenarios.ts';
import { ShareDetector, evidenceOfReturn } from '../../../src/judge/regression/share-detector.ts';

/** Of so many independent events, by their number. */
function binomial(trials: number, chance: number): number[] {
  const shares = [(1 - chance) ** trials];
  for (let count = 1; count <= trials; count++)
    shares.push((shares.at(-1)! * (trials - count + 1) * chance) / (count * (1 - chance)));
  return shares;
}

function evidenceAfter(blocks: number, allowed: number, share: number, requests: number): number {
  const detector = new ShareDetector();
  const range = { from: 1, to: 2, allowed, usual: allowed / 2 };
  for (let block = 0; block < blocks; block++) detector.bet(range, share, requests);
  return detector.value;
}

describe('a bet on a block', () => {
  it('does not win in the mean while the share is within what is allowed', () => {
    assert(
      property(
        double({ min: 0.005, max: 0.6, noNaN: true }),
        double({ min: 0.1, max: 1, noNaN: true }),
        constantFrom(1, 3, 20, 59, 61, 150, 400),
        (allowed, part, requests) => {
          const chances = binomial(requests, allowed * part);
          const mean = chances.reduce(
            (sum, chance, events) => sum + chance * evidenceAfter(1, allowed, events / requests, requests),
            0,
          );
          expect(mean).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it('on a return does not win in the mean while the share is at the border of what is allowed or beyond', () => {
    assert(
      property(double({ min: 0.005, max: 0.5, noNaN: true }), integer({ min: 1, max: 300 }), (allowed, requests) => {
        const range = { from: 1, to: 2, allowed, usual: allowed / 2 };
        for (const chance of [allowed, 1.5 * allowed]) {
          const mean = binomial(requests, chance).reduce(
            (sum, one, events) => sum + one * evidenceOfReturn(0, range, events / requests, requests),
            0,
          );
          expect(mean).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it('never multiplies the evidence by more than three, so that an incident of five blocks leaves it below 363', () => {
    expect(evidenceAfter(1, 0.015, 1, 3000)).toBe(3);
    expect(evidenceAfter(5, 0.015, 1, 3000)).toBe(3 + 9 + 27 + 81 + 243);
  });

  it('tells nothing where any share is allowed', () => {
    expect(evidenceAfter(100, 1, 1, 3000)).toBe(0);
  });
});

describe('the evidence of many blocks', () => {
  it('takes as many blocks to a threshold as the threshold says, or more, at the border of what is allowed', () => {
    const threshold = 100;
    const random = new Random(3);
    const lengths = Array.from({ length: 200 }, () => {
      const detector = new ShareDetector();
      const range = { from: 1, to: 2, allowed: 0.1, usual: 0.05 };
      let blocks = 0;
      while (detector.value < threshold) {
        const events = Array.from({ length: 60 }, () => random.uniform() < 0.1).filter(Boolean).length;
        detector.bet(range, events / 60, 60);
        blocks++;
      }
      return blocks;
    });
    expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeGreaterThanOrEqual(threshold);
  });

  it('falls again after an incident', () => {
    const detector = new ShareDetector();
    const range = { from: 1, to: 2, allowed: 0.1, usual: 0.05 };
    for (let block = 0; block < 5; block++) detector.bet(range, 0.8, 300);
    for (let block = 0; block < 10; block++) detector.bet(range, 0.05, 300);
    expect(detector.value).toBeLessThan(1);
  });
});
