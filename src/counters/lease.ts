import type { Claim, ClaimState } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { calendarWindow, partLength } from './account.ts';
import type { LeaseAnswer, LeaseReport, Refund } from './lease-wire.ts';

/** Units of a rate that were taken between two reports. */
export interface Epoch {
  /** When all that was owed when they were told of has flowed off; 0: they are not told of yet, or nobody has answered. */
  freeAt: Milliseconds;
  /** Not used after all, and not told of yet. */
  unused: number;
}

const newEpoch = (): Epoch => ({ freeAt: 0, unused: 0 });

/** Without news for so many turns: it is given back. */
const IDLE_TURNS = 40;

/** What this process may take of one counter without asking, and what it has to tell of it. */
export class Lease {
  readonly id: number;
  readonly claim: Claim;
  left = 0;
  /** Requests that hold something of it. */
  open = 0;
  private readonly window: string | null;
  /** What is left of it by the other side's account, when all that was sent has arrived. */
  private toldLeft = 0;
  private taken = 0;
  private spent = 0;
  private need = 0;
  private epoch = newEpoch();
  /** Told of and not answered, in order. */
  private unanswered: Epoch[] = [];
  private refunds: Epoch[] = [];
  private remaining = 0;
  private resetAt: Milliseconds = 0;
  private turnsIdle = 0;
  private hasEnded = false;

  constructor(id: number, claim: Claim, now: Milliseconds) {
    this.id = id;
    this.claim = claim;
    this.window = windowOf(claim, now);
  }

  /** Whether it is of the same limit, and of the window that is open now. */
  covers(claim: Claim, now: Milliseconds): boolean {
    const own = this.claim;
    if (claim.limit !== own.limit) return false;
    if (claim.kind === 'place') return own.kind === 'place';
    if (claim.kind === 'rate') return own.kind === 'rate' && claim.per === own.per;
    return own.kind === 'budget' && this.window !== null && windowOf(claim, now) === this.window;
  }

  /** It is asked for, and not given from here: the next report says so. */
  miss(amount: number): void {
    this.need = Math.max(this.need, amount, 1);
  }

  /** @returns by what it is known when it is settled */
  take(amount: number): Epoch {
    this.left -= amount;
    this.taken += amount;
    this.open++;
    this.need = Math.max(this.need, amount, 1);
    return this.epoch;
  }

  /** What was really used in place of `amount`. */
  settle(amount: number, actual: number, epoch: Epoch): void {
    const { kind } = this.claim;
    this.open--;
    if (kind === 'rate') return this.settleRate(amount - actual, epoch);
    const used = kind === 'place' ? 0 : actual;
    this.taken -= amount;
    this.spent += used;
    this.comesBack(amount - used);
  }

  /** It is good for what is open only. */
  get isEnding(): boolean {
    return this.hasEnded;
  }

  end(): void {
    this.hasEnded = true;
    this.giveBack();
  }

  giveBack(): void {
    this.left = 0;
  }

  /** Each time there may be something to tell. @returns whether there is */
  hasNews(): boolean {
    const isUsed = this.need > 0 || this.taken !== 0 || this.spent !== 0 || this.refunds.length > 0;
    this.turnsIdle = isUsed ? 0 : this.turnsIdle + 1;
    if (this.turnsIdle >= IDLE_TURNS) this.giveBack();
    return isUsed || this.left !== this.toldLeft;
  }

  /** Whether nothing is left of it, nor open, nor under way. */
  get isOver(): boolean {
    const isUnused = this.hasEnded || this.turnsIdle >= IDLE_TURNS;
    return isUnused && this.left === 0 && this.toldLeft === 0 && this.open === 0 && this.unanswered.length === 0;
  }

  report(now: Milliseconds): LeaseReport {
    const { id, taken, spent, need } = this;
    const report = { id, drawn: this.toldLeft - this.left, taken, spent, need, refunds: this.takeRefunds(now) };
    this.toldLeft = this.left;
    this.taken = 0;
    this.spent = 0;
    this.need = 0;
    this.unanswered.push(this.epoch);
    this.epoch = newEpoch();
    return this.hasEnded ? { ...report, need: 0 } : report;
  }

  answered({ grant, target, remaining, resetAt }: LeaseAnswer): void {
    this.left += grant;
    this.toldLeft += grant;
    this.remaining = remaining;
    this.resetAt = resetAt;
    this.unanswered.shift()!.freeAt = resetAt;
    if (this.hasEnded || target === 0) this.end();
    // Not for little: what comes back of requests is lent to the next ones.
    else if (this.left > 2 * target) this.left = target;
  }

  /** As it was told last, less what was taken since. */
  state(now: Milliseconds): ClaimState {
    const { claim } = this;
    const untold = this.toldLeft - this.left;
    const flowsOff = claim.kind === 'rate' && claim.limit > 0 ? Math.ceil((untold * claim.per) / claim.limit) : 0;
    return {
      remaining: Math.max(0, this.remaining - untold),
      resetAfter: claim.kind === 'place' ? 0 : Math.max(0, this.resetAt - now) + Math.max(0, flowsOff),
      retryAfter: 0,
    };
  }

  /** As if all that is left of it were taken. */
  stateWithout(now: Milliseconds): ClaimState {
    const { claim, left } = this;
    const state = this.state(now);
    const flowsOff = claim.kind === 'rate' && claim.limit > 0 ? Math.ceil((left * claim.per) / claim.limit) : 0;
    return { ...state, remaining: Math.max(0, state.remaining - left), resetAfter: state.resetAfter + flowsOff };
  }

  private settleRate(unused: number, epoch: Epoch): void {
    if (unused <= 0 || epoch === this.epoch) {
      this.taken -= unused;
      return this.comesBack(unused);
    }
    if (epoch.unused === 0) this.refunds.push(epoch);
    epoch.unused += unused;
  }

  /** Below 0: more was used than reserved. What is beyond the lease is told of like the rest, and was never lent. */
  private comesBack(amount: number): void {
    if (!this.hasEnded) this.left = Math.max(0, this.left + amount);
  }

  /** As with `RateMeter.settle`: of what has flowed off nothing comes back. */
  private takeRefunds(now: Milliseconds): readonly Refund[] {
    if (this.refunds.length === 0) return NO_REFUNDS;
    const refunds: Refund[] = [];
    const unknown: Epoch[] = [];
    for (const epoch of this.refunds) {
      if (epoch.freeAt === 0) {
        unknown.push(epoch);
        continue;
      }
      if (epoch.freeAt > now) refunds.push({ freeAt: epoch.freeAt, amount: epoch.unused });
      epoch.unused = 0;
    }
    this.refunds = unknown;
    return refunds;
  }
}

const NO_REFUNDS: readonly Refund[] = [];

/** Of a budget; null: all have ended. */
function windowOf(claim: Claim, now: Milliseconds): string | null {
  if (claim.kind !== 'budget') return null;
  const { window } = claim;
  if (window.kind === 'rolling') return `${partLength(window)}/${window.parts}`;
  return calendarWindow(window.windows, now)?.name ?? null;
}
