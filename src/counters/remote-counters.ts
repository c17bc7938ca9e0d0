import {
  type Claim,
  type ClaimState,
  type Counters,
  CountersUnavailableError,
  type Decision,
  type Reservation,
} from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { ReplyDeadline } from './reply-deadline.ts';

/** As for counters on Redis. */
const REPLY_WITHIN: Milliseconds = 250;

/** What is asked of the process that counts. */
export type CountingCalls = Pick<Counters, 'reserve' | 'settle' | 'renew' | 'peek'>;

/** The process that counts, as another one sees it. Its promises reject where it is gone. */
interface CountingProcess {
  reserve(reservation: Reservation): Promise<Decision>;
  /** Arrives as long as both live, before whatever is asked later; nobody waits for it. @param isUrgent others wait for what it frees */
  settle(reservation: Reservation, actual: readonly number[], isUrgent: boolean): void;
  renew(reservations: readonly Reservation[], expiresIn: Milliseconds): Promise<void>;
  peek(claims: readonly Claim[]): Promise<readonly ClaimState[]>;
}

/** Limits and budgets that another process of the machine counts for all that serve. */
export class RemoteCounters implements Counters {
  private readonly process: CountingProcess;
  private readonly deadline: ReplyDeadline;

  constructor(process: CountingProcess, within = REPLY_WITHIN) {
    this.process = process;
    this.deadline = new ReplyDeadline(within);
  }

  reserve(reservation: Reservation): Promise<Decision> {
    return this.inTime(this.process.reserve(reservation));
  }

  settle(reservation: Reservation, actual: readonly number[]): Promise<void> {
    this.process.settle(reservation, actual, reservation.claims.some(isPlace));
    return Promise.resolve();
  }

  renew(reservations: readonly Reservation[], expiresIn: Milliseconds): Promise<void> {
    return this.inTime(this.process.renew(reservations, expiresIn));
  }

  peek(claims: readonly Claim[]): Promise<readonly ClaimState[]> {
    return this.inTime(this.process.peek(claims));
  }

  async check(): Promise<void> {
    await this.peek([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async inTime<T>(reply: Promise<T>): Promise<T> {
    try {
      return await this.deadline.wait(reply);
    } catch (error) {
      throw new CountersUnavailableError(error);
    }
  }
}

const isPlace = ({ kind }: Claim): boolean => kind === 'place';
