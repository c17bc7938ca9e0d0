/** The fix for an unknown name: the closest known one, or all of them. */
export function suggest(name: string, known: readonly string[]): string {
  const closest = closestTo(name, known);
  if (closest !== null) return `did you mean "${closest}"?`;
  return known.length === 0 ? 'remove it' : `remove it, or use one of ${known.join(', ')}`;
}

function closestTo(name: string, known: readonly string[]): string | null {
  // A third of the letters may differ: "provider" suggests "providers", "foo" suggests nothing.
  let best = Math.max(1, Math.floor(name.length / 3)) + 1;
  let closest: string | null = null;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), best);
    if (distance < best) {
      best = distance;
      closest = candidate;
    }
  }
  return closest;
}

/**
 * Edit distance in which two letters that changed places count once, or `limit` where it is no smaller.
 * @source https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance, "optimal string alignment"
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = isSwap ? beforePrevious[column - 2]! + 1 : limit;
      current.push(Math.min(substitution, swap, previous[column]! + 1, current[column - 1]! + 1));
    }
    beforePrevious = previous;
    previous = current;
  }
  return Math.min(previous[b.length]!, limit);
}
