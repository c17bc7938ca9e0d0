import { symbols, type Logger } from 'pino';
import type { RequestRecord } from '../core/recent.ts';
import type { RequestTrace } from '../core/request-trace.ts';

const LEVELS = { info: 30, warn: 40 } as const;

/**
 * One line per request, as `log.info(entry, 'request')` would print it. The logger walks an object field by field;
 * `JSON.stringify` does the same natively, in a third of the time and memory.
 */
export function logRequest(
  log: Logger,
  level: keyof typeof LEVELS,
  entry: RequestRecord,
  trace: Pick<RequestTrace, 'traceId' | 'spanId'> | null,
  wall: number,
): void {
  if (!log.isLevelEnabled(level)) return;
  const fields = JSON.stringify(entry).slice(1, -1);
  // @source OpenTelemetry, trace context in log formats that are not its own
  const ids = trace === null ? '' : `"trace_id":"${trace.traceId}","span_id":"${trace.spanId}",`;
  const head = `{"level":${LEVELS[level]},"time":${wall}${bindingsOf(log)}`;
  outputOf(log).write(`${head},${ids}${fields},"msg":"request"}\n`);
}

/** Where its lines go. */
export function outputOf(log: Logger): { write(lines: string): void } {
  return (log as unknown as Record<symbol, { write(lines: string): void }>)[symbols.streamSym]!;
}

/** What stands in each of its lines, as text that begins with a comma: which worker it is. */
function bindingsOf(log: Logger): string {
  return (log as unknown as Record<symbol, string>)[symbols.chindingsSym]!;
}
