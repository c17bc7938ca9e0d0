import type { AllowedRange } from './allowed-ranges.ts';

/** How many times what is allowed the odds of the range may be: one bettor for each. */
const RATIOS = [1.25, 1.6, 2.5, 5];
/** What a single block may multiply the evidence by: an incident of a few minutes cannot decide alone. */
const MOST_PER_BLOCK = 3;
/**
 * Requests of a block are not independent, so it is worth so many at most, or as many as bring four events where those
 * are rare.
 */
const BLOCK_REQUESTS = 60;
const BLOCK_EVENTS = 4;
const CEILING = 1e300;

export type ShareDetectorState = readonly number[];

/**
 * Detects that the share of a range has grown beyond what is allowed. Each block of traffic multiplies the evidence by a
 * likelihood ratio, held at 3. While the share is within what is allowed its expectation, given all that went before, is
 * at most 1 if the block's share is no more uncertain than that of as many independent requests as the block is worth.
 * `S = (S + 1) factor` is then a Shiryaev-Roberts e-detector: the mean number of blocks until it first reaches A is at
 * least A; so is that of the mean of several.
 * @source Shin, Ramdas, Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", New England
 *   Journal of Statistics in Data Science 2024, arXiv 2203.03532, section 2
 */
export class ShareDetector {
  private readonly evidence: number[];

  constructor(saved?: ShareDetectorState) {
    this.evidence = saved === undefined ? RATIOS.map(() => 0) : [...saved];
  }

  get value(): number {
    let sum = 0;
    for (const each of this.evidence) sum += each;
    return sum / this.evidence.length;
  }

  /**
   * @param share of the block's requests that are in the range
   * @param requests of the block, above 0
   */
  bet({ allowed }: AllowedRange, share: number, requests: number): void {
    if (allowed === 1) return;
    const trials = worthOf(requests, allowed);
    for (const [index, ratio] of RATIOS.entries()) {
      const odds = (ratio * allowed) / (1 - allowed);
      this.evidence[index] = nextEvidence(this.evidence[index]!, odds / (1 + odds), allowed, share, trials);
    }
  }

  reset(): void {
    this.evidence.fill(0);
  }

  toJSON(): ShareDetectorState {
    return this.evidence;
  }
}

/**
 * The same the other way round, to close what was opened: the evidence, after one more block, that the share is as usual
 * and not at the border of what is allowed. A share between the two counts for the nearer one.
 */
export function evidenceOfReturn(before: number, range: AllowedRange, share: number, requests: number): number {
  const { allowed, usual } = range;
  return nextEvidence(before, usual, allowed, share, worthOf(requests, allowed));
}

function worthOf(requests: number, allowed: number): number {
  return Math.min(requests, Math.max(BLOCK_REQUESTS, BLOCK_EVENTS / allowed));
}

/** For one share of the trials and against another, when `seen` was the share. */
function nextEvidence(before: number, share: number, against: number, seen: number, trials: number): number {
  const log = trials * (seen * Math.log(share / against) + (1 - seen) * Math.log((1 - share) / (1 - against)));
  return Math.min((before + 1) * Math.min(MOST_PER_BLOCK, Math.exp(log)), CEILING);
}
