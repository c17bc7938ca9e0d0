import type { Clock } from '../core/clock.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Attempt } from './attempt.ts';

/** How long a reply asks to wait; null: it does not say. @source RFC 9110 section 10.2.3: seconds or a date; `retry-after-ms` is OpenAI's */
export function retryAfter(reply: Pick<Attempt, 'header'>, clock: Clock): Milliseconds | null {
  const milliseconds = Number(reply.header('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds);
  const text = reply.header('retry-after') ?? '';
  const asked = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - clock.wall();
  return Number.isNaN(asked) ? null : Math.max(0, asked);
}
