import type { Logger } from 'pino';
import { AuditQueue } from './audit/trail.ts';
import type { Clock } from './core/clock.ts';
import type { AuditConfig } from './core/config.ts';
import { requiredKinds, type RequestAudit } from './open-audit.ts';
import type { ControlChannel } from './worker-stores.ts';

interface WorkerAuditParts {
  readonly channel: ControlChannel;
  /** In force now. */
  config(): AuditConfig;
  /** Whether the control process can write what has to be recorded. */
  canWrite(): boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

interface WorkerAudit extends RequestAudit {
  drained(): void;
}

/** The trail in a worker: a queue of its own, written by the control process, which has the only chain. */
export function openWorkerAudit(
  { channel, config, canWrite, clock, log }: WorkerAuditParts,
  opened: AsyncDisposableStack,
): WorkerAudit {
  const isRequired = requiredKinds(config);
  const trail = new AuditQueue({
    port: { write: (records, mayBeKnown) => channel.call('writeAudit', records, mayBeKnown) },
    clock,
    capacity: () => config().queue,
    isRequired,
    log: (message, detail) => log.error(detail, message),
  });
  opened.defer(async () => {
    const lost = await trail.close();
    if (lost > 0) log.error({ lost }, 'audit entries could not be written and are lost');
  });
  return {
    trail,
    canAudit: () => canWrite() && (trail.isWritable || !isRequired('request')),
    totals: () => trail.totals(),
    troubles: () => trail.troubles(),
    drained: () => trail.drained(),
  };
}
