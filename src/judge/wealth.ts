/**
 * What bettors who began with 1 each have now; one bets on each alternative. Their mean is the e-value.
 * Kept as plain products: a bettor who sinks below the smallest double is worth nothing any more, and one above the
 * ceiling is held there; both only ever make the e-value smaller, so no false alarm comes from it.
 */
export type Wealth = number[];

const CEILING = 1e300;

export function startingWealth(bettors: number): Wealth {
  return Array.from({ length: bettors }, () => 1);
}

export function stake(wealth: Wealth, bettor: number, factor: number): void {
  wealth[bettor] = Math.min(wealth[bettor]! * factor, CEILING);
}

/** Averaged by shares that add up to 1, never the best of them: only an average set beforehand is an e-value. */
export function eValueOf(wealth: Wealth, shares: readonly number[]): number {
  let sum = 0;
  for (let bettor = 0; bettor < wealth.length; bettor++) sum += shares[bettor]! * wealth[bettor]!;
  return sum;
}

/** Shares in proportion to how likely the alternatives are held to be. */
export function sharesOf(proportions: readonly number[]): readonly number[] {
  const sum = proportions.reduce((total, proportion) => total + proportion, 0);
  return proportions.map((proportion) => proportion / sum);
}

/** The wealth of bettors who played on both sets of data: products, that is sums of logarithms. */
export function absorbWealth(into: Wealth, other: Wealth): void {
  for (let bettor = 0; bettor < into.length; bettor++) stake(into, bettor, other[bettor]!);
}
