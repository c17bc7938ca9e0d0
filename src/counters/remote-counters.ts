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
type CountingProcess = {
  readonly [Name in keyof CountingCalls]: (
    ...args: Parameters<CountingCalls[Name]>
  ) => Promise<Awaited<ReturnType<CountingCalls[Name]>>>;
};

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
    return this.inTime(this.process.settle(reservation, actual));
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
