/**
 * Whether so many counts were saved as such. Earlier software that goes on with counts of another form may save others than
 * numbers, and what only warns must not keep the evidence from being read.
 */
export function areCounts(saved: unknown, length: number): saved is readonly number[] {
  return Array.isArray(saved) && saved.length === length && saved.every((count) => Number.isFinite(count));
}
