import type { BudgetClaim, Claim, Counters, Decision, RateClaim, Reservation } from '../../src/core/counters.ts';
import { CountersDesk } from '../../src/counters/desk.ts';
import { LeaseDesk } from '../../src/counters/lease-desk.ts';
import { LeaseRecalls } from '../../src/counters/lease-recalls.ts';
import { LeasedCounters } from '../../src/counters/leased-counters.ts';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { countingCalls, type CountingCalls } from '../../src/counters/remote-counters.ts';
import { fromWireDecision, fromWireStates, toWire } from '../../src/counters/wire-claims.ts';
import { CounterModel } from './model.ts';
import { START, type SetClock } from './histories.ts';

type Message = () => void;

/** What was taken of a rate, and when; what was not used in the end was never taken. */
interface Taken {
  readonly at: number;
  amount: number;
}

/** What one rate owes by what is known now of all that was taken: added up anew each time. */
function debtOf({ limit, per }: RateClaim, all: readonly Taken[], now: number): number {
  let debt = 0;
  let at = 0;
  for (const taken of all) {
    debt = Math.max(0, debt - (taken.at - at) * limit) + taken.amount * per;
    ({ at } = taken);
  }
  return Math.max(0, debt - (now - at) * limit);
}

/** A day: nothing expires by itself. */
const LONG = 24 * 3_600_000;
/** As often as processes tell. */
export const TURN = 25;

export interface Asked {
  readonly reservation: Reservation;
  readonly worker: number;
  decision: Decision | null;
  isSettled: boolean;
}

interface LeasingProcess {
  readonly leased: LeasedCounters;
  readonly desk: CountersDesk;
  readonly leases: LeaseDesk;
  /** On their way, oldest first. */
  readonly toControl: Message[];
  readonly toProcess: Message[];
  turn: Message | null;
  giveUp: Message | null;
  isGone: boolean;
}

/**
 * Some processes that lease from one, each message of which is delivered when the test says so, beside one counter that hears of
 * everything at once: each grant must have fitted there.
 */
export class LeasingWorld {
  readonly clock: SetClock & { now(): number; wall(): number };
  readonly memory: MemoryCounters;
  /** Places and money. */
  private readonly truth: CounterModel;
  private readonly taken = new Map<string, Taken[]>();
  private readonly takenBy = new Map<string, readonly (Taken | null)[]>();
  readonly asked: Asked[] = [];
  /** Grants that the exact counter would have refused. */
  readonly excesses: string[] = [];
  readonly processes: LeasingProcess[];
  readonly spent = new Map<string, number>();
  /** What processes take to be left, should nobody answer any more. */
  readonly stands = new Map<string, number>();
  /** Reservations that were granted without asking. */
  fromLeases = 0;

  private readonly usesRatesInFull: boolean;

  /** @param usesRatesInFull whatever of the rest is used: what comes back of a rate depends on when it is told of */
  constructor(count: number, usesRatesInFull = false) {
    this.usesRatesInFull = usesRatesInFull;
    const clock = { time: START, now: () => clock.time, wall: () => clock.time };
    this.clock = clock;
    this.memory = new MemoryCounters(clock);
    this.truth = new CounterModel(START);
    const recalls = new LeaseRecalls();
    this.processes = Array.from({ length: count }, () => this.open(recalls, count));
  }

  reserve(worker: number, claims: readonly Claim[]): Asked {
    const { leased } = this.processes[worker]!;
    const reservation = { id: `r${this.asked.length}`, claims, expiresIn: LONG };
    const asked: Asked = { reservation, worker, decision: null, isSettled: false };
    this.asked.push(asked);
    const decision = leased.reserve(reservation);
    if (decision instanceof Promise) void decision.then((made) => (asked.decision = made));
    else {
      asked.decision = decision;
      this.fromLeases++;
      this.granted(reservation);
    }
    return asked;
  }

  /** @param share of what was reserved, in percent */
  settle(asked: Asked, share: number): void {
    if (asked.decision?.isGranted !== true || asked.isSettled) return;
    asked.isSettled = true;
    const actual = asked.reservation.claims.map((claim) => this.usedOf(claim, share));
    this.truth.now = this.clock.time;
    this.settleTruth(asked.reservation, actual);
    void this.processes[asked.worker]!.leased.settle(asked.reservation, actual);
  }

  /** What the exact counter has left for a claim. */
  free(claim: Claim): number {
    this.truth.now = this.clock.time;
    if (claim.kind !== 'rate') return this.truth.free(claim);
    const debt = debtOf(claim, this.taken.get(claim.counter) ?? [], this.clock.time);
    return claim.limit - debt / claim.per;
  }

  turn(worker: number): void {
    const process = this.processes[worker]!;
    const { turn } = process;
    process.turn = null;
    if (!process.isGone) turn?.();
  }

  /** One message of one direction, and all that follows at once in that process. */
  async deliver(worker: number, isToControl: boolean): Promise<boolean> {
    const { toControl, toProcess, isGone } = this.processes[worker]!;
    const message = (isToControl ? toControl : toProcess).shift();
    if (message === undefined) return false;
    if (!isGone || isToControl) message();
    await settled();
    return true;
  }

  /** Asks often enough for leases, and has them. */
  async warm(worker: number, claims: readonly Claim[]): Promise<void> {
    for (let time = 0; time < 2; time++) this.reserve(worker, claims);
    await this.calm();
    this.turn(worker);
    await this.calm();
  }

  /** Until nothing is under way. @param hanging processes that do nothing meanwhile */
  async calm(hanging: readonly number[] = []): Promise<void> {
    const awake = [...this.processes.keys()].filter((worker) => !hanging.includes(worker));
    await settled();
    for (let isBusy = true; isBusy;) {
      isBusy = false;
      for (const worker of awake)
        for (const isToControl of [true, false]) if (await this.deliver(worker, isToControl)) isBusy = true;
      await settled();
    }
  }

  async wait(time: number): Promise<void> {
    for (let left = time; left > 0; left -= TURN) {
      this.clock.time += Math.min(left, TURN);
      for (const worker of this.processes.keys()) this.turn(worker);
      await this.calm();
    }
  }

  /** What was asked of it is not waited for any longer. */
  giveUpOn(worker: number): void {
    this.processes[worker]!.giveUp?.();
  }

  kill(worker: number): void {
    const process = this.processes[worker]!;
    process.isGone = true;
    process.toControl.length = 0;
    process.desk.release();
    process.leases.release();
    this.truth.now = this.clock.time;
    for (const asked of this.asked) {
      if (asked.worker !== worker || asked.isSettled) continue;
      asked.isSettled = true;
      if (asked.decision?.isGranted === true)
        this.settleTruth(
          asked.reservation,
          asked.reservation.claims.map((claim) => (claim.kind === 'rate' ? claim.amount : 0)),
        );
    }
  }

  private usedOf(claim: Claim, share: number): number {
    if (claim.kind === 'place') return 0;
    const percent = claim.kind === 'rate' && this.usesRatesInFull ? 100 : share;
    return Math.floor((claim.amount * percent) / 100);
  }

  private open(recalls: LeaseRecalls, processes: number): LeasingProcess {
    const { clock, memory: counters } = this;
    const toControl: Message[] = [];
    const toProcess: Message[] = [];
    const spending = {
      spent: ({ counter }: BudgetClaim, amount: number) =>
        void this.spent.set(counter, (this.spent.get(counter) ?? 0) + amount),
    };
    const desk = new CountersDesk(counters, spending, clock);
    const giveBack = (names: readonly string[]): Promise<void> => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      process.giveUp = () => reject(new Error('late'));
      toProcess.push(() => {
        process.leased.giveBack(names);
        toControl.push(resolve);
      });
      return promise;
    };
    const leases = new LeaseDesk({ counters, spending, recalls, clock, processes, giveBack });
    const calls = countingCalls(desk, leases, (answers) => toProcess.push(() => process.leased.answered(answers)));
    const leased = new LeasedCounters({
      asked: this.over(calls, toControl, toProcess),
      clock,
      tell: ({ opened, claims, reports, closed }) =>
        void toControl.push(() => calls.tellLeases(opened, toWire(claims), reports, closed)),
      stands: ([claim], [state]) => void this.stands.set(claim!.counter, state!.remaining),
      later: (callback) => void (process.turn = callback),
    });
    const process: LeasingProcess = {
      leased,
      desk,
      leases,
      toControl,
      toProcess,
      turn: null,
      giveUp: null,
      isGone: false,
    };
    return process;
  }

  private over(calls: CountingCalls, toControl: Message[], toProcess: Message[]): Counters {
    return {
      reserve: (reservation) => {
        const { promise, resolve } = Promise.withResolvers<Decision>();
        toControl.push(() => {
          const { id, claims, expiresIn } = reservation;
          const decide = (wire: readonly number[]): void => {
            const decision = fromWireDecision(wire);
            if (decision.isGranted) this.granted(reservation);
            toProcess.push(() => resolve(decision));
          };
          const made = calls.reserve(id, expiresIn, toWire(claims));
          if (made instanceof Promise) void made.then(decide);
          else decide(made);
        });
        return promise;
      },
      settle: ({ id, claims }, actual) => void toControl.push(() => calls.settle(id, toWire(claims), actual)),
      renew: (reservations, expiresIn) => {
        const ids = reservations.map(({ id }) => id);
        toControl.push(() => calls.renew(ids, expiresIn));
      },
      peek: (claims) => fromWireStates(calls.peek(toWire(claims))),
      check: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }

  private granted(reservation: Reservation): void {
    const { id, claims } = reservation;
    if (claims.some((claim) => amountOf(claim) > this.free(claim))) this.excesses.push(id);
    this.truth.reserve({ ...reservation, claims: claims.filter(({ kind }) => kind !== 'rate') });
    this.takenBy.set(
      id,
      claims.map((claim) => (claim.kind === 'rate' ? this.take(claim) : null)),
    );
  }

  private take({ counter, amount }: RateClaim): Taken {
    const taken = { at: this.clock.time, amount };
    const all = this.taken.get(counter);
    if (all === undefined) this.taken.set(counter, [taken]);
    else all.push(taken);
    return taken;
  }

  private settleTruth({ id, claims }: Reservation, actual: readonly number[]): void {
    const isOther = (_: unknown, index: number): boolean => claims[index]!.kind !== 'rate';
    this.truth.settle({ id, claims: claims.filter(isOther), expiresIn: 0 }, actual.filter(isOther));
    for (const [index, taken] of this.takenBy.get(id)!.entries()) if (taken !== null) taken.amount = actual[index]!;
  }
}

const amountOf = (claim: Claim): number => (claim.kind === 'place' ? 1 : claim.amount);

/** Longer than any chain of promises here. */
const TICKS = 20;

/** What promises bring about has come about. */
async function settled(): Promise<void> {
  for (let tick = 0; tick < TICKS; tick++) await Promise.resolve();
}
