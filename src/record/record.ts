import type { Logger } from 'pino';
import type { Clock } from '../core/clock.ts';
import type { Exchange } from '../core/exchange.ts';
import type { RequestRecord } from '../core/recent.ts';
import type { Metrics } from './metrics.ts';
import type { RequestRing } from './recent-requests.ts';

export interface RecordDeps {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly recent: RequestRing;
  readonly log: Logger;
}

/** Tells an exchange's end, once: to the metrics, the recent requests and the log. Never content, never a key. */
export function record(deps: RecordDeps, exchange: Exchange): void {
  const durationMs = deps.clock.now() - exchange.receivedAt;
  deps.metrics.finished(exchange, durationMs / 1000);
  const entry = toRecord(exchange, durationMs);
  deps.recent.add(entry);
  if (exchange.status >= 500) deps.log.warn(entry, 'request');
  else deps.log.info(entry, 'request');
}

function toRecord(exchange: Exchange, durationMs: number): RequestRecord {
  return {
    requestId: exchange.id,
    at: exchange.receivedWall,
    operation: exchange.operation,
    route: exchange.route,
    requestedModel: loggable(exchange.requestedModel),
    key: exchange.keyName,
    rollout: exchange.rollout,
    arm: exchange.arm,
    provider: exchange.provider,
    model: loggable(exchange.upstreamModel),
    status: exchange.status,
    outcome: exchange.outcome,
    errorType: exchange.errorType,
    stream: exchange.isStream,
    attempts: exchange.attempts,
    durationMs: round(durationMs),
    firstTokenMs: exchange.firstTokenAt === null ? null : round(exchange.firstTokenAt - exchange.receivedAt),
    overheadMs: round(exchange.overheadMs),
    inputTokens: exchange.usage?.inputTokens ?? null,
    outputTokens: exchange.usage?.outputTokens ?? null,
    finishReason: loggable(exchange.finishReason),
    redacted: exchange.redactions === null ? '' : exchange.redactedHeader(),
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

/** Names that callers and providers choose: bounded, and nothing that a terminal or log viewer would act on. */
function loggable(name: string): string {
  return name.length > 128 || /[^\x20-\x7e]/.test(name) ? name.slice(0, 128).replace(/[^\x20-\x7e]/g, '?') : name;
}
