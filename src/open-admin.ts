import { startAdmin, type AdminServer } from './admin/server.ts';
import { announceReload } from './announce.ts';
import { scrubbedTrail } from './audit-scrub.ts';
import type { AnalysisBoard } from './controller/analysis-board.ts';
import type { AnalysisView } from './core/analysis.ts';
import type { RecentRequests } from './core/recent.ts';
import type { StoredKeys } from './identify/stored-keys.ts';
import type { Metrics } from './record/metrics.ts';
import { describeConfig } from './config/redacted-config.ts';
import type { ReloadResult } from './config/watch.ts';
import { systemClock as clock } from './core/clock.ts';
import type { ShadowTraffic } from './shadow/shadow-traffic.ts';
import { parseCheckedRollout } from './parse-rollout.ts';
import { openKeyAdmin } from './open-keys.ts';
import { openRecordSearch } from './open-record-search.ts';
import { VERSION } from './version.ts';
import type { Base } from './open-base.ts';
import type { Readiness } from './readiness.ts';

/** Of several processes: what they have together. */
interface ShownRecords {
  readonly metrics: Pick<Metrics, 'render'>;
  readonly recent: RecentRequests;
  readonly board: AnalysisBoard;
}

type ControlledBase = Omit<Base, 'storedKeys'> & { readonly storedKeys: Pick<StoredKeys, 'poll'> };

export async function openAdmin(
  { source, log, stores, secrets, storedKeys, rollouts, live, audit }: ControlledBase,
  { metrics, recent, board }: ShownRecords,
  shadow: Pick<ShadowTraffic, 'budget'> & Pick<AnalysisView, 'pairs'>,
  reload: () => Promise<ReloadResult>,
  ready: () => Promise<Readiness>,
  opened: AsyncDisposableStack,
): Promise<AdminServer> {
  const { host, port } = source.config.admin;
  const admin = await startAdmin({
    host,
    port,
    token: () => live.current.config.admin.token,
    version: VERSION,
    rollouts,
    keys: openKeyAdmin({ stores, clock, log }, secrets.keyHash, storedKeys, () => live.current.config),
    analysis: {
      analysis: (rollout) => board.analysis(rollout),
      regressions: () => board.regressions(),
      pairs: (rollout, limit) => shadow.pairs(rollout, limit),
      budget: (rollout) => shadow.budget(rollout),
    },
    parseRollout: (declared) => parseCheckedRollout(declared, live.current.config),
    trail: scrubbedTrail(audit.trail),
    audit: audit.view,
    requests: openRecordSearch(source.config, recent, () => live.current.config.record.content, log, opened),
    redactor: () => live.current.redactors.common,
    configuration: { describe: () => describeConfig(live.current.config), reload },
    metrics: (accept) => metrics.render(accept),
    ready,
    log: (message, error) => log.error({ err: error }, message),
  });
  opened.defer(() => admin.close());
  return admin;
}

export function watchConfig({ source, log }: Base, admin: AdminServer, opened: AsyncDisposableStack): void {
  const stopWatching = source.watch(
    (result) => announceReload(result, admin, log),
    (error) => log.error({ err: error }, 'the configuration file is no longer watched'),
  );
  opened.defer(stopWatching);
}
