import type { Milliseconds } from './units.ts';

/** How long the header asks to wait; null: it does not say. @source RFC 9110 section 10.2.3: seconds or a date */
export function readRetryAfter(header: string | undefined, wall: Milliseconds): Milliseconds | null {
  const text = header?.trim() ?? '';
  const asked = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - wall;
  return Number.isNaN(asked) ? null : Math.max(0, asked);
}
