/** What is staked, as a share of what cannot ruin the bettor; each bettor begins with the same. */
const STAKES = [0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9] as const;
/** Bounds are looked for between these ratios. */
const SMALLEST = 1 / 64;
const LARGEST = 64;
const BISECTIONS = 40;

/** Of pairs, how many had the event on one side only, on the other only, and on both. */
export interface PairCounts {
  readonly one: number;
  readonly other: number;
  readonly both: number;
}

/**
 * The logarithm of the e-value against "the rate of one side is at most `ratio` times the other's". With the stake `f` a
 * bettor multiplies what it has by `1 + f s / ratio`, where `s` is 1 for an event on the one side only, `-ratio` on the
 * other only and `1 - ratio` on both. The mean of `s` is the one rate less `ratio` times the other, so it gains nothing in
 * the mean while that is 0 at most, however the two sides of a pair hang together. With a ratio of 1 it is McNemar's test:
 * only pairs that differ count, against a fair coin. All of it follows from the counts.
 * @source McNemar, Psychometrika 1947; Waudby-Smith, Ramdas, "Estimating means of bounded random variables by betting",
 *   JRSS B 2024, section 4: the bets, and a mixture over stakes set beforehand
 */
export function logPairEvidence({ one, other, both }: PairCounts, ratio: number): number {
  let largest = -Infinity;
  const logs = STAKES.map((stake) => {
    const gain = stake / ratio;
    const log = one * Math.log1p(gain) + other * Math.log1p(-stake) + both * Math.log1p(gain - stake);
    largest = Math.max(largest, log);
    return log;
  });
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / STAKES.length);
}

/** The same with the sides exchanged: against "the rate of one side is at least `ratio` times the other's". */
export function logReverseEvidence({ one, other, both }: PairCounts, ratio: number): number {
  return logPairEvidence({ one: other, other: one, both }, 1 / ratio);
}

/**
 * The ratios of the one rate to the other that the counts do not refute, at all times together with the chance
 * `1 - alpha`; null: there is no such bound between 1/64 and 64. The evidence only falls as the ratio grows, so bisection
 * finds where it passes the level.
 */
export function ratioBounds(counts: PairCounts, alpha: number): { low: number | null; high: number | null } {
  const level = Math.log(2 / alpha);
  const isBelow = (ratio: number) => logPairEvidence(counts, ratio) >= level;
  const isAbove = (ratio: number) => logReverseEvidence(counts, ratio) >= level;
  return {
    low: isBelow(SMALLEST) ? lastWhere(isBelow, SMALLEST, LARGEST) : null,
    high: isAbove(LARGEST) ? lastWhere(isAbove, LARGEST, SMALLEST) : null,
  };
}

/** The ratio, seen from `holds`, up to which the condition holds; it holds there. */
function lastWhere(condition: (ratio: number) => boolean, holds: number, fails: number): number {
  let [inside, outside] = [Math.log(holds), Math.log(fails)];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (inside + outside) / 2;
    if (condition(Math.exp(middle))) inside = middle;
    else outside = middle;
  }
  return Math.exp(inside);
}
