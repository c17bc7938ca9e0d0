/** The bytes cut at the given offsets; offsets outside, repeated or unsorted do no harm. */
export function splitAt(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const cuts = [...new Set(offsets)].filter((at) => at > 0 && at < bytes.length).sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}

/** A reproducible source of numbers in [0, 1). @source mulberry32, Tommy Ettinger */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Pieces of 1 to `maxLength` bytes. */
export function splitAtRandom(bytes: Buffer, random: () => number, maxLength: number): Buffer[] {
  const offsets: number[] = [];
  for (let at = 0; at < bytes.length;) offsets.push((at += 1 + Math.floor(random() * maxLength)));
  return splitAt(bytes, offsets);
}
