/** Kinds that are told apart; all after the first seven are one. */
const KINDS = 8;
/** Jeffreys' prior. */
const PRIOR = 0.5;
const CEILING = 1e300;

export interface MixBetState {
  readonly kinds: readonly string[];
  readonly counts: readonly [readonly number[], readonly number[]];
  readonly eValue: number;
}

/**
 * Bets that the arms differ in the mix of a named kind, such as the finish reason: the odds are those of each arm's own
 * counts so far, with a Dirichlet prior of one half, against both arms together.
 * @source Grünwald, Henzi, Lardy, "Anytime-valid tests of conditional independence under model-X", JASA 2024
 */
export class MixBet {
  eValue: number;
  private readonly kinds: string[];
  private readonly counts: readonly [number[], number[]];

  constructor(saved?: MixBetState) {
    this.eValue = saved?.eValue ?? 1;
    this.kinds = [...(saved?.kinds ?? [])];
    const zeros = () => Array.from({ length: KINDS }, () => 0);
    this.counts = saved === undefined ? [zeros(), zeros()] : [[...saved.counts[0]], [...saved.counts[1]]];
  }

  bet(arm: number, weight: number, name: string): void {
    const kind = this.kindOf(name);
    const odds = [this.shareOf(0, kind), this.shareOf(1, kind)] as const;
    const both = weight * odds[1] + (1 - weight) * odds[0];
    this.eValue = Math.min((this.eValue * odds[arm]!) / both, CEILING);
    this.counts[arm]![kind]!++;
  }

  /** How far the mixes are apart: the Jensen-Shannon distance, 0 to 0.83 (natural logarithms). */
  distance(): number {
    return jensenShannonDistance(this.counts[0], this.counts[1]);
  }

  total(arm: number): number {
    return this.counts[arm]!.reduce((sum, count) => sum + count, 0);
  }

  absorb(other: MixBet): void {
    this.eValue = Math.min(this.eValue * other.eValue, CEILING);
    for (const arm of [0, 1] as const)
      for (const [kind, count] of other.counts[arm].entries()) this.addCounts(arm, other.kinds[kind], count);
  }

  toJSON(): MixBetState {
    return { kinds: this.kinds, counts: this.counts, eValue: this.eValue };
  }

  private addCounts(arm: 0 | 1, name: string | undefined, count: number): void {
    if (count > 0) this.counts[arm][name === undefined ? KINDS - 1 : this.kindOf(name)]! += count;
  }

  private kindOf(name: string): number {
    const known = this.kinds.indexOf(name);
    if (known >= 0) return known;
    if (this.kinds.length === KINDS - 1) return KINDS - 1;
    return this.kinds.push(name) - 1;
  }

  private shareOf(arm: number, kind: number): number {
    const counts = this.counts[arm]!;
    let total = 0;
    for (let index = 0; index < KINDS; index++) total += counts[index]!;
    return (counts[kind]! + PRIOR) / (total + KINDS * PRIOR);
  }
}

/** Of two mixes given as counts or shares; 0 where one is empty. @source Endres, Schindelin, IEEE Trans. Inf. Theory 2003 */
export function jensenShannonDistance(one: readonly number[], other: readonly number[]): number {
  const sums = [one, other].map((counts) => counts.reduce((sum, count) => sum + count, 0));
  if (sums[0] === 0 || sums[1] === 0) return 0;
  let divergence = 0;
  for (const [kind, count] of one.entries()) {
    const [p, q] = [count / sums[0]!, other[kind]! / sums[1]!];
    const middle = (p + q) / 2;
    if (p > 0) divergence += (p * Math.log(p / middle)) / 2;
    if (q > 0) divergence += (q * Math.log(q / middle)) / 2;
  }
  return Math.sqrt(divergence);
}
