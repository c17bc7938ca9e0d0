/** How firmly the declared shares are believed, in units. @source the default of Lindon and Malek's package savvi */
const CONCENTRATION = 100;
/** Keeps a predicted share positive where a weight that changed has left the prediction behind. */
const SMALLEST_SHARE = 1e-9;

export interface SampleRatioState {
  readonly units: number;
  /** Per arm: units counted less units expected. */
  readonly excess: readonly number[];
  readonly logE: number;
}

/**
 * Tests whether the arms get the shares of the units that they should (sample ratio mismatch). Each unit's arm is
 * predicted from the share that is due and the excess so far; with constant shares this is the Bayes factor
 * `B(k theta + n) / B(k theta) / prod theta^n`, and it stays a fair bet while they change.
 * @source Lindon, Malek, "Anytime-valid inference for multinomial count data", 2022, section 2.2
 */
export class SampleRatio {
  logE: number;
  private units: number;
  private readonly excess: number[];
  private readonly concentration: number;

  constructor(arms: number, saved?: SampleRatioState, concentration = CONCENTRATION) {
    this.logE = saved?.logE ?? 0;
    this.units = saved?.units ?? 0;
    this.excess = saved === undefined ? Array.from({ length: arms }, () => 0) : [...saved.excess];
    this.concentration = concentration;
  }

  /** @param shares what each arm should get, adding up to 1; the counted arm's is above 0 */
  count(arm: number, shares: readonly number[]): void {
    let sum = 0;
    let predicted = 0;
    for (let each = 0; each < shares.length; each++) {
      const share = shares[each]! + this.excess[each]! / (this.concentration + this.units);
      const positive = shares[each]! > 0 ? Math.max(share, SMALLEST_SHARE) : 0;
      if (each === arm) predicted = positive;
      sum += positive;
    }
    this.logE += Math.log(predicted / sum / shares[arm]!);
    for (let each = 0; each < shares.length; each++) this.excess[each]! += (each === arm ? 1 : 0) - shares[each]!;
    this.units++;
  }

  absorb(other: SampleRatio): void {
    this.logE += other.logE;
    this.units += other.units;
    for (const [arm, excess] of other.excess.entries()) this.excess[arm]! += excess;
  }

  toJSON(): SampleRatioState {
    return { units: this.units, excess: this.excess, logE: this.logE };
  }
}
