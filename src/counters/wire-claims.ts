import type { BudgetWindow, CalendarWindow, Claim, ClaimState, Decision } from '../core/counters.ts';

/** Claims one after the other, without the names of their fields: half of what a call between processes costs is names. */
export type WireClaims = readonly (string | number)[];

/** Which claim refused, then three numbers of each state; as the script on Redis answers. */
export type WireDecision = readonly number[];

const RATE = 0;
const PLACE = 1;
const ROLLING = 2;
const CALENDAR = 3;
const NUMBERS_OF_A_STATE = 3;
const NONE = -1;

/** Without `whenDown`: whoever counts is there. */
export function toWire(claims: readonly Claim[]): WireClaims {
  const wire: (string | number)[] = [];
  for (const claim of claims) {
    const { counter, limit } = claim;
    if (claim.kind === 'rate') wire.push(RATE, counter, limit, claim.amount, claim.per);
    else if (claim.kind === 'place') wire.push(PLACE, counter, limit);
    else if (claim.window.kind === 'rolling')
      wire.push(ROLLING, counter, limit, claim.amount, claim.window.length, claim.window.parts);
    else {
      const { windows } = claim.window;
      wire.push(CALENDAR, counter, limit, claim.amount, windows.length);
      for (const { name, end } of windows) wire.push(name, end);
    }
  }
  return wire;
}

export function fromWire(wire: WireClaims): Claim[] {
  const reader = new WireReader(wire);
  const claims: Claim[] = [];
  while (!reader.isAtEnd) claims.push(readClaim(reader));
  return claims;
}

export function toWireDecision({ refusedBy, states }: Decision): WireDecision {
  return [refusedBy, ...toWireStates(states)];
}

export function toWireStates(states: readonly ClaimState[]): readonly number[] {
  const wire: number[] = [];
  for (const { remaining, resetAfter, retryAfter } of states) wire.push(remaining, resetAfter, retryAfter ?? NONE);
  return wire;
}

export function fromWireDecision(wire: WireDecision): Decision {
  const refusedBy = wire[0]!;
  return { isGranted: refusedBy < 0, refusedBy, states: fromWireStates(wire, 1) };
}

/** @param from where the first one begins */
export function fromWireStates(wire: readonly number[], from = 0): ClaimState[] {
  const states: ClaimState[] = [];
  for (let at = from; at < wire.length; at += NUMBERS_OF_A_STATE) {
    const retryAfter = wire[at + 2]!;
    states.push({
      remaining: wire[at]!,
      resetAfter: wire[at + 1]!,
      retryAfter: retryAfter === NONE ? null : retryAfter,
    });
  }
  return states;
}

class WireReader {
  private readonly wire: WireClaims;
  private at = 0;

  constructor(wire: WireClaims) {
    this.wire = wire;
  }

  get isAtEnd(): boolean {
    return this.at >= this.wire.length;
  }

  text(): string {
    return this.wire[this.at++] as string;
  }

  number(): number {
    return this.wire[this.at++] as number;
  }
}

function readClaim(reader: WireReader): Claim {
  const kind = reader.number();
  const counter = reader.text();
  const limit = reader.number();
  if (kind === PLACE) return { kind: 'place', counter, limit };
  const amount = reader.number();
  if (kind === RATE) return { kind: 'rate', counter, limit, amount, per: reader.number() };
  return {
    kind: 'budget',
    counter,
    limit,
    amount,
    window: kind === ROLLING ? readRolling(reader) : readCalendar(reader),
  };
}

function readRolling(reader: WireReader): BudgetWindow {
  return { kind: 'rolling', length: reader.number(), parts: reader.number() };
}

function readCalendar(reader: WireReader): BudgetWindow {
  const windows: CalendarWindow[] = [];
  for (let left = reader.number(); left > 0; left--) windows.push({ name: reader.text(), end: reader.number() });
  return { kind: 'calendar', windows };
}
