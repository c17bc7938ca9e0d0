import type { Dispatcher } from 'undici';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Clock } from '../core/clock.ts';
import type { OpenTranslation } from '../core/translation.ts';
import type { Milliseconds } from '../core/units.ts';
import { Attempt, type UpstreamRequest } from './attempt.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { Credentials } from './credentials.ts';
import { readBody } from './read-body.ts';
import { retryAfter } from './retry-after.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Upstream } from './upstream.ts';
import { UpstreamFailure, type FailureKind } from './upstream-error.ts';

/** One place to send to; `request` is called once per attempt. */
export interface Candidate {
  readonly upstream: Upstream;
  /** The model's configured name: breaker and metrics count by it. */
  readonly label: string;
  /** The upstream's model name; empty where the call names none. */
  readonly model: string;
  /** Extra attempts here; 0 where the body is a stream that can be read once only. */
  readonly retryAttempts: number;
  /** Of the latest request; null: the provider speaks the client's protocol. */
  readonly translation: OpenTranslation | null;
  /** Of the latest request: how it differs from what the app wrote; null: it does not. */
  readonly translated: string | null;
  request(): UpstreamRequest;
}

export interface SendContext {
  readonly clock: Clock;
  readonly retryBudget: RetryBudget;
  /** In [0, 1): spreads retries over time. */
  readonly random: () => number;
  attempted(provider: string, label: string, result: string): void;
}

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
  const healthy = candidates.filter(({ upstream, label }) => upstream.breaker(label).state !== 'open');
  // Never eject the last target: with every circuit open the first choice is tried all the same.
  const order = healthy.length > 0 ? healthy : candidates.slice(0, 1);
  let last: { readonly result: Reply | UpstreamFailure; readonly from: Candidate } | null = null;
  for (const [index, candidate] of order.entries()) {
    const isLast = index === order.length - 1;
    const breaker = candidate.upstream.breaker(candidate.label);
    if (!breaker.tryAcquire() && !(isLast && last === null)) continue;
    const outcome = await attemptOnce(exchange, candidate, breaker, context);
    const settled = mayRetry(outcome, candidate)
      ? await retry(exchange, candidate, breaker, context, outcome)
      : outcome;
    const result = settled instanceof Attempt ? await toReply(exchange, settled, candidate, breaker, isLast) : settled;
    if (!(result instanceof UpstreamFailure) && result.body === null) {
      served(exchange, candidate, candidates);
      return result;
    }
    // Of a fallback that cannot say what the app asks for, the app has no use to hear.
    if (result instanceof UpstreamFailure && result.kind === 'untranslatable' && last !== null) continue;
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

/** What the app gets, good or bad, is then not the first choice's. */
function served(exchange: Exchange, candidate: Candidate, [first]: readonly Candidate[]): void {
  if (candidate !== first) exchange.fallback = `${candidate.upstream.config.name}/${candidate.label}`;
}

function name(exchange: Exchange, { upstream, model, label, translated }: Candidate): void {
  exchange.provider = upstream.config.name;
  exchange.translated = translated;
  exchange.upstreamModel = model;
  exchange.modelLabel = label;
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
  for (let tries = 0; tries < candidate.retryAttempts; tries++) {
    const wait = retryWait(result, candidate, tries, context);
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
  const isRetryable = candidate.upstream.config.retries.statuses.includes(attempt.status);
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

async function attemptOnce(
  exchange: Exchange,
  candidate: Candidate,
  breaker: CircuitBreaker,
  context: SendContext,
): Promise<Attempt | UpstreamFailure> {
  const { upstream, label } = candidate;
  const attempt = new Attempt();
  exchange.attempts++;
  name(exchange, candidate);
  exchange.onAbort((reason) => attempt.stop(reason));
  const started = context.clock.now();
  let result: Attempt | UpstreamFailure;
  try {
    const request = requestOf(candidate);
    exchange.translated = candidate.translated;
    const { credentials } = upstream;
    if (credentials === null) result = await attempt.start(upstream.dispatcher, request);
    else result = await startWith(credentials, exchange, attempt, upstream.dispatcher, request);
    if (!isUsable(result, exchange)) {
      result.stop('malformed_reply');
      result = new UpstreamFailure('malformed_reply', true, 'malformed_reply');
    }
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) {
      breaker.undecided();
      throw error;
    }
    result = error;
  } finally {
    exchange.upstreamMs += context.clock.now() - started;
  }
  judge(breaker, result);
  context.attempted(upstream.config.name, label, resultLabel(result));
  return result;
}

/** @throws UpstreamFailure */
async function startWith(
  credentials: Credentials,
  exchange: Exchange,
  attempt: Attempt,
  dispatcher: Dispatcher,
  request: UpstreamRequest,
): Promise<Attempt> {
  const authorized = credentials.authorize(request);
  const key = authorized instanceof Promise ? await whileAwaited(exchange, attempt, authorized) : authorized;
  await attempt.start(dispatcher, request);
  attempt.mayRetryAtOnce = credentials.answered(key, attempt);
  return attempt;
}

/** A token may take as long as its server likes; the exchange may not. */
function whileAwaited<T>(exchange: Exchange, attempt: Attempt, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    exchange.onAbort((reason) => {
      attempt.stop(reason);
      reject(new UpstreamFailure(reason, false, reason));
    });
    promise.then(resolve, reject);
  });
}

/** @throws UpstreamFailure `untranslatable` */
function requestOf(candidate: Candidate): UpstreamRequest {
  try {
    return candidate.request();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new UpstreamFailure('untranslatable', false, error.message, error);
  }
}

/**
 * What is passed through may be anything. A parsed endpoint never answers with a page (a proxy or login in between does)
 * nor with a redirect, which is not followed: the next hop would get the credential.
 */
export function isUsable(reply: Attempt, { operation }: Exchange): boolean {
  if (operation === 'passthrough' || operation === 'models' || reply.status >= 400) return true;
  return reply.status < 300 && reply.header('content-type')?.toLowerCase().startsWith('text/html') !== true;
}

/** Ends that are not the target's doing. */
const SAYS_NOTHING: ReadonlySet<FailureKind> = new Set([
  'client_gone',
  'shutdown',
  'unsendable',
  'refused',
  'untranslatable',
]);

function judge(breaker: CircuitBreaker, result: Attempt | UpstreamFailure): void {
  if (result instanceof Attempt) {
    if (result.status >= 500) breaker.failed();
    else if (result.status === 429) breaker.undecided();
    else if (result.status >= 400) breaker.succeeded();
    else breaker.answered();
  } else if (SAYS_NOTHING.has(result.kind)) breaker.undecided();
  else breaker.failed();
}

function resultLabel(result: Attempt | UpstreamFailure): string {
  if (result instanceof UpstreamFailure) return result.kind;
  return result.status < 400 ? 'ok' : `http_${result.status}`;
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
