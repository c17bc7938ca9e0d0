import type { Logger } from 'pino';
import { startAdmin, type AdminServer } from './admin/server.ts';
import { CachedCalls } from './cached-calls.ts';
import { announceOpenedGates, announceReload, announceStart } from './announce.ts';
import { auditRequest, declaredRollout, loadedConfig } from './audit-records.ts';
import { scrubbedTrail } from './audit-scrub.ts';
import { checkParts } from './check-parts.ts';
import { describeConfig } from './config/redacted-config.ts';
import { ConfigSource, type ReloadResult } from './config/watch.ts';
import { AnalysisBoard } from './controller/analysis-board.ts';
import type { OutcomeBuffer } from './controller/outcome-buffer.ts';
import { systemClock as clock } from './core/clock.ts';
import { AUDIT_KEY_SECRET } from './core/audit.ts';
import type { Counters } from './core/counters.ts';
import type { RequestRecord } from './core/recent.ts';
import type { Stores } from './core/stores.ts';
import { drain } from './drain.ts';
import { Gateway } from './gateway.ts';
import { openTelemetry, type Telemetry } from './open-telemetry.ts';
import type { StoredKeys } from './identify/stored-keys.ts';
import { listen, type DataPlane } from './ingress/server.ts';
import type { Admission } from './limits/admission.ts';
import { LiveSnapshot } from './live-snapshot.ts';
import { InflightLimit } from './policy/admit.ts';
import { createLogger } from './record/logger.ts';
import { Metrics } from './record/metrics.ts';
import type { Circuit, GaugeSources, KeyCooldown } from './record/scraped-metrics.ts';
import { RequestRing } from './record/recent-requests.ts';
import { openRecordExport } from './open-records.ts';
import { record } from './record/record.ts';
import { RolloutRegistry } from './rollout/registry.ts';
import { ShadowTraffic } from './shadow/shadow-traffic.ts';
import { SnapshotBuilder, type Snapshot, type SnapshotSecrets } from './snapshot.ts';
import { parseCheckedRollout } from './parse-rollout.ts';
import { openAudit, type Audit } from './open-audit.ts';
import { followEvents, followOthers } from './follow-store.ts';
import { openOutbox } from './open-outbox.ts';
import type { Outbox } from './outbox/outbox.ts';
import { openLimits, remainingBudgets } from './open-limits.ts';
import { openController } from './open-controller.ts';
import { openKeyAdmin, openStoredKeys } from './open-keys.ts';
import { openObjects } from './open-objects.ts';
import type { ObjectHomes } from './affinity/object-homes.ts';
import { toResult } from './outcome/request-result.ts';
import { openStores } from './store/open-stores.ts';
import { watchStoreFile } from './store/sqlite/store-file.ts';
import type { CredentialNotice } from './upstream/credentials.ts';
import { VERSION } from './version.ts';

const MEMORY_STORE = 'sqlite::memory:';

interface ServeOptions {
  readonly configPath: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly log?: Logger;
}

interface RunningGateway {
  readonly dataPlane: DataPlane;
  readonly admin: AdminServer;
  reload(): Promise<ReloadResult>;
  /** Finishes open requests within the time to drain, then ends the rest, and closes everything. */
  stop(): Promise<void>;
}

/** What both planes stand on. */
interface Base {
  readonly source: ConfigSource;
  readonly log: Logger;
  readonly stores: Stores;
  readonly storeTrouble: () => string | null;
  readonly secrets: SnapshotSecrets;
  readonly storedKeys: StoredKeys;
  readonly objects: ObjectHomes;
  readonly cache: CachedCalls;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly inflight: InflightLimit;
  readonly rollouts: RolloutRegistry;
  readonly live: LiveSnapshot;
}

/** What is told of requests. */
interface Records {
  readonly recent: RequestRing;
  readonly metrics: Metrics;
  readonly board: AnalysisBoard;
}

/** Where what is told of requests goes besides. */
interface Outside {
  readonly telemetry: Telemetry | null;
  exportRecord(record: RequestRecord): void;
}

/** Starts both planes. @throws ConfigError; Error where a port or the store cannot be opened: nothing is left open then */
export async function startGateway(options: ServeOptions): Promise<RunningGateway> {
  const opened = new AsyncDisposableStack();
  try {
    return await start(options, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

/** @param opened everything that must be closed, in reverse order */
async function start(options: ServeOptions, opened: AsyncDisposableStack): Promise<RunningGateway> {
  const base = await openBase(options, opened);
  const { source, log, live, inflight } = base;
  const budgets = () => remainingBudgets(limits.counters, live.current.config, base.storedKeys, clock);
  const records = openRecords(base, budgets, opened);
  const limits = await openLimits({ ...base, ...records, config: source.config, clock }, opened);
  const { outcomes, troubles } = openController({ ...base, ...records, clock }, opened);
  const shadow = openShadow(base, records, outcomes, opened);
  const telemetry = await openTelemetry({ source, log, clock, metrics: records.metrics }, opened);
  const exportRecord = await openRecordExport({ config: source.config, log, clock, metrics: records.metrics }, opened);
  const gateway = openGateway(base, records, outcomes, shadow, limits.admission, { telemetry, exportRecord }, opened);
  // Its thread takes a while to begin: what is served meanwhile would be lost with the process.
  await base.audit.flush();
  const dataPlane = await openDataPlane(base, gateway, opened);
  const state = { isDraining: false };
  const reload = async (): Promise<ReloadResult> => {
    const result = await source.reload();
    announceReload(result, admin, log);
    return result;
  };
  const ready = () =>
    readiness(base.stores, limits.counters, state.isDraining, [
      ...[base.storeTrouble()].filter((trouble) => trouble !== null),
      ...troubles(),
      ...base.audit.troubles(),
    ]);
  const admin = await openAdmin(base, records, shadow, reload, ready, opened);
  watchConfig(base, admin, opened);
  await followEvents(base, admin, opened);
  announceStart(source.lastResult, dataPlane, admin, source.config.admin.token !== null, log);
  const stop = async (): Promise<void> => {
    state.isDraining = true;
    await drain({ timeouts: live.current.config.gateway.timeouts, inflight, dataPlane, gateway, log });
    await opened.disposeAsync();
  };
  return { dataPlane, admin, reload, stop };
}

async function openBase(options: ServeOptions, opened: AsyncDisposableStack): Promise<Base> {
  const { configPath: path, environment = process.env } = options;
  const source = new ConfigSource({ path, environment, checkParts });
  const log = options.log ?? createLogger(source.config.log.level);
  const stores = await openStores(source.config.store, clock);
  opened.defer(() => stores.close());
  const storeTrouble = watchStoreFile(source.config.store);
  const seed = await stores.secrets.secret(AUDIT_KEY_SECRET);
  const audit = openAudit({ url: source.config.store, seed, config: () => source.config.audit, clock, log }, opened);
  // A trail in memory begins here: nothing can have changed meanwhile.
  if (source.config.store !== MEMORY_STORE) audit.trail.append(loadedConfig(source.sha256, VERSION));
  const inflight = new InflightLimit();
  const rollouts = await RolloutRegistry.open(stores.rollouts, clock);
  rollouts.listen(({ event }) => {
    if (event.actor === 'config') audit.trail.append(declaredRollout(event));
  });
  const secrets = await readSecrets(stores);
  const storedKeys = await openStoredKeys({ stores, clock, log });
  const objects = openObjects({ stores, clock, log }, opened);
  const cache = openCache(log, opened);
  const onNotice = (provider: string, notice: CredentialNotice): void =>
    'unrenewed' in notice
      ? log.warn({ provider, reason: notice.unrenewed }, 'credentials of the provider could not be renewed yet')
      : log.warn({ provider, ...notice }, 'a key of the provider is refused; it is left alone for a while');
  const builder = new SnapshotBuilder(secrets, clock, storedKeys, () => inflight.current, onNotice);
  opened.defer(() => builder.close());
  const live = await LiveSnapshot.open(builder, rollouts, (warning) => log.warn(warning), source.config);
  opened.defer(async () => {
    for (const rollout of await rollouts.close()) log.error({ rollout }, 'an abort could not be stored and is lost');
  });
  followOthers({ stores, rollouts, storedKeys, log }, opened);
  const outbox = openOutbox({ stores, config: source.config, clock, log });
  const shared = { stores, storeTrouble, secrets, storedKeys, objects, cache, audit, outbox };
  return { source, log, ...shared, inflight, rollouts, live };
}

function openCache(log: Logger, opened: AsyncDisposableStack): CachedCalls {
  const failed = (error: unknown): void =>
    log.error({ err: error }, 'the cache of replies cannot be used; requests go on without it');
  const cache = new CachedCalls({ clock, failed });
  opened.defer(() => cache.close());
  return cache;
}

function openRecords(
  { source, stores, storeTrouble, audit, outbox, inflight, rollouts, live, storedKeys, objects, cache }: Base,
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
    spool: () => outbox.state(),
  });
  opened.defer(() => metrics.close());
  return { metrics, board, recent: new RequestRing(source.config.record.recent) };
}

function openGateway(
  { log, audit, inflight, rollouts, live, objects, cache }: Base,
  { metrics, recent }: Records,
  outcomes: OutcomeBuffer,
  shadow: ShadowTraffic,
  admission: Admission,
  { telemetry, exportRecord }: Outside,
  opened: AsyncDisposableStack,
): Gateway {
  const gateway = new Gateway({
    clock,
    inflight,
    rollouts,
    shadow,
    admission,
    objects,
    cache,
    tracer: telemetry?.tracer ?? null,
    snapshot: () => live.current,
    attempted: (provider, label, result) => metrics.attempted(provider, label, result),
    hedged: (route, result) => metrics.hedged(route, result),
    canAudit: () => audit.canAudit(),
    observes: (exchange, metadata) => outcomes.observes(exchange, metadata),
    feedback: (entry) => {
      outcomes.add(entry);
      metrics.feedback(entry, rollouts.current());
    },
    waiting: (exchange, now) => outcomes.waiting(exchange, now, clock.wall()),
    finished: (exchange) => {
      const told = record({ clock, metrics, recent, log }, exchange);
      exportRecord(told);
      telemetry?.finished(exchange);
      auditRequest(exchange, told, (draft) => audit.trail.append(draft));
      if (!exchange.isObserved) return;
      const result = toResult(exchange, clock.now() - exchange.receivedAt, clock.wall());
      if (result !== null) outcomes.finished(exchange, result);
      else if (exchange.isUnanswered && exchange.attempts > 0) outcomes.left(exchange, clock.wall());
    },
    fault: ({ id }, error) => log.error({ requestId: id, err: error }, 'fault'),
  });
  opened.defer(() => gateway.close());
  return gateway;
}

/** Copies of requests; those under way are dropped at the end. */
function openShadow(
  { log, stores }: Base,
  { metrics }: Records,
  outcomes: OutcomeBuffer,
  opened: AsyncDisposableStack,
): ShadowTraffic {
  const shadow = new ShadowTraffic({
    clock,
    counters: stores.counters,
    sink: outcomes,
    counted: (rollout, result) => metrics.copied(rollout, result),
    spent: (rollout, usd) => metrics.copyCost(rollout, usd),
    failed: (rollout, error) => log.error({ rollout, err: error }, 'a shadow copy was dropped'),
  });
  opened.defer(() => shadow.close());
  return shadow;
}

/** From here on a changed configuration comes into force; nothing can bring one before the control plane is open. */
async function openDataPlane(
  { source, log, live, audit }: Base,
  gateway: Gateway,
  opened: AsyncDisposableStack,
): Promise<DataPlane> {
  const dataPlane = await listen(source.config.gateway, gateway.handle, gateway.refused);
  opened.defer(() => {
    dataPlane.stopAccepting();
    dataPlane.closeAll();
  });
  source.onChange(async (next, previous, sha256) => {
    const change = { kind: 'config.reloaded', actor: 'config', subject: 'config', detail: { sha256 } };
    await audit.trail.action(change, () => live.apply(next));
    dataPlane.apply(next.gateway);
    if (next.log.level !== previous.log.level) log.level = next.log.level;
    announceOpenedGates(next, previous, log);
  });
  return dataPlane;
}

async function openAdmin(
  { source, log, stores, secrets, storedKeys, rollouts, live, audit }: Base,
  { metrics, recent, board }: Records,
  shadow: ShadowTraffic,
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
    requests: recent,
    redactor: () => live.current.redactors.common,
    configuration: { describe: () => describeConfig(live.current.config), reload },
    metrics: (accept) => metrics.render(accept),
    ready,
    log: (message, error) => log.error({ err: error }, message),
  });
  opened.defer(() => admin.close());
  return admin;
}

function watchConfig({ source, log }: Base, admin: AdminServer, opened: AsyncDisposableStack): void {
  const stopWatching = source.watch(
    (result) => announceReload(result, admin, log),
    (error) => log.error({ err: error }, 'the configuration file is no longer watched'),
  );
  opened.defer(stopWatching);
}

/** Runs until SIGTERM or SIGINT; a second one stops at once. SIGHUP reads the configuration again. */
export async function serve(options: ServeOptions): Promise<void> {
  const running = await startGateway(options);
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    void running.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  process.on('SIGHUP', () => void running.reload());
}

async function readSecrets({ secrets }: Stores): Promise<SnapshotSecrets> {
  return { keyHash: await secrets.secret('key-hash'), placeholders: await secrets.secret('placeholders') };
}

interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** @param troubles told of, though requests can be served: a full disk must not take all gateways out of service */
async function readiness(
  stores: Stores,
  counters: Counters,
  isDraining: boolean,
  troubles: readonly string[],
): Promise<Readiness> {
  const draining = isDraining ? ['draining'] : [];
  const [ofStore, ofCounters] = await Promise.all([
    reasonUnless(stores.check(), 'the store cannot be read'),
    reasonUnless(counters.check(), 'the counters cannot be reached'),
  ]);
  // What all gateways share is told only: what is known is served on, and no other gateway could do better.
  const against = [...draining, ...(stores.isShared ? [] : ofStore)];
  const told = [...(stores.isShared ? ofStore : []), ...ofCounters];
  return { ready: against.length === 0, reasons: [...against, ...told, ...troubles] };
}

function reasonUnless(isWell: Promise<void>, reason: string): Promise<readonly string[]> {
  return isWell.then(
    () => [],
    () => [reason],
  );
}

function* circuitsOf({ upstreams }: Snapshot): Iterable<Circuit> {
  for (const [provider, upstream] of upstreams) {
    for (const [model, { state }] of upstream.circuits()) yield { provider, model, state };
  }
}

function* keyCooldownsOf({ upstreams }: Snapshot): Iterable<KeyCooldown> {
  for (const [provider, { credentials }] of upstreams)
    for (const [key, cooldown] of (credentials?.pool?.cooldowns() ?? []).entries()) yield { provider, key, cooldown };
}
