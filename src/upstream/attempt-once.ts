import type { Dispatcher } from 'undici';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { AbortReason, Exchange } from '../core/exchange.ts';
import type { OpenTranslation } from '../core/translation.ts';
import type { TracedAttempt } from '../core/request-trace.ts';
import type { Milliseconds } from '../core/units.ts';
import { Attempt, type UpstreamRequest } from './attempt.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { Credentials } from './credentials.ts';
import type { Hedge } from './hedge.ts';
import type { RetryBudget } from './retry-budget.ts';
import { retryAfter } from './retry-after.ts';
import type { TargetLoad } from './target-load.ts';
import type { Upstream } from './upstream.ts';
import { UpstreamFailure, type FailureKind } from './upstream-error.ts';

/** One place to send to; `request` is called once per attempt. */
export interface Candidate {
  readonly upstream: Upstream;
  /** The model's configured name: breaker and metrics count by it. */
  readonly label: string;
  /** The upstream's model name; empty where the call names none. */
  readonly model: string;
  /** Null: the target is none of several. */
  readonly load: TargetLoad | null;
  /** Null: nothing is sent twice. */
  readonly hedge: Hedge | null;
  /** Extra attempts here; 0 where the body is a stream that can be read once only. */
  readonly retryAttempts: number;
  /** Of the latest request; null: the provider speaks the client's protocol. */
  readonly translation: OpenTranslation | null;
  /** Of the latest request: how it differs from what the app wrote; null: it does not. */
  readonly translated: string | null;
  /** Of the latest request: its stream tells a usage that the app did not ask for. */
  readonly hidesUsage: boolean;
  request(): UpstreamRequest;
}

export interface SendContext {
  readonly clock: Clock;
  readonly retryBudget: RetryBudget;
  /** In [0, 1): spreads retries over time. */
  readonly random: () => number;
  attempted(provider: string, label: string, result: string): void;
  /** Null: no limit or budget counts what a second request takes. */
  readonly seconds: SecondRequests | null;
  /** What became of a second request that was due. */
  hedged(route: string, result: HedgeResult): void;
}

/** `over_budget`: of the hedge itself; `over_limit`: of the caller's limits and budgets; `unhealthy`: the circuit is open. */
export type HedgeResult = 'sent' | 'over_budget' | 'over_limit' | 'unhealthy';

/** What second requests of one exchange take of its limits and budgets. */
export interface SecondRequests {
  /** Before it is sent. Null: it does not fit, or nobody can say. Never rejects. */
  reserve(): HeldSecond | null | Promise<HeldSecond | null>;
}

export interface HeldSecond {
  /** Once. @param lost the one of the two whose reply nobody reads; null: nothing was sent, or nothing came of it */
  ended(lost: Pick<Candidate, 'upstream' | 'model'> | null): void;
}

/** Headers, log and metrics tell of this target. */
export function name(exchange: Exchange, { upstream, model, label, translated, hidesUsage }: Candidate): void {
  exchange.provider = upstream.config.name;
  exchange.translated = translated;
  exchange.hidesUsage = hidesUsage;
  exchange.upstreamModel = model;
  exchange.modelLabel = label;
}

/** One request to one target, from the first word to the reply's headers; what came of it is told to breaker and load. */
export async function attemptOnce(
  exchange: Exchange,
  candidate: Candidate,
  breaker: CircuitBreaker,
  context: SendContext,
  attempt = new Attempt(),
): Promise<Attempt | UpstreamFailure> {
  const { upstream, label, load } = candidate;
  attempt.load = load;
  exchange.attempts++;
  exchange.account = '';
  name(exchange, candidate);
  const traced = exchange.trace?.attempt(upstream.config, candidate.model) ?? null;
  exchange.onAbort((reason) => endAttempt(exchange, attempt, reason));
  const started = context.clock.now();
  let result: Attempt | UpstreamFailure;
  try {
    const request = requestOf(candidate);
    // Once more: only now it is known how the request differs from the app's own.
    name(exchange, candidate);
    const { credentials } = upstream;
    if (credentials === null) result = await attempt.start(upstream.dispatcher, request);
    else result = await startWith(credentials, attempt, upstream.dispatcher, request, exchange);
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
  if (load !== null) measure(load, result, context.clock.now() - started, context.clock);
  context.attempted(upstream.config.name, label, resultLabel(result));
  if (traced !== null) settle(traced, result, context.clock.now());
  return result;
}

function settle(traced: TracedAttempt, result: Attempt | UpstreamFailure, now: Milliseconds): void {
  traced.settledAt = now;
  traced.status = result instanceof Attempt ? result.status : 0;
  traced.result = resultLabel(result);
}

/** What the provider charges for is read to its end where the client only left. */
export function endAttempt(exchange: Exchange, attempt: Attempt, reason: AbortReason): void {
  const isCharged = exchange.tally?.hasBegun === true && reason === 'client_gone';
  if (isCharged) attempt.leave(reason);
  else attempt.stop(reason);
}

/** @throws UpstreamFailure */
async function startWith(
  credentials: Credentials,
  attempt: Attempt,
  dispatcher: Dispatcher,
  request: UpstreamRequest,
  exchange: Exchange,
): Promise<Attempt> {
  const { homeAccount } = exchange;
  const authorized = credentials.authorize(request, homeAccount);
  const key = authorized instanceof Promise ? await attempt.until(authorized) : authorized;
  exchange.account = credentials.account(key);
  await attempt.start(dispatcher, request);
  const answered = credentials.answered(key, attempt);
  const hasOthers = answered instanceof Promise ? await answered : answered;
  // What the request names, no other account knows.
  attempt.mayRetryAtOnce = hasOthers && (homeAccount === '' || exchange.account !== homeAccount);
  return attempt;
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
  'hedged',
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

/** Without the key, the money or the model there: answered at once, and so not to be taken for a fast target. */
const SERVES_NOBODY: ReadonlySet<number> = new Set([401, 402, 403, 404]);

/** What a target is worth to the next request. */
function measure(load: TargetLoad, result: Attempt | UpstreamFailure, time: Milliseconds, clock: Clock): void {
  if (result instanceof UpstreamFailure) {
    // It would have taken longer still.
    if (result.kind === 'hedged') load.answered(time);
    else if (!SAYS_NOTHING.has(result.kind)) load.failed(time);
  } else if (result.status === 429) {
    if (!result.mayRetryAtOnce) load.limited(retryAfter(result, clock));
  } else if (result.status >= 500 || SERVES_NOBODY.has(result.status)) load.failed(time);
  // A request that is at fault is refused fast, which says nothing of how fast others are served.
  else if (result.status < 400) load.answered(time);
}

function resultLabel(result: Attempt | UpstreamFailure): string {
  if (result instanceof UpstreamFailure) return result.kind;
  return result.status < 400 ? 'ok' : `http_${result.status}`;
}
