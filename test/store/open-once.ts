import { systemClock } from '../../src/core/clock.ts';
import { openStores } from '../../src/store/open-stores.ts';

/** A process that opens a store and leaves. */
await (await openStores(process.argv[2]!, systemClock)).close();
