import { readFileSync } from 'node:fs';
import { pino, type Logger } from 'pino';
import { startAdmin, type AdminServer } from './admin/server.ts';
import type { Problem } from './config/problem.ts';
import { describeConfig } from './config/redacted-config.ts';
import { formatProblems } from './config/report.ts';
import { parseRollout } from './config/rollout.ts';
import { ConfigSource, type ReloadResult } from './config/watch.ts';
import { systemClock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import type { Stores } from './core/stores.ts';
import { Gateway } from './gateway.ts';
import { listen, type DataPlane } from './ingress/server.ts';
import { InflightLimit } from './policy/admit.ts';
import { Metrics } from './record/metrics.ts';
import { RequestRing } from './record/recent-requests.ts';
import { record } from './record/record.ts';
import { RolloutRegistry } from './rollout/registry.ts';
import { SnapshotBuilder, type Snapshot } from './snapshot.ts';
import { openStores } from './store/open-stores.ts';

/** Requests that `GET /api/v1/requests` can look back on. */
const RECENT_REQUESTS = 2_000;

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

/** Starts both planes. @throws ConfigError; Error where a port or the store cannot be opened */
export async function startGateway(options: ServeOptions): Promise<RunningGateway> {
  const source = new ConfigSource({ path: options.configPath, environment: options.environment ?? process.env });
  const log = options.log ?? createLogger(source.config);
  const stores = await openStores(source.config.store, systemClock);
  const rollouts = await RolloutRegistry.open(stores.rollouts, systemClock);
  const inflight = new InflightLimit();
  const builder = new SnapshotBuilder(await readSecrets(stores), systemClock, () => inflight.current);
  let snapshot: Snapshot;

  /** The next snapshot and its rollouts come into force together, or the ones before stay. */
  const apply = async (config: Config): Promise<void> => {
    const prepared = await builder.prepare(config);
    try {
      const parse = (declared: unknown) => parseRollout(declared, config);
      for (const warning of await rollouts.declare({ specs: config.rollouts, parse })) log.warn(warning);
    } catch (error) {
      await prepared.discard();
      throw error;
    }
    snapshot = prepared.snapshot;
    prepared.commit();
  };
  await apply(source.config);
  source.onChange(apply);
  warnAbout(source.lastResult.warnings, log);

  const recent = new RequestRing(RECENT_REQUESTS);
  const metrics = new Metrics({
    inflight: () => inflight.current,
    rollouts: () => rollouts.current(),
    circuits: () => circuitsOf(snapshot),
    lastReloadSucceeded: () => source.lastResult.ok,
  });
  const gateway = new Gateway({
    clock: systemClock,
    inflight,
    rollouts,
    snapshot: () => snapshot,
    attempted: (provider, label, result) => metrics.attempted(provider, label, result),
    finished: (exchange) => record({ clock: systemClock, metrics, recent, log }, exchange),
    fault: ({ id }, error) => log.error({ requestId: id, err: error }, 'fault'),
  });
  let isDraining = false;
  const admin = await startAdmin({
    ...source.config.admin,
    version: packageVersion(),
    rollouts,
    parseRollout: (declared) => parseRollout(declared, snapshot.config),
    requests: recent,
    redactor: () => snapshot.redactor,
    configuration: { describe: () => describeConfig(source.config), reload: () => reload() },
    metrics: () => metrics.render(),
    ready: () => readiness(stores, isDraining),
    log: (message, error) => log.error({ err: error }, message),
  });
  const reload = async (): Promise<ReloadResult> => {
    const result = await source.reload();
    tellReload(result, log, admin);
    return result;
  };
  const stopWatching = source.watch(
    (result) => tellReload(result, log, admin),
    (error) => log.error({ err: error }, 'the configuration file is no longer watched'),
  );
  const dataPlane = await listen(source.config.gateway, gateway.handle);
  log.info(
    { data: addressOf(dataPlane), admin: addressOf(admin), loopbackOnly: source.config.admin.token === null },
    'listening',
  );

  const stop = async (): Promise<void> => {
    isDraining = true;
    stopWatching();
    inflight.drain();
    dataPlane.stopAccepting();
    await drained(inflight, source.config.gateway.timeouts.drain, () => gateway.abortOpen());
    dataPlane.closeAll();
    await admin.close();
    await builder.close();
    await stores.close();
    log.flush();
  };
  return { dataPlane, admin, reload, stop };
}

/** Runs until SIGTERM or SIGINT; SIGHUP reads the configuration again. */
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

/** Waits for the requests in flight; those left when the time is up are ended, and get a moment to say so. */
async function drained(inflight: InflightLimit, timeout: number, abortOpen: () => void): Promise<void> {
  const deadline = systemClock.now() + timeout;
  while (inflight.current > 0 && systemClock.now() < deadline) await sleep(20);
  if (inflight.current === 0) return;
  abortOpen();
  const lastMoment = systemClock.now() + 1_000;
  while (inflight.current > 0 && systemClock.now() < lastMoment) await sleep(20);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
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

function* circuitsOf({
  upstreams,
}: Snapshot): Generator<{ provider: string; model: string; state: 'closed' | 'open' | 'half_open' }> {
  for (const [provider, upstream] of upstreams) {
    for (const [model, { state }] of upstream.circuits()) yield { provider, model, state };
  }
}

function tellReload(result: ReloadResult, log: Logger, admin: AdminServer): void {
  if (!result.ok)
    log.error(
      { problems: formatProblems(result.problems) },
      'the configuration was refused; the last good one stays in force',
    );
  else if (result.changed) log.info({ restartNeeded: result.restartNeeded }, 'the configuration was reloaded');
  warnAbout(result.warnings, log);
  admin.publish('config', { ok: result.ok, changed: result.changed, restartNeeded: result.restartNeeded });
}

function warnAbout(warnings: readonly Problem[], log: Logger): void {
  for (const warning of warnings) log.warn(formatProblems([warning], 'warning'));
}

/** Lines are written in batches: a write per request would cost more than the request's own work. */
function createLogger(config: Config): Logger {
  const destination = pino.destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 200 });
  return pino({ level: config.log.level, base: null }, destination);
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function packageVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
