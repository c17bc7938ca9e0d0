/** Windows in which twice the share would have been enough before it is doubled: 10 s of 250 ms. */
const CALM_WINDOWS = 40;
/** A share is doubled only where it then leaves some room: it should not swing. */
const CALM_FILL = 0.75;
/** In the window in which traffic jumps the share is still the old one. */
const MOST_IN_A_WINDOW = 4;
/** Units of one window told apart. A power of two. */
const SLOTS = 1_024;

/**
 * Thins the requests of one rollout to about so many in a window, without a word about their arms. Whole units are kept
 * or left out, by their hash: the first so many of a window would be more often those of a faster arm, whose users are
 * back sooner, and that looks like a mismatch of the arms' shares. The share that is kept is a power of two and moves
 * rarely, so that a unit that was left out does not get one chance after another. Further requests of a kept unit within
 * a window are taken while there is room: they are the unit's follow-ups and draw no arm.
 */
export class FairSample {
  private readonly perWindow: number;
  /** Kept: units whose hash is below. */
  private below = 2 ** 32;
  private window = 0;
  /** In this window: units that came, and requests that were taken. */
  private came = 0;
  private taken = 0;
  private calmFor = 0;
  /** By slot: the hash of the unit last seen, and in which window. */
  private readonly seenHash = new Uint32Array(SLOTS);
  private readonly seenIn = new Uint32Array(SLOTS);

  constructor(perWindow: number) {
    this.perWindow = perWindow;
  }

  /** @param unit what the arm was drawn for */
  take(unit: string): boolean {
    const hashed = hashOf(unit);
    const isFirst = this.isFirst(hashed);
    if (isFirst) this.came++;
    if (hashed >= this.below || this.taken >= this.roomFor(isFirst)) return false;
    this.taken++;
    return true;
  }

  /** The next window begins. */
  renew(): void {
    const share = this.below / 2 ** 32;
    if (this.came * share > this.perWindow) this.below /= 2;
    const wouldDo = share < 1 && this.came * share * 2 <= this.perWindow * CALM_FILL;
    this.calmFor = wouldDo ? this.calmFor + 1 : 0;
    if (this.calmFor === CALM_WINDOWS) {
      this.below *= 2;
      this.calmFor = 0;
    }
    this.window = (this.window + 1) >>> 0;
    this.came = this.taken = 0;
  }

  private roomFor(isFirst: boolean): number {
    return isFirst ? this.perWindow * MOST_IN_A_WINDOW : this.perWindow;
  }

  private isFirst(hashed: number): boolean {
    const slot = hashed & (SLOTS - 1);
    // Windows are counted from 1 in the table, so that an empty slot belongs to none.
    const window = (this.window + 1) >>> 0;
    if (this.seenIn[slot] === window && this.seenHash[slot] === hashed) return false;
    this.seenIn[slot] = window;
    this.seenHash[slot] = hashed;
    return true;
  }
}

/** 32 bits. @source the FNV-1a hash (RFC 9923) and, as its upper bits mix badly, the finalizer of MurmurHash3 */
function hashOf(text: string): number {
  let hashed = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hashed = Math.imul(hashed ^ text.charCodeAt(i), 0x01000193);
  hashed = Math.imul(hashed ^ (hashed >>> 16), 0x85ebca6b);
  hashed = Math.imul(hashed ^ (hashed >>> 13), 0xc2b2ae35);
  return (hashed ^ (hashed >>> 16)) >>> 0;
}
