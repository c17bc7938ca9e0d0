/**
 * Bounds of a share seen `share * trials` times in so many trials.
 * @param deviations of the normal approximation: 3 for a chance of 0.13 % on either side
 * @source Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927
 */
export function shareBounds(share: number, trials: number, deviations: number): { low: number; high: number } {
  const square = deviations * deviations;
  const middle = share * trials + square / 2;
  const half = deviations * Math.sqrt(trials * share * (1 - share) + square / 4);
  return {
    low: Math.max(0, (middle - half) / (trials + square)),
    high: Math.min(1, (middle + half) / (trials + square)),
  };
}
