import type { Milliseconds } from '../core/units.ts';

/** What a process that leases tells of one lease since it told last, and what it hears: numbers only, one after the other. */
export type WireReports = readonly number[];
export type WireAnswers = readonly number[];

/** Of a rate: unused units of what was told before, all of which flows off until `freeAt`. */
export interface Refund {
  readonly freeAt: Milliseconds;
  readonly amount: number;
}

export interface LeaseReport {
  readonly id: number;
  /** So much less is left of it. */
  readonly drawn: number;
  /** Of a rate: units that were taken. Of places and money: so much more is reserved. */
  readonly taken: number;
  readonly spent: number;
  /** The most that was asked for at once; 0: nothing was. */
  readonly need: number;
  readonly refunds: readonly Refund[];
}

/** One for each report, in their order. */
export interface LeaseAnswer {
  readonly id: number;
  /** So much more may be taken. */
  readonly grant: number;
  /** So much should be left of it; what is more should be given back. */
  readonly target: number;
  /** How the counter stands. */
  readonly remaining: number;
  /** When all of it is free again. */
  readonly resetAt: Milliseconds;
}

const NUMBERS_OF_AN_ANSWER = 5;

export function addReport(wire: number[], { id, drawn, taken, spent, need, refunds }: LeaseReport): void {
  wire.push(id, drawn, taken, spent, need, refunds.length);
  for (const { freeAt, amount } of refunds) wire.push(freeAt, amount);
}

export function* reportsOf(wire: WireReports): Generator<LeaseReport> {
  let at = 0;
  const next = (): number => wire[at++]!;
  while (at < wire.length) {
    const report = { id: next(), drawn: next(), taken: next(), spent: next(), need: next() };
    const refunds = Array.from({ length: next() }, () => ({ freeAt: next(), amount: next() }));
    yield { ...report, refunds };
  }
}

export function addAnswer(wire: number[], { id, grant, target, remaining, resetAt }: LeaseAnswer): void {
  wire.push(id, grant, target, remaining, resetAt);
}

export function* answersOf(wire: WireAnswers): Generator<LeaseAnswer> {
  for (let at = 0; at < wire.length; at += NUMBERS_OF_AN_ANSWER)
    yield {
      id: wire[at]!,
      grant: wire[at + 1]!,
      target: wire[at + 2]!,
      remaining: wire[at + 3]!,
      resetAt: wire[at + 4]!,
    };
}
