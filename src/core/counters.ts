import type { Milliseconds } from './units.ts';

/** US dollars times 10^9, whole: sums of them are exact up to nine million dollars. */
export type NanoUsd = number;

/**
 * What holds while the shared counters cannot be asked: nothing passes, or a share (above 0, to 1) of the limit, counted
 * by each gateway alone.
 */
export type WhenDown = 'closed' | { readonly localShare: number };

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
  /** Not said: closed. */
  readonly whenDown?: WhenDown;
}

/** A place among so many, held until it is settled or its reservation expires. */
export interface PlaceClaim {
  readonly kind: 'place';
  readonly counter: string;
  readonly limit: number;
  readonly whenDown?: WhenDown;
}

/** Money of a window. What is reserved counts as spent until it is settled or expires. */
export interface BudgetClaim {
  readonly kind: 'budget';
  readonly counter: string;
  readonly limit: NanoUsd;
  readonly amount: NanoUsd;
  readonly window: BudgetWindow;
  readonly whenDown?: WhenDown;
}

/**
 * `calendar`: the one that is open by the counters' own clock among these, soonest end first; give the former, the present
 * and the next one, since clocks differ. Where all of them have ended nothing fits. What is settled later is charged to the
 * window in which it was reserved. `rolling`: the last `length`, in so many equal parts, of which one leaves at a time; a
 * part counts until it has wholly left, and what is settled counts from then on.
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

/** Limits and amounts are whole numbers from 0 to 2^53 - 1. */
export type Claim = RateClaim | PlaceClaim | BudgetClaim;

/** How a counter stands after a decision. */
export interface ClaimState {
  /** Units, places or nano dollars that are free; 0 or more. */
  readonly remaining: number;
  /** Until all of it is free again, if nothing more is taken; of a calendar window its end; of places 0. */
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
  /** Of one kind and window each counter stands here once. */
  readonly claims: readonly Claim[];
  /** Places and money are free again after so long without `renew`: their gateway has crashed. */
  readonly expiresIn: Milliseconds;
}

/** The counters cannot be reached, or did not answer in time: nobody knows whether anything was taken. */
export class CountersUnavailableError extends Error {
  /** Until they are asked again. */
  readonly retryAfter: Milliseconds;

  constructor(cause: unknown, retryAfter: Milliseconds = 1000) {
    super('The counters cannot be reached.', { cause });
    this.name = 'CountersUnavailableError';
    this.retryAfter = retryAfter;
  }
}

/**
 * Limits and budgets, counted for all gateways that share them, by their own clock. `reserve`, `settle` and `peek` are one
 * atomic step each. Answers at once where they are in memory. Methods that return a promise reject with
 * `CountersUnavailableError`.
 */
export interface Counters {
  /**
   * An id that is held already is granted again and takes nothing more, so that a reservation may be sent twice. One that
   * was settled, or has expired, is refused by its first claim: it is used up.
   */
  reserve(reservation: Reservation): Decision | Promise<Decision>;
  /**
   * Puts what was really used in place of what was reserved, also after the reservation has expired; of a rate no more
   * comes back than has not flowed off since. An id that is not known is charged in full. The second call of the same
   * id within two minutes changes nothing.
   * @param actual by the order of the claims: units or nano dollars; ignored for places
   */
  settle(reservation: Reservation, actual: readonly number[]): void | Promise<void>;
  /** Keeps reservations that are still held; others are left out. */
  renew(reservations: readonly Reservation[], expiresIn: Milliseconds): void | Promise<void>;
  /** How the counters stand, without taking anything; the amounts of the claims do not count. */
  peek(claims: readonly Claim[]): readonly ClaimState[] | Promise<readonly ClaimState[]>;
  /** Readiness. @throws CountersUnavailableError */
  check(): Promise<void>;
  close(): Promise<void>;
}
