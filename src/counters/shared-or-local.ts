import type { Clock } from '../core/clock.ts';
import {
  type BudgetClaim,
  type Claim,
  type ClaimState,
  type Counters,
  CountersUnavailableError,
  type Decision,
  type RateClaim,
  type Reservation,
} from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { LastTold } from './last-told.ts';
import { MemoryCounters } from './memory-counters.ts';
import { OwedSettlements } from './owed-settlements.ts';

/** Who is told what becomes of the shared counters: the log and the metrics. */
interface SharedCountersWatch {
  /** Once an outage, when it begins. */
  down(cause: unknown): void;
  /** Once an outage, when it is over and they know what was spent meanwhile. */
  up(): void;
  /** Each reservation that was decided without them: `closed` refused it, `local` counted it in memory. */
  decidedAlone(how: 'closed' | 'local'): void;
  /** Settlements that they will never hear of: money that was spent and is not counted. */
  lost(settlements: number): void;
}

interface LocalRate {
  readonly claim: RateClaim;
  /** When all of it has flowed off that the shared counters know of. */
  knownUntil: Milliseconds;
}

/** Of rates beyond, the shared counters do not learn what was taken meanwhile. */
const MOST_RATES = 10_000;

/** They are asked again so long after a failure, by nobody's request: a dead server costs no request its time. */
const ASK_AGAIN: Milliseconds = 1000;

/**
 * Shared counters while they answer; while they do not, each claim's own `whenDown`: nothing passes, or a share of the limit,
 * counted in this process. What was reserved in one place is settled there; money that was spent meanwhile is charged to
 * the shared counters before they are trusted again.
 */
export class SharedOrLocal implements Counters {
  private readonly shared: Counters;
  private readonly local: MemoryCounters;
  private readonly clock: Clock;
  private readonly watch: SharedCountersWatch;
  private readonly owed: OwedSettlements;
  private readonly lastTold = new LastTold();
  /** Rates that are counted in memory. */
  private readonly localRates = new Map<string, LocalRate>();
  private isUp = true;
  private cause: unknown = null;
  private askAt: Milliseconds = 0;
  private timer: NodeJS.Timeout | undefined;
  private isAsking = false;
  private isClosed = false;

  constructor(shared: Counters, clock: Clock, watch: SharedCountersWatch) {
    this.shared = shared;
    this.clock = clock;
    this.watch = watch;
    this.local = new MemoryCounters(clock);
    this.owed = new OwedSettlements((count) => watch.lost(count));
  }

  async reserve(reservation: Reservation): Promise<Decision> {
    if (this.isUp) {
      try {
        const decision = await this.shared.reserve(reservation);
        this.remember(reservation.claims, decision.states);
        return decision;
      } catch (error) {
        this.failed(error);
        // Nobody knows whether it was heard: if it was, it is given back.
        this.owed.add(
          reservation,
          reservation.claims.map(() => 0),
        );
      }
    }
    return this.reserveLocally(reservation);
  }

  /** Does not reject while they are down: they are told later. */
  async settle(reservation: Reservation, actual: readonly number[]): Promise<void> {
    if (this.local.holds(reservation.id)) return this.settleLocally(reservation, actual);
    if (this.isUp) {
      try {
        return await this.shared.settle(reservation, actual);
      } catch (error) {
        this.failed(error);
      }
    }
    this.owed.add(reservation, actual);
  }

  /** Does not reject while they are down: what expires then is still charged when it is settled. */
  async renew(reservations: readonly Reservation[], expiresIn: Milliseconds): Promise<void> {
    this.local.renew(reservations, expiresIn);
    const shared = reservations.filter(({ id }) => !this.local.holds(id));
    if (!this.isUp || shared.length === 0) return;
    try {
      await this.shared.renew(shared, expiresIn);
    } catch (error) {
      this.failed(error);
    }
  }

  async peek(claims: readonly Claim[]): Promise<readonly ClaimState[]> {
    if (this.isUp) {
      try {
        return await this.shared.peek(claims);
      } catch (error) {
        this.failed(error);
      }
    }
    return this.local.peek(this.localClaims(claims));
  }

  check(): Promise<void> {
    return this.shared.check();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.owed.giveUp();
    await this.shared.close();
  }

  private reserveLocally({ id, claims, expiresIn }: Reservation): Decision {
    this.watch.decidedAlone(claims.some(isClosed) ? 'closed' : 'local');
    const decision = this.local.reserve({ id, claims: this.localClaims(claims), expiresIn });
    for (const claim of claims)
      if (claim.kind === 'rate' && !this.localRates.has(claim.counter) && this.localRates.size < MOST_RATES)
        this.localRates.set(claim.counter, { claim, knownUntil: 0 });
    return decision;
  }

  /** How they stand, as the shared counters told. */
  remember(claims: readonly Claim[], states: readonly ClaimState[]): void {
    const now = this.clock.wall();
    for (let index = 0; index < claims.length; index++) {
      const claim = claims[index]!;
      if (isClosed(claim)) continue;
      if (claim.kind === 'budget') this.lastTold.sawBudget(claim, states[index]!, now);
      else if (claim.kind === 'rate') this.lastTold.sawRate(claim, states[index]!, now);
    }
  }

  /** @throws CountersUnavailableError where one of them is closed */
  private localClaims(claims: readonly Claim[]): Claim[] {
    if (claims.some(isClosed))
      throw new CountersUnavailableError(this.cause, Math.max(1, this.askAt - this.clock.now()));
    const now = this.clock.wall();
    return claims.map((claim) => {
      const limit = isBudget(claim) ? this.lastTold.remaining(claim, now) : claim.limit;
      return { ...claim, limit: Math.floor(limit * localShare(claim)) };
    });
  }

  private settleLocally({ id, claims }: Reservation, actual: readonly number[]): void {
    this.local.settle({ id, claims, expiresIn: 0 }, actual);
    for (let index = 0; index < claims.length; index++) {
      const claim = claims[index]!;
      if (isBudget(claim)) this.owed.addSpent(claim, actual[index]!);
    }
    // Those of an outage that is over are told at once.
    if (this.isUp) void this.askAgain();
  }

  /** @throws what is no failure of the shared counters */
  private failed(error: unknown): void {
    if (!(error instanceof CountersUnavailableError)) throw error;
    this.goDown(error.cause);
  }

  private goDown(cause: unknown): void {
    this.cause = cause;
    this.askLater();
    if (!this.isUp) return;
    this.isUp = false;
    this.beginLocally();
    this.watch.down(cause);
  }

  /** What was taken of a rate is taken of the local share, too. */
  private beginLocally(): void {
    const now = this.clock.wall();
    this.localRates.clear();
    for (const { claim, until } of this.lastTold.takenRates(now)) {
      const local = localRate(claim);
      this.local.owe(local, owedUntil(until, local, now));
      this.localRates.set(claim.counter, { claim, knownUntil: until });
    }
  }

  /** What was taken of rates meanwhile, as far as it has not flowed off. */
  private oweRates(): void {
    const now = this.clock.wall();
    for (const rate of this.localRates.values()) {
      const local = localRate(rate.claim);
      const { remaining, resetAfter } = this.local.peek([local])[0]!;
      const taken = local.limit - remaining - owedUntil(rate.knownUntil, local, now);
      if (taken > 0) this.owed.addSpent(rate.claim, taken);
      rate.knownUntil = now + resetAfter;
    }
  }

  private askLater(): void {
    clearTimeout(this.timer);
    this.askAt = this.clock.now() + ASK_AGAIN;
    if (!this.isClosed) this.timer = setTimeout(() => void this.askAgain(), ASK_AGAIN).unref();
  }

  private async askAgain(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      await this.shared.check();
      if (!this.isUp) this.oweRates();
      await this.owed.settleAll(this.shared);
      if (!this.isClosed) this.comeUp();
    } catch (error) {
      if (!this.isClosed) this.goDown(error instanceof CountersUnavailableError ? error.cause : error);
    } finally {
      this.isAsking = false;
    }
    if (this.isUp && !this.isClosed && !this.owed.isEmpty) await this.askAgain();
  }

  private comeUp(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.watch.up();
  }
}

const isBudget = (claim: Claim): claim is BudgetClaim => claim.kind === 'budget';

/** Of the limit, while the shared counters are down; 0: closed. */
const localShare = ({ whenDown }: Claim): number =>
  whenDown === undefined || whenDown === 'closed' ? 0 : whenDown.localShare;

const localRate = (claim: RateClaim): RateClaim => ({ ...claim, limit: Math.floor(claim.limit * localShare(claim)) });

/** Of a rate that is free again at that time. */
const owedUntil = (until: Milliseconds, { limit, per }: RateClaim, now: Milliseconds): number =>
  Math.ceil(Math.min(1, Math.max(0, until - now) / per) * limit);

const isClosed = (claim: Claim): boolean => localShare(claim) === 0;
