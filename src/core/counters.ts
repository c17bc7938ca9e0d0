import type { Milliseconds } from './units.ts';

/** US dollars times 10^9, whole: sums of them are exact up to nine million dollars. */
export type NanoUsd = number;

/**
 * So many units per time, all of which may come at once: the generic cell rate algorithm, whose whole state is the time at
 * which everything taken so far is free again.
 * @source ITU-T I.371; https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export interface RateClaim {
  readonly kind: 'rate';
  /** The counter's name, the same on all gateways. */
  readonly counter: string;
  readonly limit: number;
  readonly per: Milliseconds;
  /** Whole units: requests, tokens. */
  readonly amount: number;
}

/** A place among so many, held until it is settled or its reservation expires. */
export interface PlaceClaim {
  readonly kind: 'place';
  readonly counter: string;
  readonly limit: number;
}

/** Money of a window. What is reserved counts as spent until it is settled or expires. */
export interface BudgetClaim {
  readonly kind: 'budget';
  readonly counter: string;
  readonly limit: NanoUsd;
  readonly amount: NanoUsd;
  readonly window: BudgetWindow;
}

/**
 * `calendar`: the one that is open by the counters' own clock among these, soonest end first. `rolling`: the last `length`,
 * in so many equal parts, of which one leaves at a time.
 */
export type BudgetWindow =
  | { readonly kind: 'calendar'; readonly windows: readonly CalendarWindow[] }
  | { readonly kind: 'rolling'; readonly length: Milliseconds; readonly parts: number };

export interface CalendarWindow {
  /** E.g. `2026-11`; part of the counter's name. */
  readonly name: string;
  /** Unix time. */
  readonly end: Milliseconds;
}

export type Claim = RateClaim | PlaceClaim | BudgetClaim;

/** How a counter stands after a decision. */
export interface ClaimState {
  /** Units, places or nano dollars that are free; 0 or more. */
  readonly remaining: number;
  /** Until all of it is free again; of a calendar window its end; of places 0. */
  readonly resetAfter: Milliseconds;
  /** Until this claim could be granted; 0 where it fits now; null: never (it is larger than the limit), or not to be told. */
  readonly retryAfter: Milliseconds | null;
}

/** All claims or none. States are in the order of the claims. */
export interface Decision {
  readonly isGranted: boolean;
  /** Index of the first claim that does not fit; -1 where all do. */
  readonly refusedBy: number;
  readonly states: readonly ClaimState[];
}

export interface Reservation {
  /** Unique: a request's id, with a number where it reserves several times. */
  readonly id: string;
  readonly claims: readonly Claim[];
  /** Places and money are free again after so long without `renew`: their gateway has crashed. */
  readonly expiresIn: Milliseconds;
}

/** The counters cannot be reached, or did not answer in time: nobody knows whether anything was taken. */
export class CountersUnavailableError extends Error {
  constructor(cause: unknown) {
    super('The counters cannot be reached.', { cause });
    this.name = 'CountersUnavailableError';
  }
}

/**
 * Limits and budgets, counted for all gateways that share them, by their own clock. Each call is one atomic step. Answers
 * at once where they are in memory. Methods that return a promise reject with `CountersUnavailableError`.
 */
export interface Counters {
  /** An id that was reserved before gets the decision that it would get now, and takes nothing more. */
  reserve(reservation: Reservation): Decision | Promise<Decision>;
  /**
   * Puts what was really used in place of what was reserved, also after the reservation has expired. The second call of
   * the same id changes nothing.
   * @param actual by the order of the claims: units or nano dollars; ignored for places
   */
  settle(reservation: Reservation, actual: readonly number[]): void | Promise<void>;
  /** Keeps reservations that are still open; ids that are not known are left out. */
  renew(reservations: readonly Reservation[], expiresIn: Milliseconds): void | Promise<void>;
  /** How the counters stand, without taking anything; the amounts of the claims do not count. */
  peek(claims: readonly Claim[]): readonly ClaimState[] | Promise<readonly ClaimState[]>;
  /** Readiness. @throws CountersUnavailableError */
  check(): Promise<void>;
  close(): Promise<void>;
}
