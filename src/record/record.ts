import type { Logger } from 'pino';
import type { Clock } from '../core/clock.ts';
import type { ContentTap, Exchange } from '../core/exchange.ts';
import type { DetectorCall } from '../core/external-detector.ts';
import type { RequestRecord } from '../core/recent.ts';
import type { RequestTrace } from '../core/request-trace.ts';
import type { Metrics } from './metrics.ts';
import { logRequest } from './request-log.ts';

interface RecordDeps {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly recent: { add(record: RequestRecord): void };
  readonly log: Logger;
}

/** Once at its beginning and once at its end, whatever number of requests it was for. */
function logOutage(log: Logger, { detector, result, change }: DetectorCall): void {
  if (change === 'down') log.warn({ detector, result }, 'a redaction detector cannot be asked');
  else if (change === 'up') log.info({ detector }, 'the redaction detector answers again');
}

/**
 * Tells an exchange's end, once: to the metrics, the recent requests and the log. Never a key; content only to the requests, where it is kept.
 * @returns what was told
 */
export function record(deps: RecordDeps, exchange: Exchange): RequestRecord {
  const durationMs = deps.clock.now() - exchange.receivedAt;
  deps.metrics.finished(exchange, durationMs / 1000);
  for (const call of exchange.detectorCalls ?? []) logOutage(deps.log, call);
  const entry = withPolicies(toRecord(exchange, durationMs), exchange);
  logRequest(deps.log, exchange.status >= 500 ? 'warn' : 'info', entry, exchange.trace, deps.clock.wall());
  // Behind the line of the log, where the ids have other names and what was said is no part of it.
  if (exchange.trace !== null) setIds(entry, exchange.trace);
  if (exchange.content !== null) setContent(entry, exchange.content);
  deps.recent.add(entry);
  return entry;
}

const NO_FINDINGS: RequestRecord['findings'] = [];

function toRecord(exchange: Exchange, durationMs: number): RequestRecord {
  return {
    requestId: exchange.id,
    at: exchange.receivedWall,
    operation: exchange.operation,
    route: exchange.route,
    requestedModel: loggable(exchange.requestedModel),
    key: exchange.keyName,
    team: exchange.teamName,
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
    overheadMs: round(exchange.overheadMs ?? 0),
    inputTokens: exchange.usage?.inputTokens ?? null,
    outputTokens: exchange.usage?.outputTokens ?? null,
    costUsd: exchange.costUsd,
    estimated: exchange.isEstimated,
    finishReason: loggable(exchange.finishReason),
    redacted: exchange.redactions === null ? '' : exchange.redactedHeader(),
    findings: exchange.findings ?? NO_FINDINGS,
    traceId: undefined,
    spanId: undefined,
    attackScore: exchange.attackScore === null ? null : Math.round(exchange.attackScore * 100) / 100,
  };
}

type Unfinished = { -readonly [Field in keyof RequestRecord]: RequestRecord[Field] };

function setContent(entry: Unfinished, content: ContentTap): void {
  entry.content = content.told();
}

/** In place: a copy of all fields would be made for each request. */
function setIds(entry: Unfinished, trace: RequestTrace): void {
  entry.traceId = trace.traceId;
  entry.spanId = trace.spanId;
}

/** Most requests have none: their lines are not made longer for it. */
function withPolicies(entry: RequestRecord, { policies, tags }: Exchange): RequestRecord {
  if (policies === null) return entry;
  return tags === null ? { ...entry, policies } : { ...entry, policies, tags };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

const LONGEST_NAME = 128;
/** V8 copies shorter slices; longer ones keep the text that they were cut from alive. */
const SHORTEST_VIEW = 13;

/**
 * Names that callers and providers choose: bounded, nothing in them that a terminal or log viewer would act on, and
 * copied, or each record that is kept would keep the whole body that its names were read from.
 */
function loggable(name: string): string {
  if (name.length < SHORTEST_VIEW && !/[^\x20-\x7e]/.test(name)) return name;
  const printable = name.slice(0, LONGEST_NAME).replace(/[^\x20-\x7e]/g, '?');
  return Buffer.from(printable, 'latin1').toString('latin1');
}
