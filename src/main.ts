import { announceReload, announceStart } from './announce.ts';
import type { ReloadResult } from './config/watch.ts';
import { systemClock as clock } from './core/clock.ts';
import { drain } from './drain.ts';
import { openLimits, remainingBudgets } from './open-limits.ts';
import { openController } from './open-controller.ts';
import { followEvents } from './follow-store.ts';
import { openAdmin, watchConfig } from './open-admin.ts';
import { openBase, type Base, type ServeOptions } from './open-base.ts';
import { openDataPlane, openGateway, openShadow } from './open-gateway.ts';
import { openRecordExport } from './open-record-export.ts';
import { openRecords } from './open-records.ts';
import { openTelemetry } from './open-telemetry.ts';
import { readiness } from './readiness.ts';
import type { RunningGateway } from './running-gateway.ts';
import { startControl, workerCount } from './start-control.ts';

/** Starts both planes. @throws ConfigError; Error where a port or the store cannot be opened: nothing is left open then */
export async function startGateway(options: ServeOptions): Promise<RunningGateway> {
  const opened = new AsyncDisposableStack();
  try {
    const base = await openBase(options, opened);
    const count = workerCount(base.source.config.gateway);
    return await (count === 1 ? startAlone(base, opened) : startControl(base, count, opened));
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

/** Both planes in this process. @param opened everything that must be closed, in reverse order */
async function startAlone(base: Base, opened: AsyncDisposableStack): Promise<RunningGateway> {
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
  base.stores.beginServing();
  const dataPlane = await openDataPlane(base, gateway, opened);
  const state = { isDraining: false };
  const reload = async (): Promise<ReloadResult> => {
    const result = await source.reload();
    announceReload(result, admin, log);
    return result;
  };
  const ready = () => readiness(base, limits.counters, state.isDraining, [...troubles(), ...base.audit.troubles()]);
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
