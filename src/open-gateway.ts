import { announceOpenedGates } from './announce.ts';
import { auditRequest } from './audit-records.ts';
import type { OutcomeBuffer } from './controller/outcome-buffer.ts';
import { systemClock as clock } from './core/clock.ts';
import { Gateway } from './gateway.ts';
import { listen, type DataPlane } from './ingress/server.ts';
import type { Admission } from './limits/admission.ts';
import { record } from './record/record.ts';
import { ShadowTraffic } from './shadow/shadow-traffic.ts';
import { toResult } from './outcome/request-result.ts';
import type { Base } from './open-base.ts';
import type { Records } from './open-records.ts';

export function openGateway(
  { log, audit, inflight, rollouts, live, objects, cache }: Base,
  { metrics, recent }: Records,
  outcomes: OutcomeBuffer,
  shadow: ShadowTraffic,
  admission: Admission,
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
    snapshot: () => live.current,
    attempted: (provider, label, result) => metrics.attempted(provider, label, result),
    canAudit: () => audit.canAudit(),
    observes: (exchange, metadata) => outcomes.observes(exchange, metadata),
    feedback: (entry) => {
      outcomes.add(entry);
      metrics.feedback(entry, rollouts.current());
    },
    waiting: (exchange, now) => outcomes.waiting(exchange, now, clock.wall()),
    finished: (exchange) => {
      const told = record({ clock, metrics, recent, log }, exchange);
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
  source.onChange(async (next, previous, sha256) => {
    const change = { kind: 'config.reloaded', actor: 'config', subject: 'config', detail: { sha256 } };
    await audit.trail.action(change, () => live.apply(next));
    dataPlane.apply(next.gateway);
    if (next.log.level !== previous.log.level) log.level = next.log.level;
    announceOpenedGates(next, previous, log);
  });
  return dataPlane;
}
