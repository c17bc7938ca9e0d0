import type { Counters, Reservation } from '../core/counters.ts';

interface Owed {
  readonly reservation: Reservation;
  readonly actual: readonly number[];
}

const MAX_OWED = 10_000;
const AT_ONCE = 100;

/** What the shared counters could not be told; the oldest is lost where it is too much. */
export class OwedSettlements {
  private owed: Owed[] = [];
  private readonly lost: (count: number) => void;

  constructor(lost: (count: number) => void) {
    this.lost = lost;
  }

  add(reservation: Reservation, actual: readonly number[]): void {
    if (reservation.claims.length === 0) return;
    if (this.owed.length >= MAX_OWED) {
      this.owed.shift();
      this.lost(1);
    }
    this.owed.push({ reservation, actual });
  }

  /**
   * Also what is added meanwhile. A settlement that was heard although it seemed lost is not counted twice: it has its id.
   * @throws CountersUnavailableError
   */
  async settleAll(counters: Counters): Promise<void> {
    while (this.owed.length > 0) {
      const some = this.owed.slice(0, AT_ONCE);
      const results = await Promise.allSettled(some.map((owed) => counters.settle(owed.reservation, owed.actual)));
      const failed = new Set(some.filter((_, index) => results[index]!.status === 'rejected'));
      this.remove((owed) => some.includes(owed) && !failed.has(owed));
      if (failed.size === 0) continue;
      await counters.check();
      // They answer, but not to these: nothing that is owed may keep them from being used.
      this.remove((owed) => failed.has(owed));
      this.lost(failed.size);
    }
  }

  private remove(isGone: (owed: Owed) => boolean): void {
    this.owed = this.owed.filter((owed) => !isGone(owed));
  }

  /** Nobody will be told any more. */
  giveUp(): void {
    if (this.owed.length > 0) this.lost(this.owed.length);
    this.owed = [];
  }
}
