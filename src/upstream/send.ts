import type { CircuitBreaker } from './circuit-breaker.ts';
import type { Exchange } from '../core/exchange.ts';
import type { OpenTranslation } from '../core/translation.ts';
import type { Milliseconds } from '../core/units.ts';
import { Attempt } from './attempt.ts';
import { attemptHedged } from './attempt-hedged.ts';
import { attemptOnce, name, type Candidate, type SendContext } from './attempt-once.ts';
import { readBody } from './read-body.ts';
import { retryAfter } from './retry-after.ts';
import { UpstreamFailure } from './upstream-error.ts';

/** What the app gets: a reply whose body is still to come, or an error reply that was read while others were tried. */
export interface Reply {
  readonly attempt: Attempt;
  /** Null: the body is still in `attempt`. */
  readonly body: Buffer | null;
  readonly breaker: CircuitBreaker;
  readonly translation: OpenTranslation | null;
}

/** Kept of an error reply while other targets are tried; longer ones are not passed back. */
const MAX_KEPT_ERROR_BYTES = 64 * 1024;
const FIRST_BACKOFF: Milliseconds = 50;

/**
 * Tries the candidates in order, each with its retries, until one answers. The same redacted bytes go out every time.
 * @throws GatewayError `upstream_unavailable`, `upstream_timeout`, `overloaded`, `invalid_request`; UpstreamFailure
 * `client_gone`
 */
export async function send(exchange: Exchange, candidates: readonly Candidate[], context: SendContext): Promise<Reply> {
  const order = reachable(candidates);
  /** Asked already, beside the first one. */
  let asked: Candidate | null = null;
  let last: { readonly result: Reply | UpstreamFailure; readonly from: Candidate } | null = null;
  for (let index = 0; index < order.length; index++) {
    const candidate = order[index]!;
    const isLast = index === order.length - 1;
    const breaker = candidate.upstream.breaker(candidate.label);
    if (candidate === asked || (!breaker.tryAcquire() && !(isLast && last === null))) continue;
    let outcome: Attempt | UpstreamFailure;
    const next = order[index + 1];
    if (candidate.hedge !== null && index === 0 && next !== undefined) {
      const hedged = await attemptHedged(exchange, [candidate, next], candidate.hedge, context);
      if (hedged.from === next) {
        served(exchange, next, candidates);
        return secondReply(hedged.result as Attempt, next);
      }
      outcome = hedged.result;
      if (hedged.wasSecondAsked) asked = next;
    } else outcome = await attemptOnce(exchange, candidate, breaker, context);
    const settled = mayRetry(outcome, candidate)
      ? await retry(exchange, candidate, breaker, context, outcome)
      : outcome;
    const replied = settled instanceof Attempt ? toReply(exchange, settled, candidate, breaker, isLast) : settled;
    const result = replied instanceof Promise ? await replied : replied;
    if (!(result instanceof UpstreamFailure) && result.body === null) {
      served(exchange, candidate, candidates);
      return result;
    }
    if (result instanceof UpstreamFailure && isPassedOver(result, candidate, next, last !== null)) continue;
    if (result instanceof UpstreamFailure && !result.allowsFallback) throw failed(result, candidate);
    // A reply that says what is wrong tells the app more than a later connection error.
    const tellsMore = !(result instanceof UpstreamFailure) || last === null || last.result instanceof UpstreamFailure;
    if (tellsMore) last = { result, from: candidate };
  }
  // Never null: the last candidate is always tried where nothing came of those before it.
  const { result, from } = last!;
  if (result instanceof UpstreamFailure) throw failed(result, from);
  // It may be an earlier target's reply, and headers and metrics must name that one.
  name(exchange, from);
  served(exchange, from, candidates);
  return result;
}

/** Of a fallback that cannot say what the app asks for, the app has no use to hear; nor where an equal target can say it. */
function isPassedOver({ kind }: UpstreamFailure, { load }: Candidate, next: Candidate | undefined, hasResult: boolean) {
  if (kind !== 'untranslatable') return false;
  return hasResult || (load !== null && next !== undefined && next.load !== null);
}

function secondReply(attempt: Attempt, { upstream, label, translation }: Candidate): Reply {
  return { attempt, body: null, breaker: upstream.breaker(label), translation };
}

/**
 * Never none: with every circuit open the first choice is tried all the same. Where all that are left limit, only one of them
 * is asked: the others would say the same, and what limits is not helped by more.
 */
function reachable(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.every(isFree)) return candidates;
  const healthy = candidates.every(isReachable) ? candidates : candidates.filter(isReachable);
  if (healthy.length === 0) return candidates.slice(0, 1);
  return healthy.some(({ load }) => load?.isOut !== true) ? healthy : healthy.slice(0, 1);
}

const isFree = (candidate: Candidate): boolean => candidate.load?.isOut !== true && isReachable(candidate);

const isReachable = ({ upstream, label }: Candidate): boolean => upstream.breaker(label).state !== 'open';

/** What the app gets, good or bad, is then not the first choice's. */
function served(exchange: Exchange, candidate: Candidate, [first]: readonly Candidate[]): void {
  if (candidate !== first) exchange.fallback = `${candidate.upstream.config.name}/${candidate.label}`;
}

function failed(failure: UpstreamFailure, candidate: Candidate): Error {
  return failure.kind === 'client_gone' ? failure : failure.toGatewayError(candidate.upstream.config.name);
}

/** Tries again while the outcome, the target's retries and the budget allow it. */
async function retry(
  exchange: Exchange,
  candidate: Candidate,
  breaker: CircuitBreaker,
  context: SendContext,
  first: Attempt | UpstreamFailure,
): Promise<Attempt | UpstreamFailure> {
  let result = first;
  let [tries, otherKeys] = [0, (candidate.upstream.credentials?.pool?.size ?? 1) - 1];
  for (;;) {
    // Other keys are tried beside the retries, each one once: a key that is refused says nothing of the target.
    const isOtherKey = otherKeys > 0 && result instanceof Attempt && result.mayRetryAtOnce;
    if (isOtherKey) otherKeys--;
    else if (tries === candidate.retryAttempts) break;
    const wait = isOtherKey ? 0 : retryWait(result, candidate, tries++, context);
    if (wait === null || !context.retryBudget.tryAcquire()) break;
    try {
      if (result instanceof Attempt) await readBody(result, MAX_KEPT_ERROR_BYTES);
      const paused = context.clock.now();
      const isAwaited = await pause(wait, exchange);
      exchange.waitedMs += context.clock.now() - paused;
      if (!isAwaited)
        return new UpstreamFailure(exchange.aborted ?? 'client_gone', true, 'aborted while waiting to retry');
      result = await attemptOnce(exchange, candidate, breaker, context);
    } finally {
      context.retryBudget.release();
    }
  }
  return result;
}

/** A retryable error reply is read (`body` set) and kept, unless it is the last word. */
function toReply(
  exchange: Exchange,
  attempt: Attempt,
  candidate: Candidate,
  breaker: CircuitBreaker,
  isLastCandidate: boolean,
): Reply | Promise<Reply | UpstreamFailure> {
  const isRetryable = attempt.refusesCredentials || candidate.upstream.config.retries.statuses.includes(attempt.status);
  const { translation } = candidate;
  if (!isRetryable || isLastCandidate) return { attempt, body: null, breaker, translation };
  return keepReply(exchange, attempt, breaker, translation);
}

async function keepReply(
  exchange: Exchange,
  attempt: Attempt,
  breaker: CircuitBreaker,
  translation: OpenTranslation | null,
): Promise<Reply | UpstreamFailure> {
  const body = await readBody(attempt, MAX_KEPT_ERROR_BYTES);
  // Its headers would promise a body that is not there.
  if (body === null)
    return new UpstreamFailure(exchange.aborted ?? 'malformed_reply', true, 'the error reply is cut off');
  return { attempt, body, breaker, translation };
}

/** The cheap question, which nearly every reply answers with no. */
function mayRetry(result: Attempt | UpstreamFailure, { upstream, retryAttempts }: Candidate): boolean {
  if (retryAttempts === 0) return false;
  if (result instanceof UpstreamFailure) return true;
  return result.mayRetryAtOnce || upstream.config.retries.statuses.includes(result.status);
}

/** How long to wait before the same target is tried again; null where it must not be. */
function retryWait(
  result: Attempt | UpstreamFailure,
  candidate: Candidate,
  tries: number,
  context: SendContext,
): Milliseconds | null {
  const backoff = FIRST_BACKOFF * 2 ** tries * (0.5 + context.random());
  if (result instanceof UpstreamFailure) return result.maySentBytes || !result.allowsFallback ? null : backoff;
  if (result.mayRetryAtOnce) return 0;
  const { retries } = candidate.upstream.config;
  if (!retries.statuses.includes(result.status)) return null;
  const asked = retryAfter(result, context.clock);
  if (asked === null) return backoff;
  return asked <= retries.maxWait ? asked : null;
}

/** False where the exchange was aborted meanwhile. */
function pause(wait: Milliseconds, exchange: Exchange): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), wait);
    exchange.onAbort(() => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}
