import type { Claim, ClaimState, Counters, Decision, Reservation } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import type { RedisConnection } from './redis-connection.ts';
import { peekRequest, readDecision, readStates, renewRequest, reserveRequest, settleRequest } from './redis-request.ts';

/** Reservations that one script call renews: others wait for no longer than that. */
const RENEWED_AT_ONCE = 100;

/** Limits and budgets of all gateways that share a Redis: a decision is one call of one script. */
export class RedisCounters implements Counters {
  private readonly connection: RedisConnection;
  private readonly now: () => Milliseconds | null;

  /** @param now tests only: the time that stands in for the server's own */
  constructor(connection: RedisConnection, now: () => Milliseconds | null = () => null) {
    this.connection = connection;
    this.now = now;
  }

  async reserve(reservation: Reservation): Promise<Decision> {
    return readDecision(await this.connection.run(reserveRequest(reservation, this.now())));
  }

  async settle(reservation: Reservation, actual: readonly number[]): Promise<void> {
    await this.connection.run(settleRequest(reservation, actual, this.now()));
  }

  async renew(reservations: readonly Reservation[], expiresIn: Milliseconds): Promise<void> {
    for (let at = 0; at < reservations.length; at += RENEWED_AT_ONCE) {
      const some = reservations.slice(at, at + RENEWED_AT_ONCE);
      await this.connection.run(renewRequest(some, expiresIn, this.now()));
    }
  }

  async peek(claims: readonly Claim[]): Promise<readonly ClaimState[]> {
    return readStates(await this.connection.run(peekRequest(claims, this.now())));
  }

  /** By the script itself: whether it may run there, not only whether somebody answers. */
  async check(): Promise<void> {
    await this.peek([]);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
