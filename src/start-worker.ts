import { FLUSH_EVERY, OutcomeBuffer } from './controller/outcome-buffer.ts';
import { systemClock as clock } from './core/clock.ts';
import { openCounters } from './counters/open-counters.ts';
import { RemoteCounters } from './counters/remote-counters.ts';
import { toWire } from './counters/wire-claims.ts';
import { credentialNotices, openCache } from './open-base.ts';
import { openGateway, openShadow } from './open-gateway.ts';
import { openStoredKeys } from './open-keys.ts';
import { openLimits } from './open-limits.ts';
import { openObjectHomes } from './open-objects.ts';
import { openRecordExport } from './open-record-export.ts';
import { openTelemetry } from './open-telemetry.ts';
import type { StoredKeys } from './identify/stored-keys.ts';
import type { Milliseconds } from './core/units.ts';
import { InflightLimit } from './policy/admit.ts';
import { createLogger } from './record/logger.ts';
import { Metrics } from './record/metrics.ts';
import { RequestBatch } from './record/shared-requests.ts';
import { SnapshotBuilder } from './snapshot.ts';
import { openWorkerAudit } from './worker-audit.ts';
import type { Beginning, ControlCalls, Pushed, WorkerCalls } from './worker-calls.ts';
import { workerGauges } from './worker-gauges.ts';
import { WorkerService, type WorkerParts } from './worker-service.ts';
import { WorkerSnapshot } from './worker-snapshot.ts';
import { workerStores, type ControlChannel } from './worker-stores.ts';
import { Channel, type Port } from './workers/channel.ts';
import { FollowedRollouts } from './workers/followed-rollouts.ts';
import { PlaceLease } from './workers/place-lease.ts';

const LOOK_EVERY: Milliseconds = 500;
/** Of one report; more have ended than anybody looks back on. */
const REPORTED_REQUESTS = 1_000;

/**
 * A process that serves the data plane for a control process.
 * @throws what keeps it from serving; the control process has been told
 */
export async function startWorker(port: Port): Promise<WorkerService> {
  const opened = new AsyncDisposableStack();
  const built = Promise.withResolvers<WorkerService>();
  const channel: ControlChannel = new Channel<ControlCalls, WorkerCalls>(port, onceBuilt(built.promise));
  try {
    const beginning = await channel.call('begin');
    const service = new WorkerService(await openParts(beginning, channel, opened), opened);
    built.resolve(service);
    await channel.call('prepared');
    await service.listen(beginning);
    channel.tell('listening');
    return service;
  } catch (error) {
    await channel.callWithin(1_000, 'failed', error instanceof Error ? error.message : String(error)).catch(() => {});
    await opened.disposeAsync();
    throw error;
  }
}

async function openParts(
  beginning: Beginning,
  channel: ControlChannel,
  opened: AsyncDisposableStack,
): Promise<WorkerParts> {
  const { config, slot, secrets } = beginning;
  const log = createLogger(beginning.logLevel, { worker: slot });
  const stores = workerStores(channel);
  const pushed = { current: beginning.pushed };
  const rollouts = new FollowedRollouts();
  rollouts.take(beginning.rollouts);
  const lease = new PlaceLease(() => channel.callWithin(250, 'takePlaces'));
  // From the beginning: requests without limits are served on where the control process hangs.
  await lease.more();
  const inflight = new InflightLimit(lease);
  const storedKeys = await openStoredKeys({ stores, clock, log });
  followKeys(storedKeys, opened);
  const objects = openObjectHomes({ stores, clock, log }, opened);
  const cache = openCache(log, opened);
  const builder = new SnapshotBuilder(secrets, clock, storedKeys, () => inflight.current, credentialNotices(log));
  opened.defer(() => builder.close());
  const live = await WorkerSnapshot.open(builder, rollouts, config);
  const canWrite = (): boolean => pushed.current.canAudit;
  const audit = openWorkerAudit({ channel, config: () => live.current.config.audit, canWrite, clock, log }, opened);
  const metrics = new Metrics(workerGauges({ inflight, live, storedKeys, objects, cache, audit }));
  opened.defer(() => metrics.close());
  const outcomes = openOutcomes({ channel, metrics, live, pushed }, opened);
  const limits = { config, stores: null, log, metrics, clock };
  const { admission, leased } = await openCounting(beginning, limits, channel, opened);
  const shadow = openShadow({ log, stores }, { metrics }, outcomes, opened);
  const recent = new RequestBatch(REPORTED_REQUESTS);
  const siblings = {
    feedback: (entry: Parameters<ControlCalls['siblingFeedback']>[0]) => channel.call('siblingFeedback', entry),
    items: (caller: string, ids: readonly string[]) => channel.call('siblingItems', caller, ids),
  };
  const serving = { log, audit, inflight, rollouts, live, objects, cache, siblings };
  const told = { log, clock, metrics };
  const source = {
    get config() {
      return live.current.config;
    },
  };
  const telemetry = await openTelemetry({ source, ...told }, opened);
  const exportRecord = await openRecordExport({ config, ...told }, opened, 'leaves');
  const outside = { telemetry, exportRecord };
  const gateway = openGateway(serving, { metrics, recent }, outcomes, shadow, admission, outside, opened);
  const limited = { lease, inflight, leased };
  return { ...limited, channel, log, pushed, rollouts, storedKeys, live, audit, metrics, shadow, recent, gateway };
}

/** Beside what the control process tells at once: it may have missed a change itself. */
function followKeys(storedKeys: StoredKeys, opened: AsyncDisposableStack): void {
  const timer = setInterval(() => void storedKeys.poll(), LOOK_EVERY).unref();
  opened.defer(() => clearInterval(timer));
}

/** Where the control process counts, parts of what it counts are leased. */
function openCounting(
  { counters }: Beginning,
  base: Parameters<typeof openLimits>[0],
  channel: ControlChannel,
  opened: AsyncDisposableStack,
) {
  if (counters !== 'memory:') return openLimits(base, opened, openCounters(counters, clock));
  return openLimits(base, opened, remoteCounters(channel), (news) => {
    channel.tell('tellLeases', news.opened, toWire(news.claims), news.reports, news.closed);
  });
}

function remoteCounters(channel: ControlChannel): RemoteCounters {
  return new RemoteCounters({
    reserve: (id, expiresIn, claims) => channel.callPaced('reserve', id, expiresIn, claims),
    settle: (isUrgent, id, claims, actual) => {
      if (isUrgent) channel.tellPaced('settle', id, claims, actual);
      else channel.tellSoon('settle', id, claims, actual);
    },
    renew: (ids, expiresIn) => channel.call('renew', ids, expiresIn),
    peek: (claims) => channel.call('peek', claims),
  });
}

interface OutcomeParts {
  readonly channel: ControlChannel;
  readonly metrics: Metrics;
  readonly live: WorkerSnapshot;
  readonly pushed: { readonly current: Pushed };
}

/** What requests came to, to the control process, whose judge sees all workers as one. */
function openOutcomes({ channel, metrics, live, pushed }: OutcomeParts, opened: AsyncDisposableStack): OutcomeBuffer {
  const outcomes = new OutcomeBuffer({
    append: (batch) => channel.call('appendOutcomes', batch),
    patienceOf: (rollout) => pushed.current.patience.get(rollout) ?? null,
    trafficSegments: () => {
      const { enabled, segments } = live.current.config.regression;
      return enabled ? segments : null;
    },
    dropped: (count) => metrics.outcomesDropped(count),
    droppedFeedback: (loss, count) => metrics.feedbackDropped(loss, count),
  });
  // What the store does not take is kept, and told of by the control process.
  const flush = (): Promise<void> => outcomes.flush().catch(() => {});
  const timer = setInterval(() => {
    outcomes.renew();
    void flush();
  }, FLUSH_EVERY).unref();
  opened.defer(async () => {
    clearInterval(timer);
    await flush();
    outcomes.close();
  });
  return outcomes;
}

/** The control process may call before all is there. */
function onceBuilt(built: Promise<WorkerService>): WorkerCalls {
  return {
    prepare: (config) => built.then((service) => service.prepare(config)),
    commit: (rollouts) => built.then((service) => service.commit(rollouts)),
    discard: () => built.then((service) => service.discard()),
    rollouts: (rollouts) => void built.then((service) => service.takeRollouts(rollouts)),
    pushed: (pushed) => void built.then((service) => service.takePushed(pushed)),
    auditDrained: () => void built.then((service) => service.auditDrained()),
    keysChanged: () => built.then((service) => service.keysChanged()),
    leaseAnswers: (answers) => void built.then((service) => service.leaseAnswers(answers)),
    giveBackLeases: (counters) => built.then((service) => service.giveBackLeases(counters)),
    giveBackPlaces: () => built.then((service) => service.giveBackPlaces()),
    report: () => built.then((service) => service.report()),
    isTurning: () => {},
    pairs: (rollout, limit) => built.then((service) => service.pairs(rollout, limit)),
    feedbackFor: (entry) => built.then((service) => service.feedbackFor(entry)),
    itemsOf: (caller, ids) => built.then((service) => service.itemsOf(caller, ids)),
    drain: () => void built.then((service) => service.finish()),
  };
}
