import type { Chars } from '../core/units.ts';

/** A longer value is no name that anybody wrote a rule for: the rule that reads it cannot be judged. */
export const LONGEST_VALUE: Chars = 4096;
/** Longer lists cannot be judged either. */
export const LONGEST_LIST = 1000;

/** @throws RangeError */
export function bounded(text: string): string {
  if (text.length > LONGEST_VALUE) throw new RangeError(`a text of more than ${LONGEST_VALUE} characters`);
  return text;
}

/** @throws RangeError */
export function boundedList(list: readonly string[]): readonly string[] {
  if (list.length > LONGEST_LIST) throw new RangeError(`a list of more than ${LONGEST_LIST} entries`);
  return list;
}

/** What a caller or provider wrote as a number may be any. */
export function whole(value: number): number {
  return Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(value)));
}
