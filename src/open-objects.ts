import type { Logger } from 'pino';
import { ObjectHomes } from './affinity/object-homes.ts';
import type { Clock } from './core/clock.ts';
import type { ObjectStore } from './core/stores.ts';
import type { Milliseconds } from './core/units.ts';

/** What has expired is nobody's any more when it is asked for; the table need not be tidy at once. */
const SWEEP: Milliseconds = 3_600_000;

interface ObjectDeps<Store> {
  readonly stores: { readonly objects: Store };
  readonly clock: Clock;
  readonly log: Logger;
}

/** Which provider made what, and for whom; what waits to be written is written at the end. */
export function openObjects(deps: ObjectDeps<ObjectStore>, opened: AsyncDisposableStack): ObjectHomes {
  const { stores, clock } = deps;
  const failed = failing(deps.log);
  const sweep = setInterval(() => void stores.objects.removeExpired(clock.wall()).catch(failed), SWEEP).unref();
  opened.defer(() => clearInterval(sweep));
  return openObjectHomes(deps, opened);
}

/** The same, where somebody else tidies the table. */
export function openObjectHomes(
  { stores, clock, log }: ObjectDeps<Omit<ObjectStore, 'removeExpired'>>,
  opened: AsyncDisposableStack,
): ObjectHomes {
  const objects = new ObjectHomes({ store: stores.objects, clock, failed: failing(log) });
  opened.defer(() => objects.close());
  return objects;
}

function failing(log: Logger): (error: unknown) => void {
  return (error) =>
    log.error({ err: error }, 'ids of objects cannot be written to the store; they are kept in memory and tried again');
}
