import {
  type Claim,
  type ClaimState,
  type Counters,
  CountersUnavailableError,
  type Decision,
  type Reservation,
} from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import type { CountersDesk } from './desk.ts';
import type { LeaseDesk } from './lease-desk.ts';
import type { WireAnswers, WireReports } from './lease-wire.ts';
import { ReplyDeadline } from '../redis/reply-deadline.ts';
import {
  fromWire,
  fromWireDecision,
  fromWireStates,
  toWire,
  toWireDecision,
  toWireStates,
  type WireClaims,
  type WireDecision,
} from './wire-claims.ts';

/** As for counters on Redis. */
const REPLY_WITHIN: Milliseconds = 250;

/** What is asked of the process that counts. */
export interface CountingCalls {
  reserve(id: string, expiresIn: Milliseconds, claims: WireClaims): WireDecision | Promise<WireDecision>;
  settle(id: string, claims: WireClaims, actual: readonly number[]): void;
  renew(ids: readonly string[], expiresIn: Milliseconds): void;
  peek(claims: WireClaims): readonly number[];
  /** What became of leases, by their ids. Each is answered by `leaseAnswers`, in order. */
  tellLeases(opened: readonly number[], claims: WireClaims, reports: WireReports, closed: readonly number[]): void;
}

/** What the process that counts asks of another one. */
export interface LeasingCalls {
  leaseAnswers(answers: WireAnswers): void;
  /** What is left of them is told of before this is answered. */
  giveBackLeases(counters: readonly string[]): void | Promise<void>;
}

/** The process that counts, as another one sees it. Its promises reject where it is gone. */
interface CountingProcess {
  reserve(...args: Parameters<CountingCalls['reserve']>): Promise<WireDecision>;
  /** Arrives as long as both live, before whatever is asked later; nobody waits for it. @param isUrgent others wait for what it frees */
  settle(isUrgent: boolean, ...args: Parameters<CountingCalls['settle']>): void;
  renew(...args: Parameters<CountingCalls['renew']>): Promise<void>;
  peek(...args: Parameters<CountingCalls['peek']>): Promise<readonly number[]>;
}

/** Limits and budgets that another process of the machine counts for all that serve. */
export class RemoteCounters implements Counters {
  private readonly process: CountingProcess;
  private readonly deadline: ReplyDeadline;

  constructor(process: CountingProcess, within = REPLY_WITHIN) {
    this.process = process;
    this.deadline = new ReplyDeadline(within);
  }

  async reserve({ id, expiresIn, claims }: Reservation): Promise<Decision> {
    return fromWireDecision(await this.inTime(this.process.reserve(id, expiresIn, toWire(claims))));
  }

  settle({ id, claims }: Reservation, actual: readonly number[]): Promise<void> {
    this.process.settle(claims.some(isPlace), id, toWire(claims), actual);
    return Promise.resolve();
  }

  renew(reservations: readonly Reservation[], expiresIn: Milliseconds): Promise<void> {
    const ids = reservations.map(({ id }) => id);
    return this.inTime(this.process.renew(ids, expiresIn));
  }

  async peek(claims: readonly Claim[]): Promise<readonly ClaimState[]> {
    return fromWireStates(await this.inTime(this.process.peek(toWire(claims))));
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

/**
 * Where the calls come to. Answers at once, so that what comes in one message is answered in one; but nobody is refused before
 * others have given back what they have leased and not used.
 */
export function countingCalls(
  desk: CountersDesk,
  leases: LeaseDesk,
  answer: LeasingCalls['leaseAnswers'],
): CountingCalls {
  return {
    reserve: (id, expiresIn, wire) => {
      const reservation = { id, claims: fromWire(wire), expiresIn };
      const decision = desk.reserve(reservation);
      const recalled = decision.isGranted ? null : leases.recalled(reservation.claims, decision.states);
      if (recalled === null) return toWireDecision(decision);
      return recalled.then(() => toWireDecision(desk.reserve(reservation)));
    },
    settle: (id, claims, actual) => desk.settle({ id, claims: fromWire(claims), expiresIn: 0 }, actual),
    renew: (ids, expiresIn) => {
      desk.renew(
        ids.map((id) => ({ id, claims: [], expiresIn })),
        expiresIn,
      );
    },
    peek: (claims) => toWireStates(desk.peek(fromWire(claims))),
    tellLeases: (opened, claims, reports, closed) => {
      const claimed = fromWire(claims);
      const begun = opened.map((id, index) => [id, claimed[index]!] as const);
      answer(leases.tell(begun, reports, closed));
    },
  };
}

const isPlace = ({ kind }: Claim): boolean => kind === 'place';
