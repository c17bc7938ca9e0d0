import type { Logger } from 'pino';
import type { AdminServer } from './admin/server.ts';
import { EventFeed } from './controller/event-feed.ts';
import type { Stores } from './core/stores.ts';
import type { Milliseconds } from './core/units.ts';
import type { StoredKeys } from './identify/stored-keys.ts';
import type { RolloutRegistry } from './rollout/registry.ts';

/** How often what other gateways wrote to the same store is taken over, also where nobody tells. */
const LOOK_EVERY: Milliseconds = 500;

interface Followed {
  readonly stores: Stores;
  readonly rollouts: RolloutRegistry;
  readonly storedKeys: StoredKeys;
  readonly log: Logger;
}

/** A weight that is set, or a key that is revoked, on another gateway of the same store holds here within a second. */
export function followOthers({ stores, rollouts, storedKeys, log }: Followed, opened: AsyncDisposableStack): void {
  let hasFailed = false;
  const refresh = oneAtATime(() =>
    rollouts.refresh().then(
      () => void (hasFailed = false),
      (error: unknown) => {
        if (!hasFailed) log.error({ err: error }, 'the store cannot be read; rollouts stay as they were');
        hasFailed = true;
      },
    ),
  );
  const timer = setInterval(() => {
    refresh();
    void storedKeys.poll();
  }, LOOK_EVERY).unref();
  const stopWatching = stores.watch((topic) => (topic === 'rollouts' ? refresh() : void storedKeys.poll()));
  opened.defer(() => {
    clearInterval(timer);
    stopWatching();
  });
}

/** Every event of the store to the listeners here, whichever gateway it happened on. */
export async function followEvents(
  { stores, rollouts, log }: Followed,
  admin: AdminServer,
  opened: AsyncDisposableStack,
): Promise<void> {
  const feed = new EventFeed(stores.rollouts, await stores.rollouts.newestEvent(), (event) =>
    admin.publishEvent(event),
  );
  const poll = (): void =>
    void feed.poll().catch((error: unknown) => log.debug({ err: error }, 'events cannot be read'));
  const timer = setInterval(poll, LOOK_EVERY).unref();
  const stopListening = rollouts.listen(poll);
  const stopWatching = stores.watch((topic) => (topic === 'rollouts' ? poll() : undefined));
  opened.defer(() => {
    clearInterval(timer);
    stopListening();
    stopWatching();
  });
}

/** While a store hangs looks do not pile up. One that is asked for meanwhile follows, as it may see more. */
function oneAtATime(look: () => Promise<void>): () => void {
  let isLooking = false;
  let isAskedAgain = false;
  const start = (): void => {
    isAskedAgain = isLooking;
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
      if (isAskedAgain) start();
    });
  };
  return start;
}
