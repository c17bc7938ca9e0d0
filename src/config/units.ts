import { z } from 'zod';
import type { BudgetPeriod } from '../core/limits.ts';
import { notation, told } from './zod-kit.ts';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** Node's timers fire at once beyond this. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const BYTES: Readonly<Record<string, number>> = { '': 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Milliseconds from `500ms`, `30s`, `10m` or `2h`. */
export const duration = () =>
  notation(
    'duration',
    'must be a duration',
    'write a number with a unit: 500ms, 30s, 10m or 2h (at most 500h)',
    (text) => {
      const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
      if (amount === undefined || unit === undefined) return null;
      const milliseconds = Math.round(Number(amount) * MILLISECONDS[unit]!);
      return milliseconds <= MAX_TIMER_MS ? milliseconds : null;
    },
  );

/** Milliseconds from `90s`, `10m`, `24h` or `30d`; for spans that no timer waits for. */
export const longDuration = () =>
  notation('duration', 'must be a duration above 0', 'write a number with a unit: 90s, 10m, 24h or 30d', (text) => {
    const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
    if (amount === undefined || unit === undefined) return null;
    const milliseconds = Math.round(Number(amount) * (unit === 'd' ? 24 * MILLISECONDS['h']! : MILLISECONDS[unit]!));
    return milliseconds > 0 ? milliseconds : null;
  });

/** As `duration`, but not 0: a limit of no time at all would refuse everything. */
export const timeLimit = () =>
  duration().refine((milliseconds) => milliseconds > 0, told('must be longer than 0', 'write a duration such as 30s'));

/** 0 to 100 from `5%`, `0.5%` or 5. */
export const percent = () =>
  notation('percentage', 'must be a percentage', 'write a number from 0 to 100, with or without %: 5%', (text) => {
    const [, digits] = /^(\d+(?:\.\d+)?) ?%?$/.exec(text) ?? [];
    return digits !== undefined && Number(digits) <= 100 ? Number(digits) : null;
  });

/** Bytes from `20MiB`, `512KiB` or a number. */
export const byteSize = () =>
  notation('size', 'must be a size', 'write a number of bytes, or one with a unit: 512KiB, 20MiB, 1GiB', (text) => {
    const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(|B|KiB|MiB|GiB)$/.exec(text) ?? [];
    if (amount === undefined || unit === undefined) return null;
    const bytes = Math.round(Number(amount) * BYTES[unit]!);
    return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : null;
  });

/** A whole number; text is taken too, so that it can come from the environment. */
export const wholeNumber = (minimum: number, maximum: number) =>
  notation('whole number', 'must be a whole number', `write a whole number from ${minimum} to ${maximum}`, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : null;
    return value !== null && value >= minimum && value <= maximum ? value : null;
  });

export const share = () =>
  notation('number', 'must be a number from 0 to 1', 'write a share such as 0.2', (text) =>
    /^(?:0|1|0?\.\d+|1\.0+)$/.test(text) ? Number(text) : null,
  );

/** Above 0. */
export const weight = () =>
  notation('weight', 'must be a weight', 'write a number above 0, at most 1000', (text) => {
    const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
    return value > 0 && value <= 1000 ? value : null;
  });

/** An amount of money, 0 or more. */
export const price = () =>
  notation('price', 'must be a price', 'write US dollars per million tokens, e.g. 2.5', (text) =>
    /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : null,
  );

/** Text is taken too, so that it can come from the environment. */
export const yesOrNo = () =>
  z
    .union([z.boolean(), z.enum(['true', 'false'])], { error: told('must be true or false', 'write true or false') })
    .meta({ title: 'boolean' })
    .transform((value) => value === true || value === 'true');

/** Milliseconds since the epoch from `2027-01-31` or `2027-01-31T12:00:00Z`; a time needs its zone. */
export const instant = () =>
  notation('instant', 'must be a date or an instant', 'write e.g. 2027-01-31 or 2027-01-31T12:00:00Z', (text) => {
    if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)) return null;
    const milliseconds = Date.parse(text);
    // February 30 is March 2 to Date.
    const isReal = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(text.slice(8, 10));
    return Number.isNaN(milliseconds) || !isReal ? null : milliseconds;
  });

/** The syntax of a budget: `50 USD/month`. */
export const budget = () =>
  syntax('budget', /^\d+(\.\d+)? ?USD\/(hour|day|week|month)$/, 'write an amount per period: 20 USD/day, 50 USD/month');

/** As `rate`, in whole units per millisecond span. */
export const rateLimit = () =>
  notation('rate', 'must be a rate', 'write a whole amount per time: 600/m, 200k/m, 1M/d', (text) => {
    const [, amount, unit, per] = /^(\d+(?:\.\d+)?)([kM]?)\/(s|m|h|d)$/.exec(text) ?? [];
    if (amount === undefined) return null;
    const units = Number((Number(amount) * { '': 1, k: 1_000, M: 1_000_000 }[unit as '' | 'k' | 'M']).toPrecision(15));
    const time = per === 'd' ? 24 * MILLISECONDS['h']! : MILLISECONDS[per!]!;
    // Beyond this sums of it are no longer exact.
    return units > 0 && Number.isInteger(units) && Number.isSafeInteger(units * time)
      ? { amount: units, per: time }
      : null;
  });

/** `50 USD/month`, `5 USD/day rolling`. */
export const budgetLimit = () =>
  notation(
    'budget',
    'must be a budget',
    'write an amount per period: 50 USD/month, 20 USD/day, 5 USD/hour rolling (at most 1000000 USD)',
    (text) => {
      const [, usd, per, rolling] = /^(\d+(?:\.\d{1,9})?) ?USD\/(hour|day|week|month)( rolling)?$/.exec(text) ?? [];
      if (usd === undefined || Number(usd) > 1_000_000) return null;
      return { usd: Number(usd), per: per as BudgetPeriod, isRolling: rolling !== undefined };
    },
  );

/** `closed`, or the share of a limit that this gateway grants alone: `25%`. */
export const counterFailure = () =>
  notation('counter failure', 'must say what holds', 'write closed, or a share of the limit such as 25%', (text) => {
    if (text === 'closed') return { kind: 'closed' } as const;
    const [, digits] = /^(\d+(?:\.\d+)?) ?%$/.exec(text) ?? [];
    const share = Number(digits) / 100;
    return share > 0 && share <= 1 ? ({ kind: 'local', share } as const) : null;
  });

/** The syntax of a relative margin: `+25%`. */
export const margin = () => syntax('margin', /^[+-]?\d+(\.\d+)?%$/, 'write a relative change: +25%');

function syntax(title: string, pattern: RegExp, fix: string) {
  return notation(title, `must be a ${title}`, fix, (text) => (pattern.test(text) ? text : null));
}
