/** Null where there is nothing to take it from, so that a figure which could not be measured stays visibly absent. */
export function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median of what each round says by itself: a slow spell of the machine hits both sides of a pair. */
export function medianOfPairs(
  left: readonly (number | null)[],
  right: readonly (number | null)[],
  combine: (left: number, right: number) => number,
): number | null {
  return median(
    left.map((value, round) => {
      const other = right[round] ?? null;
      return value === null || other === null ? null : combine(value, other);
    }),
  );
}
