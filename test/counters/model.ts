import type { BudgetClaim, Claim, PlaceClaim, RateClaim, Reservation } from '../../src/core/counters.ts';

/** A reservation as it was made, and what became of it. */
interface Entry {
  readonly reservation: Reservation;
  readonly reservedAt: number;
  expiresAt: number;
  settled: { readonly at: number; readonly actual: readonly number[] } | null;
  /** Of each rate claim: when the debt that stood there after it has flowed off. */
  readonly freeAt: readonly number[];
}

interface Charge {
  readonly claim: BudgetClaim;
  readonly window: string | null;
  readonly at: number;
  readonly amount: number;
}

interface Debt {
  /** Units times the limit's period, so that `limit` of it flows off each millisecond. */
  scaled: bigint;
  at: number;
}

const SETTLED_KEPT = 120_000;
const EXPIRED_KEPT = 3_600_000;

/** What counters do, said plainly: everything that happened is kept, and added up anew for every question. */
export class CounterModel {
  now: number;
  private readonly entries = new Map<string, Entry>();
  private readonly charges: Charge[] = [];
  private readonly debts = new Map<string, Debt>();

  constructor(now: number) {
    this.now = now;
  }

  /** @returns the index of the claim that refuses; -1 where all fit */
  reserve(reservation: Reservation): number {
    const { id, claims, expiresIn } = reservation;
    const known = this.known(id);
    if (known !== null) return this.isOpen(known) ? -1 : 0;
    const refusedBy = claims.findIndex((claim) => claimAmount(claim) > this.free(claim));
    if (refusedBy >= 0) return refusedBy;
    const freeAt = claims.map((claim) => (claim.kind === 'rate' ? this.addDebt(claim, claim.amount) : 0));
    const expiresAt = this.now + expiresIn;
    this.entries.set(id, { reservation, reservedAt: this.now, expiresAt, settled: null, freeAt });
    return -1;
  }

  settle({ id, claims, expiresIn }: Reservation, actual: readonly number[]): void {
    const known = this.known(id);
    if (known?.settled) return;
    for (const [index, claim] of claims.entries()) {
      if (claim.kind === 'rate') this.settleRate(claim, actual[index]!, known?.freeAt[index] ?? null);
      if (claim.kind === 'budget') this.charge(claim, actual[index]!, known?.reservedAt ?? this.now);
    }
    const settled = { at: this.now, actual };
    if (known !== null) known.settled = settled;
    else {
      const reservation = { id, claims, expiresIn };
      this.entries.set(id, { reservation, reservedAt: this.now, expiresAt: this.now, settled, freeAt: [] });
    }
  }

  renew(ids: readonly string[], expiresIn: number): void {
    for (const id of ids) {
      const known = this.known(id);
      if (known !== null && this.isOpen(known)) known.expiresAt = Math.max(known.expiresAt, this.now + expiresIn);
    }
  }

  /** What a claim finds free; below 0 where more was used than may be. */
  free(claim: Claim): number {
    if (claim.kind === 'rate') return this.freeRate(claim);
    if (claim.kind === 'place') return claim.limit - this.openClaims(claim).length;
    return this.freeBudget(claim);
  }

  private known(id: string): Entry | null {
    const entry = this.entries.get(id);
    if (entry === undefined) return null;
    const forgetAt = entry.settled === null ? entry.expiresAt + EXPIRED_KEPT : entry.settled.at + SETTLED_KEPT;
    return forgetAt > this.now ? entry : null;
  }

  private isOpen({ settled, expiresAt }: Entry): boolean {
    return settled === null && expiresAt > this.now;
  }

  private openClaims(like: BudgetClaim | PlaceClaim): { claim: Claim; reservedAt: number }[] {
    return [...this.entries.values()]
      .filter((entry) => this.isOpen(entry))
      .flatMap(({ reservation, reservedAt }) => reservation.claims.map((claim) => ({ claim, reservedAt })))
      .filter(({ claim }) => claim.kind === like.kind && claim.counter === like.counter);
  }

  private freeBudget(claim: BudgetClaim): number {
    const { window, counter, limit } = claim;
    const name = windowName(claim, this.now);
    if (window.kind === 'calendar' && name === null) return -1;
    const open = this.openClaims(claim).filter(
      (open) => windowName(open.claim as BudgetClaim, open.reservedAt) === name,
    );
    const reserved = sum(open.map(({ claim }) => claimAmount(claim)));
    const charges = this.charges.filter((charge) => charge.claim.counter === counter && charge.window === name);
    const spent = sum(charges.filter((charge) => this.counts(charge)).map(({ amount }) => amount));
    return limit - spent - reserved;
  }

  /** Whether any moment of the charge's part lies in the window that ends now. */
  private counts({ claim, at }: Charge): boolean {
    if (claim.window.kind === 'calendar') return true;
    const { length, parts } = claim.window;
    const part = Math.ceil(length / parts);
    const lastMoment = (Math.floor(at / part) + 1) * part;
    return lastMoment > this.now - part * parts;
  }

  private charge(claim: BudgetClaim, amount: number, reservedAt: number): void {
    this.charges.push({ claim, window: windowName(claim, reservedAt), at: this.now, amount });
  }

  private debt({ counter, limit }: RateClaim): Debt {
    const debt = this.debts.get(counter) ?? { scaled: 0n, at: this.now };
    const left = debt.scaled - BigInt(this.now - debt.at) * BigInt(limit);
    const drained = { scaled: left > 0n ? left : 0n, at: this.now };
    this.debts.set(counter, drained);
    return drained;
  }

  private freeRate(claim: RateClaim): number {
    const capacity = BigInt(claim.limit) * BigInt(claim.per);
    const free = capacity - this.debt(claim).scaled;
    if (free < 0n) return -1;
    return Number(free / BigInt(claim.per));
  }

  /** @returns when all of it has flowed off */
  private addDebt(claim: RateClaim, units: number): number {
    const debt = this.debt(claim);
    debt.scaled += BigInt(units) * BigInt(claim.per);
    return this.now + Math.ceil(Number(debt.scaled) / claim.limit);
  }

  private settleRate(claim: RateClaim, actual: number, freeAt: number | null): void {
    if (freeAt === null) return void this.addDebt(claim, actual);
    if (actual >= claim.amount) return void this.addDebt(claim, actual - claim.amount);
    const debt = this.debt(claim);
    const unused = BigInt(claim.amount - actual) * BigInt(claim.per);
    const notYetGone = BigInt(Math.max(0, freeAt - this.now)) * BigInt(claim.limit);
    const back = [unused, notYetGone, debt.scaled].reduce((least, each) => (each < least ? each : least));
    debt.scaled -= back;
  }
}

const claimAmount = (claim: Claim): number => (claim.kind === 'place' ? 1 : claim.amount);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Null: of the calendar all have ended; a rolling one has no name. */
function windowName({ window }: BudgetClaim, at: number): string | null {
  if (window.kind === 'rolling') return 'rolling';
  return window.windows.find(({ end }) => end > at)?.name ?? null;
}
