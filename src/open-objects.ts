import type { Logger } from 'pino';
import { ObjectHomes } from './affinity/object-homes.ts';
import type { Clock } from './core/clock.ts';
import type { Stores } from './core/stores.ts';
import type { Milliseconds } from './core/units.ts';

/** What has expired is nobody's any more when it is asked for; the table need not be tidy at once. */
const SWEEP: Milliseconds = 3_600_000;

interface ObjectDeps {
  readonly stores: Pick<Stores, 'objects'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Which provider made what, and for whom; what waits to be written is written at the end. */
export function openObjects({ stores, clock, log }: ObjectDeps, opened: AsyncDisposableStack): ObjectHomes {
  const failed = (error: unknown): void =>
    log.error({ err: error }, 'ids of objects cannot be written to the store; they are kept in memory and tried again');
  const objects = new ObjectHomes({ store: stores.objects, clock, failed });
  const sweep = setInterval(() => void stores.objects.removeExpired(clock.wall()).catch(failed), SWEEP).unref();
  opened.defer(async () => {
    clearInterval(sweep);
    await objects.close();
  });
  return objects;
}
