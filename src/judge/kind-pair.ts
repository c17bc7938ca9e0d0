import type { RequestResult } from '../core/outcome.ts';
import { jensenShannonDistance } from './mix-bet.ts';
import type { PairCell, PairCellSummary, ResultPair } from './pair-cell.ts';

/** Kinds that are told apart; all after the first seven are one. */
const KINDS = 8;
/** Jeffreys' prior. */
const PRIOR = 0.5;
/** A difference of the mixes that is smaller is not worth a word, however certain it is. */
const NOTABLE_DISTANCE = 0.1;

export interface KindPairState {
  readonly kinds: readonly string[];
  /** Pairs by the primary's kind times `KINDS` plus the shadow's. */
  readonly counts: readonly number[];
  readonly logE: number;
}

/**
 * A named kind, such as the finish reason: of the pairs with two different kinds, each order is as likely as the other.
 * The bet is on the order that was the more frequent one before.
 * @source Bowker, "A test for symmetry in contingency tables", JASA 1948; the estimate is Krichevsky and Trofimov's, 1981
 */
export class KindPairCell implements PairCell {
  logE: number;
  private readonly read: (result: RequestResult) => string | undefined;
  private readonly kinds: string[];
  private readonly counts: number[];

  constructor(read: (result: RequestResult) => string | undefined, saved?: KindPairState) {
    this.read = read;
    this.logE = saved?.logE ?? 0;
    this.kinds = [...(saved?.kinds ?? [])];
    this.counts = saved === undefined ? Array.from({ length: KINDS * KINDS }, () => 0) : [...saved.counts];
  }

  observe({ primary, shadow }: ResultPair): boolean {
    const names = [this.read(primary), this.read(shadow)] as const;
    if (names[0] === undefined || names[1] === undefined) return false;
    const [before, after] = [this.kindOf(names[0]), this.kindOf(names[1])];
    const seen = this.counts[before * KINDS + after]!;
    const turned = this.counts[after * KINDS + before]!;
    if (before !== after) this.logE += Math.log((2 * (seen + PRIOR)) / (seen + turned + 2 * PRIOR));
    this.counts[before * KINDS + after]!++;
    return true;
  }

  isNotable(): boolean {
    return this.distance() >= NOTABLE_DISTANCE;
  }

  /** The effect is the Jensen-Shannon distance of the two mixes. */
  summary(): PairCellSummary {
    const pairs = this.counts.reduce((sum, each) => sum + each, 0);
    let same = 0;
    for (let kind = 0; kind < KINDS; kind++) same += this.counts[kind * KINDS + kind]!;
    const both = { units: pairs, events: null };
    return {
      logE: this.logE,
      logHarmless: null,
      pairs,
      differing: pairs - same,
      shadowHigher: null,
      effect: { estimate: this.distance(), low: null, high: null },
      primary: both,
      shadow: both,
    };
  }

  absorb(other: KindPairCell): void {
    this.logE += other.logE;
    for (const [cell, counted] of other.counts.entries()) {
      if (counted === 0) continue;
      const before = this.kindLike(other, Math.floor(cell / KINDS));
      this.counts[before * KINDS + this.kindLike(other, cell % KINDS)]! += counted;
    }
  }

  toJSON(): KindPairState {
    return { kinds: this.kinds, counts: this.counts, logE: this.logE };
  }

  private distance(): number {
    const mixes = [0, 1].map((side) => {
      const mix = Array.from({ length: KINDS }, () => 0);
      for (const [cell, counted] of this.counts.entries())
        mix[side === 0 ? Math.floor(cell / KINDS) : cell % KINDS]! += counted;
      return mix;
    });
    return jensenShannonDistance(mixes[0]!, mixes[1]!);
  }

  private kindLike(other: KindPairCell, kind: number): number {
    const name = other.kinds[kind];
    return name === undefined ? KINDS - 1 : this.kindOf(name);
  }

  private kindOf(name: string): number {
    const known = this.kinds.indexOf(name);
    if (known >= 0) return known;
    return this.kinds.length === KINDS - 1 ? KINDS - 1 : this.kinds.push(name) - 1;
  }
}
