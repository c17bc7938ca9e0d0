/** Counts of values in bins whose borders grow by a constant factor. */
export const BINS = 256;

/** The span of one metric's histogram: values outside fall into its first or last bin. */
export interface LogScale {
  readonly smallest: number;
  readonly octaves: number;
}

export const SCALES = {
  milliseconds: { smallest: 0.1, octaves: 24 },
  dollars: { smallest: 1e-8, octaves: 34 },
  tokens: { smallest: 0.5, octaves: 24 },
} as const satisfies Record<string, LogScale>;

/** Where a value stands, in bins: 3.5 is the middle, on the logarithmic scale, of the fourth one. */
export function positionOf({ smallest, octaves }: LogScale, value: number): number {
  const position = (Math.log2(value / smallest) * BINS) / octaves;
  return position > 0 ? Math.min(position, BINS - 1e-9) : 0;
}

export function valueAt({ smallest, octaves }: LogScale, position: number): number {
  return smallest * 2 ** ((position * octaves) / BINS);
}

/** The value below which a share of the counts lies; null without counts. */
export function quantileOf(scale: LogScale, counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let below = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const count = counts[bin]!;
    if (count > 0 && below + count >= share * total) return valueAt(scale, bin + (share * total - below) / count);
    below += count;
  }
  return valueAt(scale, BINS);
}

/**
 * Counts with running sums by binary indexing, so that both adding a value and asking for its rank take eight steps.
 * @source Fenwick, "A new data structure for cumulative frequency tables", 1994
 */
export class RankCounter {
  private readonly counts: number[];
  private readonly tree = new Float64Array(BINS + 1);
  private total = 0;

  constructor(saved?: readonly number[]) {
    this.counts = Array.from({ length: BINS }, () => 0);
    for (const [bin, count] of (saved ?? []).entries()) this.add(bin, count);
  }

  add(bin: number, count = 1): void {
    this.counts[bin]! += count;
    this.total += count;
    for (let node = bin + 1; node <= BINS; node += node & -node) this.tree[node]! += count;
  }

  /** The share of the values so far below a position, pulled towards one half by one imagined value. */
  shareBelow(position: number): number {
    const bin = Math.floor(position);
    let below = 0;
    for (let node = bin; node > 0; node -= node & -node) below += this.tree[node]!;
    return (below + (position - bin) * this.counts[bin]! + 0.5) / (this.total + 1);
  }

  absorb(other: RankCounter): void {
    for (const [bin, count] of other.counts.entries()) if (count > 0) this.add(bin, count);
  }

  toJSON(): readonly number[] {
    return this.counts;
  }
}
