import type { PathName } from './paths.ts';
import { median, medianOfPairs } from './statistics.ts';

/** Reads one figure out of a round; null where the round has none. */
export type Take<Round> = (round: Round) => number | null;

/** The rounds of a suite, looked at path by path. */
export class Figures<Round extends { readonly path: PathName }> {
  readonly #rounds: readonly Round[];

  constructor(rounds: readonly Round[]) {
    this.#rounds = rounds;
  }

  median(path: PathName, take: Take<Round>): number | null {
    return median(this.#of(path, take));
  }

  /** What a path adds to going direct, in the unit of the figure. */
  added(path: PathName, take: Take<Round>): number | null {
    if (path === 'direct') return null;
    return medianOfPairs(this.#of(path, take), this.#of('direct', take), (through, direct) => through - direct);
  }

  ratio(path: PathName, other: PathName, take: Take<Round>): number | null {
    return medianOfPairs(this.#of(path, take), this.#of(other, take), (left, right) => left / right);
  }

  #of(path: PathName, take: Take<Round>): (number | null)[] {
    return this.#rounds.filter((round) => round.path === path).map(take);
  }
}
