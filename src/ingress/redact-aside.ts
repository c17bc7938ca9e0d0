import { GatewayError } from '../core/errors.ts';
import type { AbortReason, Exchange } from '../core/exchange.ts';
import type { JsonDocument } from '../core/json-document.ts';
import type { Direction, RedactionLog, Redactor } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { abortError } from './read-body.ts';

/** To tell that a longer text is clean may take so long that others would notice. */
export const CHECKED_AT_ONCE: Chars = 256 * 1024;

/**
 * Redacts a document that may be large; a promise only where it is. Nobody else may listen to the exchange meanwhile.
 * @param log the exchange, or what tells it more exactly where findings are
 * @throws GatewayError `secret_detected`, `overloaded`; ClientGoneError
 */
export function redactAside(
  redactor: Redactor,
  document: JsonDocument,
  direction: Direction,
  exchange: Exchange,
  log: RedactionLog = exchange,
): JsonDocument | Promise<JsonDocument> {
  const redacted = redactor.redactAside(document, direction, log, () => abortSignalOf(exchange));
  return redacted instanceof Promise ? redacted.finally(() => exchange.onAbort(null)) : redacted;
}

function abortSignalOf(exchange: Exchange): AbortSignal {
  const controller = new AbortController();
  exchange.onAbort((reason) => controller.abort(errorOf(reason)));
  return controller.signal;
}

function errorOf(reason: AbortReason): Error {
  if (reason !== 'total_timeout') return abortError(reason);
  return new GatewayError('overloaded', 'The body could not be inspected in time; send it again, or in parts.', {
    retryAfterSeconds: 1,
  });
}
