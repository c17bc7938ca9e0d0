import type { Logger } from 'pino';
import type { AdminServer } from './admin/server.ts';
import { EventFeed } from './controller/event-feed.ts';
import type { RolloutRegistry } from './rollout/registry.ts';
import type { Stores } from './core/stores.ts';

/** How often what other gateways wrote to the same store is taken over. */
const STORE_REFRESH_MS = 500;

interface Followed {
  readonly stores: Stores;
  readonly rollouts: RolloutRegistry;
  readonly log: Logger;
}

/** A weight that is set on another gateway of the same store holds here within a second. */
export function followOthers(rollouts: RolloutRegistry, log: Logger, opened: AsyncDisposableStack): void {
  let hasFailed = false;
  const follow = setInterval(() => {
    rollouts.refresh().then(
      () => (hasFailed = false),
      (error: unknown) => {
        if (!hasFailed) log.error({ err: error }, 'the store cannot be read; rollouts stay as they were');
        hasFailed = true;
      },
    );
  }, STORE_REFRESH_MS).unref();
  opened.defer(() => clearInterval(follow));
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
  const poll = () => feed.poll().catch((error: unknown) => log.debug({ err: error }, 'events cannot be read'));
  const timer = setInterval(poll, STORE_REFRESH_MS).unref();
  const stopListening = rollouts.listen(() => void poll());
  opened.defer(() => {
    clearInterval(timer);
    stopListening();
  });
}
