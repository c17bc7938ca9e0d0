/**
 * How many hypotheses, the ones with the largest e-values first, are rejected so that the expected share of false ones
 * among them is at most alpha, however the e-values depend on each other: the largest k with `e(k) >= 1 / (alpha k)`.
 * @param weighted e-values, each times its weight; the weights add up to 1 at most (1/K each: the plain procedure)
 * @source Wang, Ramdas, "False discovery rate control with e-values", JRSS B 2022, definition 1
 */
export function rejectedCount(weighted: readonly number[], alpha: number): number {
  const descending = weighted.toSorted((a, b) => b - a);
  return descending.findLastIndex((value, index) => value >= 1 / (alpha * (index + 1))) + 1;
}
