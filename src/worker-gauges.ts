import type { CachedCalls } from './cached-calls.ts';
import type { ObjectHomes } from './affinity/object-homes.ts';
import type { StoredKeys } from './identify/stored-keys.ts';
import type { RequestAudit } from './open-audit.ts';
import { circuitsOf, keyCooldownsOf } from './open-records.ts';
import type { InflightLimit } from './policy/admit.ts';
import type { GaugeSources } from './record/scraped-metrics.ts';
import type { Snapshot } from './snapshot.ts';
import { VERSION } from './version.ts';

interface GaugeParts {
  readonly inflight: InflightLimit;
  readonly live: { readonly current: Snapshot };
  readonly storedKeys: StoredKeys;
  readonly objects: ObjectHomes;
  readonly cache: CachedCalls;
  readonly audit: RequestAudit;
}

const NOTHING_SPOOLED = { bytes: 0, spooled: 0 };

/** What a worker knows; rollouts, analyses, budgets and the store are the control process's to tell. */
export function workerGauges({ inflight, live, storedKeys, objects, cache, audit }: GaugeParts): GaugeSources {
  return {
    analyses: () => [],
    regressions: () => [],
    rollouts: () => [],
    budgets: () => Promise.resolve([]),
    version: VERSION,
    inflight: () => inflight.current,
    inflightLimit: () => live.current.config.gateway.maxInflight,
    redactionFailsOpen: () => live.current.config.redaction.failure === 'open',
    checkStore: () => Promise.resolve(),
    circuits: () => circuitsOf(live.current),
    keyCooldowns: () => keyCooldownsOf(live.current),
    keyLookups: () => storedKeys.counts,
    objectLookups: () => objects.counts,
    cache: () => cache.totals(),
    lastReloadSucceeded: () => true,
    audit: () => audit.totals(),
    spool: () => NOTHING_SPOOLED,
  };
}
