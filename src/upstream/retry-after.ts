import type { Clock } from '../core/clock.ts';
import { readRetryAfter } from '../core/retry-after.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Attempt } from './attempt.ts';

/** How long a reply asks to wait; null: it does not say. `retry-after-ms` is OpenAI's. */
export function retryAfter(reply: Pick<Attempt, 'header'>, clock: Clock): Milliseconds | null {
  const milliseconds = Number(reply.header('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds);
  return readRetryAfter(reply.header('retry-after'), clock.wall());
}
