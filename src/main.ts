import type { Logger } from 'pino';
import { startAdmin, type AdminServer } from './admin/server.ts';
import { checkParts } from './check-parts.ts';
import { describeConfig } from './config/redacted-config.ts';
import { formatProblems } from './config/report.ts';
import { parseRollout } from './config/rollout.ts';
import { ConfigSource, type ReloadResult } from './config/watch.ts';
import { systemClock as clock } from './core/clock.ts';
import type { Stores } from './core/stores.ts';
import { Gateway } from './gateway.ts';
import { listen, type DataPlane } from './ingress/server.ts';
import { LiveSnapshot } from './live-snapshot.ts';
import { InflightLimit } from './policy/admit.ts';
import { createLogger } from './record/logger.ts';
import { Metrics, type Circuit } from './record/metrics.ts';
import { RequestRing } from './record/recent-requests.ts';
import { record } from './record/record.ts';
import { RolloutRegistry } from './rollout/registry.ts';
import { SnapshotBuilder, type Snapshot } from './snapshot.ts';
import { openStores } from './store/open-stores.ts';
import { VERSION } from './version.ts';

/** Requests that `GET /api/v1/requests` can look back on. */
const RECENT_REQUESTS = 2_000;
/** After the time to drain: for the last events of streams that are ended. */
const LAST_WORDS_MS = 1_000;

export interface ServeOptions {
  readonly configPath: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly log?: Logger;
}

export interface RunningGateway {
  readonly dataPlane: DataPlane;
  readonly admin: AdminServer;
  reload(): Promise<ReloadResult>;
  /** Finishes open requests within the time to drain, then ends the rest, and closes everything. */
  stop(): Promise<void>;
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
  const source = new ConfigSource({
    path: options.configPath,
    environment: options.environment ?? process.env,
    checkParts,
  });
  const { config } = source;
  const log = options.log ?? createLogger(config.log.level);
  opened.defer(() => log.flush());
  const stores = await openStores(config.store, clock);
  opened.defer(() => stores.close());
  const inflight = new InflightLimit();
  const rollouts = await RolloutRegistry.open(stores.rollouts, clock);
  const builder = new SnapshotBuilder(await readSecrets(stores), clock, () => inflight.current);
  opened.defer(() => builder.close());
  const live = await LiveSnapshot.open(builder, rollouts, (warning) => log.warn(warning), config);
  source.onChange((next) => live.apply(next));

  const recent = new RequestRing(RECENT_REQUESTS);
  const metrics = new Metrics({
    inflight: () => inflight.current,
    rollouts: () => rollouts.current(),
    circuits: () => circuitsOf(live.current),
    lastReloadSucceeded: () => source.lastResult.ok,
  });
  opened.defer(() => metrics.close());
  const gateway = new Gateway({
    clock,
    inflight,
    rollouts,
    snapshot: () => live.current,
    attempted: (provider, label, result) => metrics.attempted(provider, label, result),
    finished: (exchange) => record({ clock, metrics, recent, log }, exchange),
    fault: ({ id }, error) => log.error({ requestId: id, err: error }, 'fault'),
  });
  opened.defer(() => gateway.close());
  let isDraining = false;
  const admin = await startAdmin({
    ...config.admin,
    version: VERSION,
    rollouts,
    parseRollout: (declared) => parseRollout(declared, live.current.config),
    requests: recent,
    redactor: () => live.current.redactor,
    configuration: { describe: () => describeConfig(source.config), reload: () => reload() },
    metrics: () => metrics.render(),
    ready: () => readiness(stores, isDraining),
    log: (message, error) => log.error({ err: error }, message),
  });
  opened.defer(() => admin.close());
  const reload = async (): Promise<ReloadResult> => {
    const result = await source.reload();
    tellReload(result, log, admin);
    return result;
  };
  opened.defer(
    source.watch(
      (result) => tellReload(result, log, admin),
      (error) => log.error({ err: error }, 'the configuration file is no longer watched'),
    ),
  );
  const dataPlane = await listen(config.gateway, gateway.handle);
  opened.defer(() => dataPlane.closeAll());
  tellStart(source, dataPlane, admin, log);

  const stop = async (): Promise<void> => {
    isDraining = true;
    inflight.drain();
    dataPlane.stopAccepting();
    await inflight.idle(config.gateway.timeouts.drain);
    gateway.abortOpen();
    await inflight.idle(LAST_WORDS_MS);
    await opened.disposeAsync();
  };
  return { dataPlane, admin, reload, stop };
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

async function readSecrets({ secrets }: Stores): Promise<{ keyHash: Buffer; placeholders: Buffer }> {
  return { keyHash: await secrets.secret('key-hash'), placeholders: await secrets.secret('placeholders') };
}

async function readiness(stores: Stores, isDraining: boolean): Promise<{ ready: boolean; reasons: string[] }> {
  const reasons = isDraining ? ['draining'] : [];
  try {
    await stores.check();
  } catch {
    reasons.push('the store cannot be read');
  }
  return { ready: reasons.length === 0, reasons };
}

function* circuitsOf({ upstreams }: Snapshot): Iterable<Circuit> {
  for (const [provider, upstream] of upstreams) {
    for (const [model, { state }] of upstream.circuits()) yield { provider, model, state };
  }
}

function tellStart(source: ConfigSource, dataPlane: DataPlane, admin: AdminServer, log: Logger): void {
  tellWarnings(source.lastResult, log);
  log.info(`apps: ${addressOf(dataPlane)}/v1`);
  const access =
    source.config.admin.token === null ? 'loopback callers only: no admin.token is set' : 'with the admin token';
  log.info(`operators: ${addressOf(admin)} (${access})`);
}

function tellReload(result: ReloadResult, log: Logger, admin: AdminServer): void {
  if (!result.ok) {
    log.error(`the configuration was refused, the last good one stays in force:\n${formatProblems(result.problems)}`);
  } else if (result.changed) log.info({ restartNeeded: result.restartNeeded }, 'the configuration was reloaded');
  tellWarnings(result, log);
  admin.publish('config', { ok: result.ok, changed: result.changed, restartNeeded: result.restartNeeded });
}

function tellWarnings({ warnings }: ReloadResult, log: Logger): void {
  for (const warning of warnings) log.warn(formatProblems([warning], 'warning'));
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
