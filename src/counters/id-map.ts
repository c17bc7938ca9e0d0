import type { Milliseconds } from '../core/units.ts';

/** A power of two. */
const FIRST_SLOTS = 256;

/**
 * Values by id, for ids that come and go by the thousand a second. Each time a `Map`'s table is full of removed entries it
 * makes a new one, and the old one keeps what was in it alive (as with `OpenCalls`); and to keep a million texts at hand is
 * work for the garbage collector. Here an id is 63 bits of its hash, in a table that only ever grows: among a million ids
 * one look-up in 10^13 finds another's value.
 */
export class IdMap<V> {
  size = 0;
  private readonly absent: V;
  private high = new Uint32Array(FIRST_SLOTS);
  /** 0 where a slot is free. */
  private low = new Uint32Array(FIRST_SLOTS);
  private values: V[];
  private cursor = 0;

  /** @param absent what is told of an id that is not there */
  constructor(absent: V) {
    this.absent = absent;
    this.values = filled(FIRST_SLOTS, absent);
  }

  get(id: string): V {
    if (this.size === 0) return this.absent;
    const slot = this.find(id);
    return this.isFree(slot) ? this.absent : this.values[slot]!;
  }

  set(id: string, value: V): void {
    if (2 * this.size >= this.low.length) this.grow();
    const slot = this.find(id);
    if (this.isFree(slot)) this.size++;
    this.high[slot] = hashed.high;
    this.low[slot] = hashed.low;
    this.values[slot] = value;
  }

  /** @returns what it was */
  take(id: string): V {
    const slot = this.find(id);
    if (this.isFree(slot)) return this.absent;
    const value = this.values[slot]!;
    this.remove(slot);
    return value;
  }

  /** All values, in no order; nothing may be added or taken meanwhile. */
  *[Symbol.iterator](): Iterator<V> {
    for (let slot = 0; slot < this.low.length; slot++) if (!this.isFree(slot)) yield this.values[slot]!;
  }

  /** Looks at some slots, going around, and removes what is idle: no timer, no long pause. */
  sweep(slots: number, isIdle: (value: V, now: Milliseconds) => boolean, now: Milliseconds): void {
    for (let left = slots; left > 0; left--) {
      const slot = this.cursor;
      // What comes into its place is looked at, too.
      while (!this.isFree(slot) && isIdle(this.values[slot]!, now)) this.remove(slot);
      this.cursor = this.after(slot);
    }
  }

  /** Where the id is, or else belongs; `hashed` is its hash then. */
  private find(id: string): number {
    hash(id);
    const { high, low } = hashed;
    let slot = low & (this.low.length - 1);
    while (!this.isFree(slot) && (this.low[slot] !== low || this.high[slot] !== high)) slot = this.after(slot);
    return slot;
  }

  /** Those behind that could not have their own place move up, so that none is hidden by a gap. */
  private remove(slot: number): void {
    const { low, high, values } = this;
    const mask = low.length - 1;
    let gap = slot;
    for (let at = this.after(slot); !this.isFree(at); at = this.after(at)) {
      const fromHome = (at - low[at]!) & mask;
      if (fromHome < ((at - gap) & mask)) continue;
      low[gap] = low[at]!;
      high[gap] = high[at]!;
      values[gap] = values[at]!;
      gap = at;
    }
    low[gap] = 0;
    values[gap] = this.absent;
    this.size--;
  }

  private grow(): void {
    const { low, high, values } = this;
    const slots = 2 * low.length;
    this.low = new Uint32Array(slots);
    this.high = new Uint32Array(slots);
    this.values = filled(slots, this.absent);
    for (let from = 0; from < low.length; from++) {
      if (low[from] === 0) continue;
      let slot = low[from]! & (slots - 1);
      while (!this.isFree(slot)) slot = this.after(slot);
      this.low[slot] = low[from]!;
      this.high[slot] = high[from]!;
      this.values[slot] = values[from]!;
    }
  }

  private isFree(slot: number): boolean {
    return this.low[slot] === 0;
  }

  private after(slot: number): number {
    return (slot + 1) & (this.low.length - 1);
  }
}

function filled<V>(length: number, value: V): V[] {
  const values: V[] = [];
  values.length = length;
  return values.fill(value);
}

/** The highest bit, which no place in a table depends on. */
const NEVER_ZERO = 0x8000_0000;

/** Of the id that was asked for last: the next question is mostly about the same. */
const hashed = { id: '', high: 0, low: 0 };

/** Two lanes of multiplications, mixed at the end as MurmurHash3 does. Ids are our own: nobody can choose them to collide. */
function hash(id: string): void {
  if (id === hashed.id) return;
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  hashed.id = id;
  hashed.high = mixed(high) >>> 0;
  hashed.low = (mixed(low) | NEVER_ZERO) >>> 0;
}

function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
