import { unitKey } from './unit-table.ts';

/** When so many have been seen, those that were not seen since as many before are forgotten. */
const GENERATION = 16_384;

export interface SeenUnitsState {
  readonly recent: readonly number[];
  readonly earlier: readonly number[];
}

/** Which units have been counted, in bounded memory: one that was forgotten counts as new. */
export class SeenUnits {
  private recent: Set<number>;
  private earlier: Set<number>;

  constructor(saved?: SeenUnitsState) {
    this.recent = new Set(saved?.recent);
    this.earlier = new Set(saved?.earlier);
  }

  /** @returns whether the unit is new */
  add(unit: string): boolean {
    return this.put(unitKey(unit));
  }

  absorb(other: SeenUnits): void {
    for (const key of other.earlier) this.put(key);
    for (const key of other.recent) this.put(key);
  }

  toJSON(): SeenUnitsState {
    return { recent: [...this.recent], earlier: [...this.earlier] };
  }

  private put(key: number): boolean {
    if (this.recent.has(key)) return false;
    const isNew = !this.earlier.has(key);
    if (this.recent.size >= GENERATION) {
      this.earlier = this.recent;
      this.recent = new Set();
    }
    this.recent.add(key);
    return isNew;
  }
}
