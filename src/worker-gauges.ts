import type { CachedCalls } from './cached-calls.ts';
import type { ObjectHomes } from './affinity/object-homes.ts';
import type { StoredKeys } from './identify/stored-keys.ts';
import type { RequestAudit } from './open-audit.ts';
import { circuitsOf, keyCooldownsOf } from './open-records.ts';
import type { InflightLimit } from './policy/admit.ts';
import type { GaugeSources } from './record/scraped-metrics.ts';
import type { Snapshot } from './snapshot.ts';

interface GaugeParts {
  readonly inflight: InflightLimit;
  readonly live: { readonly current: Snapshot };
  readonly storedKeys: StoredKeys;
  readonly objects: ObjectHomes;
  readonly cache: CachedCalls;
  readonly audit: RequestAudit;
}

/** What a worker knows; rollouts, analyses and budgets are the control process's to tell. */
export function workerGauges({ inflight, live, storedKeys, objects, cache, audit }: GaugeParts): GaugeSources {
  return {
    analyses: () => [],
    regressions: () => [],
    rollouts: () => [],
    budgets: () => Promise.resolve([]),
    inflight: () => inflight.current,
    circuits: () => circuitsOf(live.current),
    keyCooldowns: () => keyCooldownsOf(live.current),
    keyLookups: () => storedKeys.counts,
    objectLookups: () => objects.counts,
    cache: () => cache.totals(),
    lastReloadSucceeded: () => true,
    audit: () => audit.totals(),
  };
}
