import type { Logger } from 'pino';
import type { ObjectHomes } from './affinity/object-homes.ts';
import { announceOpenedGates } from './announce.ts';
import { auditRequest } from './audit-records.ts';
import type { CachedCalls } from './cached-calls.ts';
import type { OutcomeBuffer } from './controller/outcome-buffer.ts';
import { systemClock as clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import type { RequestRecord } from './core/recent.ts';
import type { RolloutView } from './core/rollout.ts';
import type { CounterStore } from './core/stores.ts';
import { Gateway, type GatewayDeps } from './gateway.ts';
import { listen, type DataPlane } from './ingress/server.ts';
import type { Admission } from './limits/admission.ts';
import type { InflightLimit } from './policy/admit.ts';
import type { RequestAudit } from './open-audit.ts';
import type { Metrics } from './record/metrics.ts';
import { record } from './record/record.ts';
import { ShadowTraffic } from './shadow/shadow-traffic.ts';
import { toResult } from './outcome/request-result.ts';
import type { Snapshot } from './snapshot.ts';
import type { Base } from './open-base.ts';
import type { Telemetry } from './open-telemetry.ts';

/** What requests are served with, in the only process or in one of several. */
export interface Serving {
  readonly log: Logger;
  readonly audit: RequestAudit;
  readonly inflight: InflightLimit;
  readonly rollouts: RolloutView;
  readonly live: { readonly current: Snapshot };
  readonly objects: ObjectHomes;
  readonly cache: CachedCalls;
  readonly siblings?: GatewayDeps['siblings'];
}

interface Told {
  readonly metrics: Metrics;
  readonly recent: { add(record: RequestRecord): void };
}

/** Where what is told of requests goes besides. */
interface Outside {
  readonly telemetry: Telemetry | null;
  exportRecord(record: RequestRecord): void;
}

export function openGateway(
  { log, audit, inflight, rollouts, live, objects, cache, siblings }: Serving,
  { metrics, recent }: Told,
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
    ...(siblings === undefined ? {} : { siblings }),
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
export function openShadow(
  { log, stores }: { readonly log: Logger; readonly stores: { readonly counters: CounterStore } },
  { metrics }: Pick<Told, 'metrics'>,
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

export async function openDataPlane(
  { source, log, live, audit }: Base,
  gateway: Gateway,
  opened: AsyncDisposableStack,
): Promise<DataPlane> {
  const dataPlane = await listen(source.config.gateway, gateway.handle, gateway.refused);
  opened.defer(() => {
    dataPlane.stopAccepting();
    dataPlane.closeAll();
  });
  followConfig({ source, log, audit }, async (next) => {
    await live.apply(next);
    dataPlane.apply(next.gateway);
  });
  return dataPlane;
}

/** From here on a changed configuration comes into force; nothing can bring one before the control plane is open. */
export function followConfig(
  { source, log, audit }: Pick<Base, 'source' | 'log' | 'audit'>,
  apply: (next: Config) => Promise<void>,
): void {
  source.onChange(async (next, previous, sha256) => {
    const change = { kind: 'config.reloaded', actor: 'config', subject: 'config', detail: { sha256 } };
    await audit.trail.action(change, () => apply(next));
    if (next.log.level !== previous.log.level) log.level = next.log.level;
    announceOpenedGates(next, previous, log);
  });
}
