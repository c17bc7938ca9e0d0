/** What one value tells of two normal distributions a shift apart: their weighted Jensen-Shannon divergence. */
export function shiftGrowth(weight: number, shift: number): number {
  const width = 0.005;
  const points = Array.from({ length: 3200 }, (_, index) => width * index - 8);
  return sum(
    points.map((x) => {
      const [stable, canary] = [density(x), density(x - shift)];
      const both = weight * canary + (1 - weight) * stable;
      return width * (weight * canary * Math.log(canary / both) + (1 - weight) * stable * Math.log(stable / both));
    }),
  );
}

function density(deviations: number): number {
  return Math.exp((-deviations * deviations) / 2) / Math.sqrt(2 * Math.PI);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Bounds of a share at 95 %, exact. */
export function clopperPearson(events: number, trials: number): readonly [number, number] {
  const tail = (p: number, from: number, to: number) => {
    let sum = 0;
    for (let k = from; k <= to; k++) sum += Math.exp(logBinomial(k, trials, p));
    return sum;
  };
  const low = events === 0 ? 0 : bisect((p) => tail(p, 0, events - 1) > 0.975);
  const high = events === trials ? 1 : bisect((p) => tail(p, 0, events) > 0.025);
  return [low, high];
}

function logBinomial(events: number, trials: number, p: number): number {
  let log = events * Math.log(p) + (trials - events) * Math.log1p(-p);
  for (let k = 1; k <= events; k++) log += Math.log((trials - events + k) / k);
  return log;
}

/** Where a condition that holds for small shares stops to hold. */
function bisect(isBelow: (p: number) => boolean): number {
  let [low, high] = [1e-12, 1 - 1e-12];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return low;
}
