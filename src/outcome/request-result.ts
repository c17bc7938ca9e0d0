import type { Exchange } from '../core/exchange.ts';
import type { RequestResult } from '../core/outcome.ts';
import type { Milliseconds } from '../core/units.ts';

/**
 * What became of a request; null where that says nothing about who served it: the client left, the gateway itself said
 * no, or is stopping. Reads the facts of the reply into the exchange, so it is called once the reply has left.
 * @param durationMs from the first request byte to the last reply byte
 * @param wall the time of the end
 */
export function toResult(exchange: Exchange, durationMs: Milliseconds, wall: Milliseconds): RequestResult | null {
  const { outcome, aborted } = exchange;
  if (outcome === 'cancelled' || outcome === 'denied' || aborted === 'shutdown') return null;
  const { firstTokenAt, finishReason } = exchange;
  // What the gateway counted itself is good enough for a bill, not for a comparison.
  const { usage, costUsd } = exchange.isEstimated ? UNTOLD : exchange;
  return {
    requestId: exchange.id,
    at: wall / 1000,
    error: isError(exchange),
    truncated: outcome === 'truncated',
    ...(isRejected(exchange) ? REJECTED : NOTHING),
    latencyMs: durationMs,
    key: exchange.keyName,
    ...(exchange.upstreamModel === '' ? NOTHING : { model: exchange.upstreamModel.slice(0, LONGEST_NAME) }),
    ...(exchange.fallback === '' ? NOTHING : { fallback: exchange.fallback }),
    ...(exchange.language === '' ? NOTHING : { language: exchange.language }),
    ...(firstTokenAt === null ? NOTHING : { ttftMs: firstTokenAt - exchange.receivedAt }),
    ...(usage === null ? NOTHING : { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens }),
    ...(costUsd === null ? NOTHING : { costUsd }),
    ...(finishReason === '' ? NOTHING : { finishReason: finishReason.slice(0, LONGEST_NAME) }),
    ...told(exchange),
  };
}

const NOTHING = {};
const UNTOLD = { usage: null, costUsd: null };
const REJECTED = { rejected: true };
/** Providers and apps choose these names. */
const LONGEST_NAME = 128;

/**
 * The provider's or our fault. A status of 4xx tells the caller that the request was wrong, whoever serves it; these two
 * tell of a provider that is too busy or too slow.
 */
function isError({ outcome, status }: Exchange): boolean {
  if (outcome === 'truncated') return true;
  if (outcome !== 'error') return false;
  const isInBand = status < 400;
  return isInBand || status >= 500 || status === 429 || status === 408;
}

/** An arm's own parameters, model or key may be what the provider refuses: only a comparison of arms can tell. */
function isRejected(exchange: Exchange): boolean {
  return exchange.outcome === 'error' && exchange.status >= 400 && !isError(exchange);
}

/** Of a reply that came whole: half a reply is broken JSON for other reasons. */
function told(exchange: Exchange) {
  if (exchange.outcome !== 'success') return NOTHING;
  const facts = (exchange.facts ??= exchange.observer?.facts(exchange.finishReason) ?? null);
  if (facts === null) return NOTHING;
  const { refusal, invalidJson, invalidToolCall, outputChars } = facts;
  const isInvalid = invalidJson === true || invalidToolCall === true ? true : (invalidJson ?? invalidToolCall);
  return {
    ...(refusal === null ? NOTHING : { refusal }),
    ...(isInvalid === null ? NOTHING : { invalidJson: isInvalid }),
    ...(outputChars === null ? NOTHING : { outputChars }),
  };
}
