import { AnalysisBoard } from './controller/analysis-board.ts';
import { Metrics } from './record/metrics.ts';
import type { Circuit, GaugeSources, KeyCooldown } from './record/scraped-metrics.ts';
import { RequestRing } from './record/recent-requests.ts';
import type { Snapshot } from './snapshot.ts';
import type { Base } from './open-base.ts';
import { VERSION } from './version.ts';

/** What is told of requests. */
export interface Records {
  readonly recent: RequestRing;
  readonly metrics: Metrics;
  readonly board: AnalysisBoard;
}

export function openRecords(
  {
    source,
    stores,
    storeTrouble,
    audit,
    outbox,
    spooledWrites,
    inflight,
    rollouts,
    live,
    storedKeys,
    objects,
    cache,
  }: Base,
  budgets: GaugeSources['budgets'],
  opened: AsyncDisposableStack,
): Records {
  const board = new AnalysisBoard();
  const metrics = new Metrics({
    analyses: () => board.analyses(),
    regressions: () => board.regressions(),
    budgets,
    version: VERSION,
    inflight: () => inflight.current,
    inflightLimit: () => live.current.config.gateway.maxInflight,
    redactionFailsOpen: () => live.current.config.redaction.failure === 'open',
    checkStore: async () => {
      const trouble = storeTrouble();
      if (trouble !== null) throw new Error(trouble);
      await stores.check();
    },
    rollouts: () => rollouts.current(),
    circuits: () => circuitsOf(live.current),
    keyCooldowns: () => keyCooldownsOf(live.current),
    keyLookups: () => storedKeys.counts,
    objectLookups: () => objects.counts,
    cache: () => cache.totals(),
    lastReloadSucceeded: () => source.lastResult.ok,
    audit: () => audit.totals(),
    spool: () => {
      const [outcomes, writes] = [outbox.state(), spooledWrites()];
      return { bytes: outcomes.bytes + writes.bytes, spooled: outcomes.spooled + writes.spooled };
    },
  });
  opened.defer(() => metrics.close());
  return { metrics, board, recent: new RequestRing(source.config.record.recent) };
}

export function* circuitsOf({ upstreams }: Snapshot): Iterable<Circuit> {
  for (const [provider, upstream] of upstreams) {
    for (const [model, { state }] of upstream.circuits()) yield { provider, model, state };
  }
}

export function* keyCooldownsOf({ upstreams }: Snapshot): Iterable<KeyCooldown> {
  for (const [provider, { credentials }] of upstreams)
    for (const [key, cooldown] of (credentials?.pool?.cooldowns() ?? []).entries()) yield { provider, key, cooldown };
}
