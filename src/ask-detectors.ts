import type { ModelCall } from './core/call.ts';
import type { Clock } from './core/clock.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { RequestRedactor } from './core/redaction.ts';
import type { OpenCall } from './open-calls.ts';
import { promptLanguage } from './outcome/prompt-language.ts';

/**
 * Has the detectors outside asked about a request whose secrets have been replaced.
 * @param call null where it is passed through
 * @throws GatewayError `detector_unavailable`, `secret_detected`
 */
export async function askDetectors(
  { exchange, snapshot }: OpenCall,
  clean: JsonDocument,
  redactor: RequestRedactor,
  clock: Clock,
  call: ModelCall | null,
): Promise<JsonDocument> {
  const asking = new AbortController();
  const started = clock.now();
  exchange.setDeadline(started + snapshot.config.upstream.timeouts.total, 'total_timeout');
  exchange.onAbort((reason) => asking.abort(reason));
  const question = {
    language: () => exchange.language || (call === null ? '' : promptLanguage(exchange.operation, call)),
    signal: asking.signal,
    called: exchange.called.bind(exchange),
  };
  try {
    return await redactor.askDetectors(clean, question, exchange);
  } finally {
    exchange.waitedMs += clock.now() - started;
    exchange.onAbort(null);
  }
}
