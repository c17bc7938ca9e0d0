import { areCounts } from './saved-counts.ts';

/** Units by their pseudonym's first two digits; with many more units than slots all slots fill alike. */
const SLOTS = 256;
/** Fewer units than that are no sample of all. */
const FEW_UNITS = 30;
const ENOUGH_REQUESTS = 100;

/** Requests by slot, and those without a unit. */
export type UnitSpreadState = readonly number[];

/** How many units the requests are of. Constant memory: units are told apart by slots, which is enough for few of them. */
export class UnitSpread {
  private readonly counts: number[];

  /** @param saved what cannot be read is as if nothing was saved */
  constructor(saved?: UnitSpreadState) {
    this.counts = areCounts(saved, SLOTS) ? [...saved] : Array.from({ length: SLOTS }, () => 0);
  }

  /** @param unit a pseudonym in hexadecimal digits. A request without one is a unit of its own: it is not counted */
  add(unit: string | null): void {
    if (unit !== null) this.counts[Number.parseInt(unit.slice(0, 2), 16)]!++;
  }

  /**
   * As many units of equal volume would be as telling; null where they are not few.
   * @source L. Kish, "Survey Sampling", Wiley 1965, section 8.2: effective sample size of unequal weights
   */
  fewUnits(): number | null {
    const requests = this.counts.reduce((sum, count) => sum + count, 0);
    const squares = this.counts.reduce((sum, count) => sum + count * count, 0);
    const effective = requests ** 2 / squares;
    return requests >= ENOUGH_REQUESTS && effective < FEW_UNITS ? Math.max(1, Math.round(effective)) : null;
  }

  toJSON(): UnitSpreadState {
    return this.counts;
  }
}
