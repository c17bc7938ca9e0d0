/** When so many units have been seen, those that were not seen since as many before are forgotten. */
const GENERATION = 16_384;
/** A returning unit is bet on again only where the change of weight could well have moved it. */
const MIN_CHANCE = 0.01;
/** Units seen on an arm that their position rules out, before positions are not relied on any more. */
const MAX_CONTRADICTIONS = 10;

/**
 * What is known of a unit: its position, which decides its arm, lies in [low, high). It is on the canary where that is
 * below the weight.
 */
export interface UnitRecord {
  low: number;
  high: number;
  /** Of the last bet: the arm, the chance that it was the canary, and the canary's weight. */
  arm: number;
  chance: number;
  weight: number;
  /** Its follow-ups since then are being collected, or have been. */
  isFollowed: boolean;
}

type UnitEntry = readonly [
  key: number,
  low: number,
  high: number,
  arm: number,
  chance: number,
  weight: number,
  isFollowed: 0 | 1,
];

export interface UnitTableState {
  readonly recent: readonly UnitEntry[];
  readonly earlier: readonly UnitEntry[];
  readonly contradictions: number;
}

/**
 * Remembers which units have been bet on, so that one user with many requests is one coin and not many.
 * A unit's position is drawn once, and each weight at which it is seen tells more of it. Where the weight changes so that
 * the unit may have moved to the other arm, that is a new coin with chance `(w - low) / (high - low)`. Recorded outcomes may
 * come from an assignment of another kind; where units show up on arms that they cannot be on, only first visits count.
 */
export class UnitTable {
  /** Two generations: nothing is ever deleted one by one, which a map is slow at. */
  private recent: Map<number, UnitRecord>;
  private earlier: Map<number, UnitRecord>;
  private contradictions: number;

  constructor(saved?: UnitTableState) {
    this.recent = new Map(saved?.recent.map(fromEntry));
    this.earlier = new Map(saved?.earlier.map(fromEntry));
    this.contradictions = saved?.contradictions ?? 0;
  }

  /** Of a unit that was seen; it now counts as recent. */
  find(key: number): UnitRecord | undefined {
    const recent = this.recent.get(key);
    if (recent !== undefined) return recent;
    const earlier = this.earlier.get(key);
    if (earlier !== undefined) this.put(key, earlier);
    return earlier;
  }

  add(key: number, arm: number, weight: number): void {
    const [low, high] = arm === 1 ? [0, weight] : [weight, 1];
    this.put(key, { low, high, arm, chance: weight, weight, isFollowed: false });
  }

  /** The chance that a known unit, now seen on an arm, is on the canary; 0 where that is certain or nearly so: no bet. */
  newChance({ low, high }: UnitRecord, arm: number, weight: number): number {
    if (weight <= low || weight >= high) {
      if (arm === 1 ? weight <= low : weight >= high) this.contradictions++;
      return 0;
    }
    const chance = (weight - low) / (high - low);
    const isOpen = chance >= MIN_CHANCE && chance <= 1 - MIN_CHANCE;
    return isOpen && this.contradictions <= MAX_CONTRADICTIONS ? chance : 0;
  }

  /** Units of both tables; where they know different things of a unit, both hold. */
  absorb(other: UnitTable): void {
    for (const [key, theirs] of [...other.earlier, ...other.recent]) {
      const ours = this.find(key);
      if (ours === undefined) {
        this.put(key, { ...theirs });
        continue;
      }
      ours.low = Math.max(ours.low, theirs.low);
      ours.high = Math.min(ours.high, theirs.high);
      ours.isFollowed ||= theirs.isFollowed;
    }
    this.contradictions += other.contradictions;
  }

  toJSON(): UnitTableState {
    const earlier = [...this.earlier].filter(([key]) => !this.recent.has(key));
    const { contradictions } = this;
    return { recent: [...this.recent].map(toEntry), earlier: earlier.map(toEntry), contradictions };
  }

  private put(key: number, record: UnitRecord): void {
    if (this.recent.size >= GENERATION) {
      this.earlier = this.recent;
      this.recent = new Map();
    }
    this.recent.set(key, record);
  }
}

function fromEntry([key, low, high, arm, chance, weight, isFollowed]: UnitEntry): [number, UnitRecord] {
  return [key, { low, high, arm, chance, weight, isFollowed: isFollowed === 1 }];
}

function toEntry([key, record]: readonly [number, UnitRecord]): UnitEntry {
  const { low, high, arm, chance, weight, isFollowed } = record;
  return [key, low, high, arm, chance, weight, isFollowed ? 1 : 0];
}

/** A new bet was made on a known unit. */
export function renew(record: UnitRecord, arm: number, weight: number, chance: number): void {
  if (arm === 1) record.high = weight;
  else record.low = weight;
  record.arm = arm;
  record.chance = chance;
  record.weight = weight;
  record.isFollowed = false;
}

/**
 * 32 bits of a unit's name, so that no names are kept; unrelated to the hash that assigns arms. Where two units share
 * them, the later one is taken for the earlier and not bet on: once in 100,000 units, whatever its arm is.
 * @source FNV-1a, draft-eastlake-fnv, with the last step of MurmurHash3 (both public domain)
 */
export function unitKey(unit: string): number {
  let key = 0x811c9dc5;
  for (let index = 0; index < unit.length; index++) key = Math.imul(key ^ unit.charCodeAt(index), 0x01000193);
  key = Math.imul(key ^ (key >>> 16), 0x85ebca6b);
  key = Math.imul(key ^ (key >>> 13), 0xc2b2ae35);
  return key ^ (key >>> 16);
}
