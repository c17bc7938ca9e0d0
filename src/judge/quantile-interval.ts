import { logBetaBinomial } from './bernoulli-interval.ts';
import { BINS, valueAt, type LogScale } from './log-histogram.ts';

/** Where the bounds are tightest, in values. */
const TUNING_VALUES = 1000;

interface QuantileInterval {
  /** Null: no lower (upper) bound yet. */
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Bounds of a quantile that hold at all times together: the bin borders above which the share of the values is not
 * refuted to be `1 - share`. For values that come independently from one distribution.
 * @source Howard, Ramdas, "Sequential estimation of quantiles", Bernoulli 2022, section 3: quantiles by tests on a share
 */
export function quantileInterval(
  scale: LogScale,
  counts: readonly number[],
  share: number,
  alpha: number,
): QuantileInterval {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let above = total;
  let low: number | null = null;
  for (let border = 0; border <= BINS; border++) {
    const isRefuted = logBetaBinomial(above, total, 1 - share, TUNING_VALUES) >= -Math.log(alpha);
    if (isRefuted && above > (1 - share) * total) low = valueAt(scale, border);
    else if (isRefuted) return { low, high: valueAt(scale, border) };
    above -= counts[border] ?? 0;
  }
  return { low, high: null };
}
