/** The boundary is tightest around so many trials times their variance, at this level. */
const TUNING_ALPHA = 0.05;

/**
 * The parameter of the normal mixture that makes the boundary tightest at a variance.
 * @source Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals
 *   of Statistics 2021, proposition 3; the approximation of their package confseq
 */
export function mixturePrecision(variance: number, alpha: number): number {
  const twice = -2 * Math.log(alpha);
  return variance / (twice + Math.log(1 + twice));
}

/**
 * The logarithm of the e-value against "the chance is p" after `events` of `trials`: a beta-binomial mixture.
 * @source as above, proposition 7 with g = p and h = 1 - p; the tuning is that of confseq
 */
export function logBetaBinomial(events: number, trials: number, p: number, tuningTrials: number): number {
  const variance = p * (1 - p);
  const precision = mixturePrecision(tuningTrials * variance, TUNING_ALPHA);
  const concentration = Math.max(precision - variance, 1e-3 * variance);
  const [a, b] = [concentration / (1 - p), concentration / p];
  const marginal = logBeta(a + events, b + trials - events) - logBeta(a, b);
  return marginal - events * Math.log(p) - (trials - events) * Math.log(1 - p);
}

/** `ln B(a, b)`. */
function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Stirling's series after shifting the argument to where six terms are exact to double precision. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 15; z++) shift += Math.log(z);
  const y = 1 / (z * z);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y * (1 / 1188 - (y * 691) / 360_360))))) / z;
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift;
}
