import type { Clock } from '../core/clock.ts';
import {
  type Counters,
  CountersUnavailableError,
  type Decision,
  type NanoUsd,
  type Reservation,
} from '../core/counters.ts';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Milliseconds } from '../core/units.ts';
import { denial } from './denial.ts';
import type { Estimate } from './estimate.ts';
import { limitHeaders } from './limit-headers.ts';
import type { SpendLedger } from './spend-ledger.ts';
import type { Amounts, NamedClaim, Subject } from './subject.ts';
import type { CountTokens } from './tokenizer.ts';
import { Yardsticks } from './yardstick.ts';

/** A gateway that crashes gives its places and money back after so long. */
const EXPIRES_IN: Milliseconds = 60_000;
const RENEW_EVERY: Milliseconds = 20_000;

/** What a request holds until its end. */
export interface Grant {
  readonly reservation: Reservation;
  readonly claims: readonly NamedClaim[];
  readonly reservedWall: Milliseconds;
  /** What it was reserved for, should nobody tell what was used; null: nothing of tokens or money is limited. */
  readonly worst: Worst | null;
  /** Its place among the open ones; -1: it is settled. */
  slot: number;
}

export interface Worst {
  readonly estimate: Estimate;
  readonly nanoUsd: NanoUsd;
  /** The tokenizer of the model; null: by bytes. */
  readonly count: CountTokens | null;
  /** The provider works on whether or not anybody waits for the reply. */
  readonly isBackground: boolean;
}

interface AdmissionDeps {
  readonly counters: Counters;
  readonly clock: Clock;
  /** Where the counters forget with the process; null: they do not. */
  readonly ledger: SpendLedger | null;
  /** @param rule `key:dev/requests` */
  denied(rule: string): void;
  failed(error: unknown): void;
}

/** Reserves what requests may take, and settles what they took. */
export class Admission {
  readonly yardsticks = new Yardsticks();
  private readonly deps: AdmissionDeps;
  private readonly open: Grant[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(deps: AdmissionDeps) {
    this.deps = deps;
    this.timer = setInterval(() => this.renew(), RENEW_EVERY).unref();
  }

  /**
   * All that the subjects limit, or nothing. Answers at once where the counters are in memory.
   * @throws GatewayError `rate_limit_exceeded`, `insufficient_quota`; `overloaded` while the counters are down
   */
  admit(exchange: Exchange, subjects: readonly Subject[], worst: Worst | null): Grant | Promise<Grant> {
    const { counters, clock } = this.deps;
    const wall = clock.wall();
    const claims: NamedClaim[] = [];
    const amounts = amountsOf(worst);
    for (const subject of subjects) subject.addClaims(claims, amounts, wall);
    const reservation = { id: exchange.id, claims: claims.map(({ claim }) => claim), expiresIn: EXPIRES_IN };
    const grant: Grant = { reservation, claims, reservedWall: wall, worst, slot: -1 };
    const decision = counters.reserve(reservation);
    if (!(decision instanceof Promise)) return this.decided(exchange, grant, decision);
    return decision.then(
      (made) => this.decided(exchange, grant, made),
      (error: unknown) => {
        throw toOverloaded(error);
      },
    );
  }

  /**
   * Tokens and money for one more request of the same call, which its caller is not told of; it has the call's place.
   * Null: they do not fit, or the counters are down.
   */
  reserveSecond({ reservation, claims, worst }: Grant): Grant | null | Promise<Grant | null> {
    const counted = claims.filter(({ kind }) => kind === 'tokens' || kind === 'budget');
    const second = { ...reservation, id: `${reservation.id}#2`, claims: counted.map(({ claim }) => claim) };
    const grant: Grant = {
      reservation: second,
      claims: counted,
      reservedWall: this.deps.clock.wall(),
      worst,
      slot: -1,
    };
    const decision = this.deps.counters.reserve(second);
    if (!(decision instanceof Promise)) return decision.isGranted ? this.opened(grant) : null;
    return decision.then(
      ({ isGranted }) => (isGranted ? this.opened(grant) : null),
      () => null,
    );
  }

  /** Once; not waited for. @param used of tokens and money, what the request really took */
  settle(grant: Grant, used: Amounts): void {
    if (!this.remove(grant)) return;
    const { reservation, claims, reservedWall } = grant;
    const actual = claims.map(({ kind }) => (kind === 'requests' ? 1 : kind === 'tokens' ? used.tokens : used.nanoUsd));
    if (this.deps.ledger !== null)
      for (const { claim } of claims)
        if (claim.kind === 'budget') this.deps.ledger.spent(claim, used.nanoUsd, reservedWall);
    const settled = this.deps.counters.settle(reservation, actual);
    if (settled instanceof Promise) settled.catch((error: unknown) => this.deps.failed(error));
  }

  close(): void {
    clearInterval(this.timer);
  }

  private decided(exchange: Exchange, grant: Grant, { isGranted, refusedBy, states }: Decision): Grant {
    const { claims } = grant;
    const wall = this.deps.clock.wall();
    const headers = limitHeaders(claims, states, exchange.protocol, wall);
    if (headers.length > 0) exchange.limitHeaders = headers;
    if (!isGranted) {
      const refused = claims[refusedBy]!;
      this.deps.denied(`${refused.subject.label}/${refused.kind}`);
      throw denial(refused, states[refusedBy]!, wall);
    }
    return this.opened(grant);
  }

  private opened(grant: Grant): Grant {
    grant.slot = this.open.length;
    this.open.push(grant);
    return grant;
  }

  /** As `OpenCalls.remove`: the last one fills the gap. */
  private remove(grant: Grant): boolean {
    const { open } = this;
    const { slot } = grant;
    if (slot < 0) return false;
    const last = open.pop()!;
    if (last !== grant) {
      open[slot] = last;
      last.slot = slot;
    }
    grant.slot = -1;
    return true;
  }

  private renew(): void {
    if (this.open.length === 0) return;
    const reservations = this.open.map(({ reservation }) => reservation);
    const renewed = this.deps.counters.renew(reservations, EXPIRES_IN);
    if (renewed instanceof Promise) renewed.catch((error: unknown) => this.deps.failed(error));
  }
}

const NO_AMOUNTS: Amounts = { tokens: 0, nanoUsd: 0 };

function amountsOf(worst: Worst | null): Amounts {
  if (worst === null) return NO_AMOUNTS;
  const { estimate, nanoUsd } = worst;
  return { tokens: estimate.inputTokens + estimate.outputTokens, nanoUsd };
}

function toOverloaded(error: unknown): unknown {
  if (!(error instanceof CountersUnavailableError)) return error;
  return new GatewayError('overloaded', 'Limits cannot be counted at the moment; try again.', {
    retryAfterSeconds: Math.max(1, Math.ceil(error.retryAfter / 1000)),
  });
}
