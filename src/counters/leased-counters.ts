import type { Clock } from '../core/clock.ts';
import type { Claim, ClaimState, Counters, Decision, Reservation } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { IdMap } from './id-map.ts';
import { SETTLED_KEPT } from './keeping.ts';
import { type Epoch, Lease } from './lease.ts';
import { addReport, answersOf, type WireAnswers, type WireReports } from './lease-wire.ts';

/** What a process tells the one that counts of what it leases. */
export interface LeaseNews {
  /** Leases that begin, by the order of `claims`. */
  readonly opened: readonly number[];
  readonly claims: readonly Claim[];
  readonly reports: WireReports;
  readonly closed: readonly number[];
}

interface LeasedDeps {
  /** Decides all that no lease is left for. */
  readonly asked: Counters;
  readonly clock: Clock;
  /** Arrives as long as both live, in order; `answered` is called for each, in order. */
  tell(news: LeaseNews): void;
  /** How a counter stands, should nobody answer any more. */
  stands?(claims: readonly Claim[], states: readonly ClaimState[]): void;
  readonly later?: (callback: () => void) => void;
}

interface Held {
  readonly claims: readonly Claim[];
  /** By the order of the claims. */
  readonly leases: readonly Lease[];
  readonly epochs: readonly Epoch[];
}

interface Candidate {
  readonly claim: Claim;
  asked: number;
}

/** What a worker that dies has not told of. */
const TELL_EVERY: Milliseconds = 25;
/** A counter that is asked for so often between two turns is worth a lease. */
const WORTH_IT = 2;
const MOST_LEASES = 2_000;
const SWEPT_SLOTS = 16;

/**
 * Counters of another process, of which this one leases parts: what it has a lease for is decided here at once, and told of
 * each turn. It never refuses by itself: what does not fit into its leases is asked for.
 */
export class LeasedCounters implements Counters {
  private readonly deps: LeasedDeps;
  private readonly later: NonNullable<LeasedDeps['later']>;
  /** In use, by counter; `all` has those, too, that only open requests hold. */
  private readonly leases = new Map<string, Lease>();
  private readonly all = new Map<number, Lease>();
  private readonly candidates = new Map<string, Candidate>();
  private readonly held = new IdMap<Held | null>(null);
  private readonly settled = new IdMap<Milliseconds>(0);
  private lastId = 0;
  private unanswered = 0;
  private isWaiting = false;

  constructor(deps: LeasedDeps) {
    this.deps = deps;
    this.later = deps.later ?? ((callback) => void setTimeout(callback, TELL_EVERY).unref());
  }

  reserve(reservation: Reservation): Decision | Promise<Decision> {
    const { id, claims } = reservation;
    const now = this.now();
    const known = this.held.get(id);
    if (known !== null) return granted(known.leases, now);
    if (this.settled.get(id) > now) return this.usedUp(claims);
    const leases = this.leasesFor(claims, now);
    if (leases === null) return this.ask(reservation, now);
    const epochs: Epoch[] = [];
    for (let index = 0; index < claims.length; index++) epochs.push(leases[index]!.take(amountOf(claims[index]!)));
    this.held.set(id, { claims, leases, epochs });
    this.wait();
    return granted(leases, now);
  }

  settle(reservation: Reservation, actual: readonly number[]): void | Promise<void> {
    const { id } = reservation;
    const held = this.held.take(id);
    const now = this.now();
    if (held === null) return this.settled.get(id) > now ? undefined : this.deps.asked.settle(reservation, actual);
    const { claims, leases, epochs } = held;
    for (let index = 0; index < claims.length; index++)
      leases[index]!.settle(amountOf(claims[index]!), actual[index]!, epochs[index]!);
    this.settled.set(id, now + SETTLED_KEPT);
    this.settled.sweep(SWEPT_SLOTS, isOver, now);
    this.wait();
  }

  /** What is held of a lease is held as long as this process lives. */
  renew(reservations: readonly Reservation[], expiresIn: Milliseconds): void | Promise<void> {
    const asked = reservations.filter(({ id }) => this.held.get(id) === null);
    if (asked.length > 0) return this.deps.asked.renew(asked, expiresIn);
  }

  /** As the process that counts knows it: what is leased and was not told of yet is free. */
  peek(claims: readonly Claim[]): readonly ClaimState[] | Promise<readonly ClaimState[]> {
    return this.deps.asked.peek(claims);
  }

  check(): Promise<void> {
    return this.deps.asked.check();
  }

  /** Tells what is not told yet, and gives all back. */
  close(): Promise<void> {
    for (const lease of this.all.values()) lease.end();
    this.leases.clear();
    this.tell(this.now());
    return this.deps.asked.close();
  }

  /** What is left of these; told of before anything that this process sends afterwards. */
  giveBack(counters: readonly string[]): void {
    for (const counter of counters) this.leases.get(counter)?.giveBack();
    this.tell(this.now(), true);
  }

  answered(answers: WireAnswers): void {
    this.unanswered--;
    const now = this.now();
    for (const answer of answersOf(answers)) {
      const lease = this.all.get(answer.id)!;
      lease.answered(answer);
      if (lease.isEnding) this.retire(lease);
      this.deps.stands?.([lease.claim], [lease.stateWithout(now)]);
    }
  }

  /** Null: one of them has too little left, or there is none. */
  private leasesFor(claims: readonly Claim[], now: Milliseconds): Lease[] | null {
    if (this.leases.size === 0) return null;
    const leases: Lease[] = [];
    for (const claim of claims) {
      const lease = this.leases.get(claim.counter);
      if (lease === undefined || lease.left < amountOf(claim) || !lease.covers(claim, now)) return null;
      leases.push(lease);
    }
    return leases;
  }

  private ask(reservation: Reservation, now: Milliseconds): Decision | Promise<Decision> {
    for (const claim of reservation.claims) this.miss(claim, now);
    this.wait();
    return this.deps.asked.reserve(reservation);
  }

  /** Was settled here: the control process has never heard of it. */
  private async usedUp(claims: readonly Claim[]): Promise<Decision> {
    const states = await this.deps.asked.peek(claims);
    return { isGranted: claims.length === 0, refusedBy: claims.length === 0 ? -1 : 0, states };
  }

  private miss(claim: Claim, now: Milliseconds): void {
    const { counter } = claim;
    const lease = this.leases.get(counter);
    if (lease?.covers(claim, now) === true) return lease.miss(amountOf(claim));
    if (lease !== undefined) {
      lease.end();
      this.retire(lease);
    }
    const candidate = this.candidates.get(counter);
    if (candidate !== undefined && isSame(candidate.claim, claim)) candidate.asked++;
    else if (this.candidates.size < MOST_LEASES) this.candidates.set(counter, { claim, asked: 1 });
  }

  private wait(): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.later(() => this.turn());
  }

  private turn(): void {
    this.isWaiting = false;
    // Who does not answer is not told more and more.
    if (this.unanswered === 0) this.tell(this.now());
    if (this.all.size > 0) this.wait();
  }

  /** @param isAsked the other side waits: it is told that there is nothing, too */
  private tell(now: Milliseconds, isAsked = false): void {
    const opened = this.openWorthy(now);
    const reports: number[] = [];
    const closed: number[] = [];
    for (const lease of this.all.values())
      if (lease.hasNews()) addReport(reports, lease.report(now));
      else if (lease.isOver) closed.push(lease.id);
    for (const id of closed) this.forget(id);
    if (reports.length === 0 && closed.length === 0 && !isAsked) return;
    this.unanswered++;
    this.deps.tell({ opened: opened.map(({ id }) => id), claims: opened.map(({ claim }) => claim), reports, closed });
  }

  private openWorthy(now: Milliseconds): Lease[] {
    const opened: Lease[] = [];
    for (const { claim, asked } of this.candidates.values()) {
      if (asked < WORTH_IT || this.all.size >= MOST_LEASES) continue;
      const lease = new Lease(++this.lastId, claim, now);
      lease.miss(amountOf(claim));
      this.all.set(lease.id, lease);
      this.leases.set(claim.counter, lease);
      opened.push(lease);
    }
    this.candidates.clear();
    return opened;
  }

  private forget(id: number): void {
    this.retire(this.all.get(id)!);
    this.all.delete(id);
  }

  private retire(lease: Lease): void {
    const { counter } = lease.claim;
    if (this.leases.get(counter) === lease) this.leases.delete(counter);
  }

  private now(): Milliseconds {
    return Math.floor(this.deps.clock.wall());
  }
}

const amountOf = (claim: Claim): number => (claim.kind === 'place' ? 1 : claim.amount);
const isOver = (until: Milliseconds, now: Milliseconds): boolean => until <= now;

/** Of one counter: whether the limit is the same. */
function isSame(one: Claim, other: Claim): boolean {
  if (one.kind !== other.kind || one.limit !== other.limit) return false;
  return one.kind !== 'rate' || one.per === (other as typeof one).per;
}

function granted(leases: readonly Lease[], now: Milliseconds): Decision {
  const states: ClaimState[] = [];
  for (const lease of leases) states.push(lease.state(now));
  return { isGranted: true, refusedBy: -1, states };
}
