import { UsageError } from './errors.ts';

/** `37`, `37%` and `0.5` are all percent. @throws UsageError */
export function parsePercent(text: string): number {
  if (/^(\d+(\.\d+)?|\.\d+) ?%?$/.test(text)) return Number.parseFloat(text);
  throw new UsageError(`"${text}" is not a percentage; write e.g. 37, 37% or 0.5`);
}

/** @throws UsageError */
export function wholeCount(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`${option}: "${text}" is not a whole number from 1`);
}
