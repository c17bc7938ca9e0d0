const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const HEX = '0123456789abcdef';

/**
 * A seeded generator: equal seed parts give equal draws, on every machine.
 * The stream is mulberry32 (Tommy Ettinger, public domain); the seed is the FNV-1a hash of the parts.
 */
export class Random {
  #state: number;

  constructor(...seedParts: readonly (string | number)[]) {
    this.#state = hashParts(seedParts);
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** @throws Error when the list is empty */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('cannot pick from an empty list');
    return list[this.integer(0, list.length - 1)] as T;
  }

  /** Draws even when the answer is certain, so that a changed rate does not shift the later draws. */
  chance(rate: number): boolean {
    return this.next() < rate;
  }

  /** Log-normal by its median and the standard deviation of its logarithm; the normal part is Box-Muller. */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.next()));
  }

  base62(length: number): string {
    return this.#letters(BASE62, length);
  }

  hex(length: number): string {
    return this.#letters(HEX, length);
  }

  #letters(alphabet: string, length: number): string {
    let text = '';
    while (text.length < length) text += alphabet[Math.floor(this.next() * alphabet.length)];
    return text;
  }
}

function hashParts(parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = String(part);
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    // A step between parts keeps ('ab', 'c') and ('a', 'bc') apart.
    hash = Math.imul(hash ^ 0xffff, 0x01000193);
  }
  return hash;
}
