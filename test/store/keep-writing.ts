import { openStores } from '../../src/store/open-stores.ts';
import { systemClock } from '../../src/core/clock.ts';
import { eventOf, stateOf, storedRollout } from './rollout-fixture.ts';

/** A process that changes a rollout as fast as it can and says each version that is committed, until it is killed. */
const stores = await openStores(`sqlite:${process.argv[2]}`, systemClock);
let version = (await stores.rollouts.get('fast-v2'))?.version ?? 0;
for (;;) {
  const next = storedRollout({
    version: version + 1,
    state: stateOf({ weight: (version + 1) % 100 }),
  });
  await stores.rollouts.put(next, version, eventOf(next, `set-weight ${next.version}`));
  version = next.version;
  process.stdout.write(`${version}\n`);
}
