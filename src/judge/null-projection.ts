/**
 * The closest member of the null hypothesis `p1 <= ratio * p0` to rates `q0`, `q1` beyond it, in the Kullback-Leibler
 * sense with the canary weighted `w`: rates `p` and `ratio * p`. The null is convex, so the likelihood ratio against this
 * point is an e-value for every member of it.
 * @source Turner, Ly, Grünwald, "Generic e-variables for exact sequential k-sample tests", JSPI 2024, theorem 1;
 *   setting the derivative of the divergence to zero gives `ratio * p^2 - b * p + m = 0` with the `m` and `b` below
 * @returns `p`, the stable arm's rate
 */
export function projectOnNull(w: number, q0: number, q1: number, ratio: number): number {
  const m = w * q1 + (1 - w) * q0;
  const b = m * (1 + ratio) + w * (1 - q1) * ratio + (1 - w) * (1 - q0);
  // The smaller root; written so that nothing cancels where rates are small.
  return (2 * m) / (b + Math.sqrt(Math.max(0, b * b - 4 * ratio * m)));
}
