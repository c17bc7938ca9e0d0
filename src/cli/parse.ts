import { UsageError } from './errors.ts';

/** `37`, `37%` and `0.5` are all percent. @throws UsageError */
export function parsePercent(text: string): number {
  if (/^(\d+(\.\d+)?|\.\d+) ?%?$/.test(text)) return Number.parseFloat(text);
  throw new UsageError(`"${text}" is not a percentage; write e.g. 37, 37% or 0.5`);
}

/** Milliseconds from `500ms`, `30s`, `10m` or `2h`, up to what a timer can wait for. @throws UsageError */
export function parseDuration(option: string, text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (milliseconds > 0 && milliseconds < 2 ** 31) return milliseconds;
  throw new UsageError(`${option}: "${text}" is not a duration; write e.g. 90s, 10m or 2h`);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** @throws UsageError */
export function wholeCount(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`${option}: "${text}" is not a whole number from 1`);
}
