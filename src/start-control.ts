import { availableParallelism } from 'node:os';
import { announceReload, announceStart } from './announce.ts';
import type { ReloadResult } from './config/watch.ts';
import { systemClock as clock } from './core/clock.ts';
import type { GatewayConfig } from './core/config.ts';
import type { Rollout } from './core/rollout.ts';
import { followEvents } from './follow-store.ts';
import { openAdmin, watchConfig } from './open-admin.ts';
import type { Base } from './open-base.ts';
import { openController } from './open-controller.ts';
import { followConfig, openShadow } from './open-gateway.ts';
import { openLimits, remainingBudgets } from './open-limits.ts';
import { openRecordExport } from './open-record-export.ts';
import { openRecords, type Records } from './open-records.ts';
import { Workers } from './open-workers.ts';
import { readiness } from './readiness.ts';
import type { RunningGateway } from './running-gateway.ts';
import { freePort } from './workers/free-port.ts';

/** How many processes serve. */
export function workerCount({ workers }: GatewayConfig): number {
  return workers === 'auto' ? availableParallelism() : workers;
}

/**
 * The process of several that serves nobody: it keeps the store, the limits, the trail and the control plane, and looks after
 * those that serve.
 * @param opened everything that must be closed, in reverse order
 */
export async function startControl(base: Base, count: number, opened: AsyncDisposableStack): Promise<RunningGateway> {
  const { source, log, live } = base;
  const keys = { allowances: () => workers.allowances() };
  const budgets = () => remainingBudgets(limits.counters, live.current.config, keys, clock);
  const records = openRecords(base, budgets, opened);
  const limits = await openLimits({ ...base, ...records, config: source.config, clock }, opened);
  const { outcomes, troubles } = openController({ ...base, ...records, clock }, opened);
  // It sends no copies, and knows what is left of their budgets.
  const shadow = openShadow(base, records, outcomes, opened);
  // Workers write records; what they leave when they die is finished here.
  await openRecordExport({ config: source.config, log, clock, metrics: records.metrics }, opened);
  await base.audit.flush();
  base.stores.beginServing();
  const workers = await openWorkers({ base, records, count, counters: limits.own }, opened);
  const state = { isDraining: false };
  const reload = async (): Promise<ReloadResult> => {
    const result = await source.reload();
    announceReload(result, admin, log);
    return result;
  };
  const told = () => [...troubles(), ...base.audit.troubles(), ...workers.troubles()];
  const ready = async () => {
    const { ready: isReady, reasons } = await readiness(base, limits.counters, state.isDraining, told());
    return workers.isServing
      ? { ready: isReady, reasons }
      : { ready: false, reasons: ['no worker serves', ...reasons] };
  };
  const storedKeys = { poll: async () => void (await Promise.all([base.storedKeys.poll(), workers.keysChanged()])) };
  const shadows = {
    budget: (rollout: Rollout) => shadow.budget(rollout),
    pairs: (rollout: string, limit: number) => workers.pairs(rollout, limit),
  };
  const admin = await openAdmin({ ...base, storedKeys }, ofAll(workers, records), shadows, reload, ready, opened);
  watchConfig(base, admin, opened);
  await followEvents(base, admin, opened);
  const { address } = workers;
  announceStart(source.lastResult, address, admin, source.config.admin.token !== null, log);
  log.info({ workers: count }, 'requests are served by workers');
  const stop = async (): Promise<void> => {
    state.isDraining = true;
    await workers.stop();
    await opened.disposeAsync();
  };
  return { dataPlane: address, admin, reload, stop };
}

/** What the workers and this process have together. */
function ofAll(workers: Workers, { board, metrics }: Records) {
  const render = () => workers.renderMetrics(() => metrics.figures());
  return { board, recent: workers.requests, metrics: { render } };
}

interface WorkersBase {
  readonly base: Base;
  readonly records: Records;
  readonly count: number;
  readonly counters: Awaited<ReturnType<typeof openLimits>>['own'];
}

async function openWorkers(
  { base, records, count, counters }: WorkersBase,
  opened: AsyncDisposableStack,
): Promise<Workers> {
  const { config } = base.source;
  const { host } = config.gateway;
  const address = { host, port: await freePort(host, config.gateway.port), counters: config.counters };
  const { board, metrics } = records;
  const workers = new Workers({
    ...base,
    clock,
    board,
    metrics,
    counters,
    count,
    address,
    remembered: config.record.recent,
  });
  opened.defer(() => workers.kill());
  await workers.start();
  followConfig(base, (next) => workers.apply(next, () => base.live.apply(next)));
  return workers;
}
