import type { Seconds } from '../core/units.ts';
import type { Guard } from './guard.ts';
import type { UnitRecord } from './unit-table.ts';

/** A unit's requests after its first are collected until there are so many, or so long; then they are one bet. */
const MAX_REQUESTS = 16;
const WINDOW: Seconds = 600;
/** Units whose follow-ups are collected at once; beyond that the oldest is bet on early. */
const CAPACITY = 4096;

interface Collection {
  readonly key: number;
  readonly arm: number;
  readonly chance: number;
  readonly until: Seconds;
  requests: number;
  /** For one guard after the other: how often it was observed, then the sums of its scores. */
  readonly sums: number[];
}

export type FollowUpsState = readonly Collection[];

/**
 * Collects the later requests of units. They cannot be bet on one by one: they share the unit's coin, which the first
 * request has already shown. Together they are one more bet, on the mean of their scores, made in a test of its own.
 * When a collection ends must not depend on the arm: it does with the number of requests, with time, and with the weight,
 * for a unit that cannot move as for one that can.
 */
export class FollowUps {
  private readonly open: Map<number, Collection>;
  private readonly guards: readonly Guard[];
  private readonly zeros: readonly number[];
  /** Where the means of the scores are put together, per guard. */
  private readonly means: readonly number[][];

  constructor(guards: readonly Guard[], saved: FollowUpsState = []) {
    this.guards = guards;
    this.zeros = guards.flatMap(({ scores }) => [0, ...scores.map(() => 0)]);
    this.means = guards.map(({ scores }) => scores.map(() => 0));
    this.open = new Map(saved.map((one) => [one.key, copyOf(one)]));
  }

  /**
   * Adds what the guards have read last; `observed` tells which of them read something.
   * @returns whether these were the last of the unit, so that they were bet on
   */
  add(key: number, unit: UnitRecord, at: Seconds, observed: readonly boolean[]): boolean {
    const one = this.open.get(key) ?? (unit.isFollowed ? null : this.begin(key, unit, at));
    if (one === null) return false;
    one.requests++;
    let first = 0;
    for (let index = 0; index < this.guards.length; index++) {
      const { scores } = this.guards[index]!;
      if (observed[index] === true) {
        one.sums[first]!++;
        for (let score = 0; score < scores.length; score++) one.sums[first + 1 + score]! += scores[score]!;
      }
      first += 1 + scores.length;
    }
    if (one.requests < MAX_REQUESTS) return false;
    this.close(key);
    return true;
  }

  /** Bets on those whose time is up. @returns whether there were any */
  closeDue(now: Seconds): boolean {
    let isAny = false;
    for (const one of this.open.values()) {
      if (one.until > now && this.open.size < CAPACITY) break;
      this.close(one.key);
      isAny = true;
    }
    return isAny;
  }

  /** Bets on what was collected of a unit, if anything was. */
  close(key: number): void {
    const one = this.open.get(key);
    if (one === undefined) return;
    this.open.delete(key);
    let first = 0;
    for (let index = 0; index < this.guards.length; index++) {
      const means = this.means[index]!;
      const seen = one.sums[first]!;
      for (let score = 0; score < means.length; score++) means[score] = one.sums[first + 1 + score]! / seen;
      if (seen > 0) this.guards[index]!.betOnFollowUps(one.arm, one.chance, means);
      first += 1 + means.length;
    }
  }

  absorb(other: FollowUps): void {
    for (const [key, one] of other.open) if (!this.open.has(key)) this.open.set(key, copyOf(one));
  }

  toJSON(): FollowUpsState {
    return [...this.open.values()];
  }

  private begin(key: number, unit: UnitRecord, at: Seconds): Collection {
    unit.isFollowed = true;
    const one = {
      key,
      arm: unit.arm,
      chance: unit.chance,
      until: at + WINDOW,
      requests: 0,
      sums: [...this.zeros],
    };
    this.open.set(key, one);
    return one;
  }
}

function copyOf(one: Collection): Collection {
  return { ...one, sums: [...one.sums] };
}
