import type { Clock } from '../core/clock.ts';
import type { BudgetClaim, Claim, ClaimState, Counters, Decision, NanoUsd, Reservation } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import type { MemoryCounters } from './memory-counters.ts';

/** Where what is spent is kept over a restart. */
interface Spending {
  spent(claim: BudgetClaim, amount: NanoUsd, reservedWall: Milliseconds): void;
}

interface OpenReservation {
  readonly reservation: Reservation;
  readonly wall: Milliseconds;
}

/**
 * Counters in memory as one of several processes uses them. Knows what that process holds, so that it is free again as soon
 * as the process has died.
 */
export class CountersDesk implements Pick<Counters, 'reserve' | 'settle' | 'renew' | 'peek'> {
  private readonly counters: MemoryCounters;
  private readonly spending: Spending;
  private readonly clock: Clock;
  private readonly open = new Map<string, OpenReservation>();
  private isGone = false;

  constructor(counters: MemoryCounters, spending: Spending, clock: Clock) {
    this.counters = counters;
    this.spending = spending;
    this.clock = clock;
  }

  reserve(reservation: Reservation): Decision {
    // It died while others were asked to give back what it wanted: nobody would ever settle that.
    if (this.isGone) return { isGranted: false, refusedBy: 0, states: this.peek(reservation.claims) };
    const decision = this.counters.reserve(reservation);
    if (decision.isGranted && !this.open.has(reservation.id))
      this.open.set(reservation.id, { reservation, wall: this.clock.wall() });
    return decision;
  }

  settle(reservation: Reservation, actual: readonly number[]): void {
    const wall = this.open.get(reservation.id)?.wall ?? this.clock.wall();
    this.open.delete(reservation.id);
    // What is told a second time is known by its id, there as here.
    if (this.counters.isSettled(reservation.id)) return;
    this.counters.settle(reservation, actual);
    for (const [index, claim] of reservation.claims.entries())
      if (claim.kind === 'budget') this.spending.spent(claim, actual[index]!, wall);
  }

  renew(reservations: readonly Reservation[], expiresIn: Milliseconds): void {
    this.counters.renew(reservations, expiresIn);
  }

  peek(claims: readonly Claim[]): readonly ClaimState[] {
    return this.counters.peek(claims);
  }

  /**
   * The process is gone. As if all it held had expired: places and money are free, what was taken of rates flows off.
   * @returns how many reservations it held
   */
  release(): number {
    this.isGone = true;
    const held = [...this.open.values()];
    this.open.clear();
    for (const { reservation } of held) this.counters.settle(reservation, reservation.claims.map(takenOf));
    return held.length;
  }
}

function takenOf(claim: Claim): number {
  return claim.kind === 'rate' ? claim.amount : 0;
}
