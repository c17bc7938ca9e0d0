import type { Exchange } from '../core/exchange.ts';
import type { Milliseconds } from '../core/units.ts';
import { Attempt } from './attempt.ts';
import { attemptOnce, endAttempt, name, type Candidate, type SendContext } from './attempt-once.ts';
import type { Hedge } from './hedge.ts';
import type { UpstreamFailure } from './upstream-error.ts';

type Result = Attempt | UpstreamFailure;

/** What came of the first target, or a good reply of the second one. */
interface HedgedResult {
  readonly result: Result;
  readonly from: Candidate;
  /** The second one was asked, too. */
  readonly wasSecondAsked: boolean;
}

/**
 * As `attemptOnce`; where the first target keeps the request waiting, the second one gets it as well, and the first good reply
 * is taken. Nothing was passed on yet, so the app sees one reply; the other request is ended.
 */
export async function attemptHedged(
  exchange: Exchange,
  [first, second]: readonly [Candidate, Candidate],
  hedge: Hedge,
  context: SendContext,
): Promise<HedgedResult> {
  const { clock } = context;
  const [begun, upstreamMs] = [clock.now(), exchange.upstreamMs];
  const attempt = new Attempt();
  const running = attemptOnce(exchange, first, breakerOf(first), context, attempt);
  const delay = hedge.delay(exchange.wantsStream);
  const early = delay === null ? await running : await within(running, delay);
  const mayAsk = early === null && exchange.aborted === null && hedge.tryAcquire();
  if (!mayAsk || !breakerOf(second).tryAcquire()) {
    const result = early ?? (await running);
    if (isGood(result)) hedge.answered(clock.now() - begun, exchange.wantsStream);
    return { result, from: first, wasSecondAsked: false };
  }
  const other = new Attempt();
  const asked = exchange.trace?.attempts.length ?? 0;
  const hedged = attemptOnce(exchange, second, breakerOf(second), context, other);
  exchange.trace?.hedged(asked);
  exchange.onAbort((reason) => {
    attempt.stop(reason);
    other.stop(reason);
  });
  const winner = await firstGood(running, hedged);
  const [result, loser, lost, from] =
    winner === 'second' ? [await hedged, attempt, running, second] : [await running, other, hedged, first];
  end(loser, lost);
  exchange.onAbort((reason) => endAttempt(exchange, winner === 'second' ? other : attempt, reason));
  // Of the first target no less, also where it lost: the slow ones must not be missing.
  hedge.answered(clock.now() - begun, exchange.wantsStream);
  // The two waited at the same time.
  exchange.upstreamMs = upstreamMs + clock.now() - begun;
  name(exchange, from);
  return { result, from, wasSecondAsked: true };
}

function breakerOf({ upstream, label }: Candidate) {
  return upstream.breaker(label);
}

/** Null where the time is up before. */
function within(running: Promise<Result>, delay: Milliseconds): Promise<Result | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), delay);
    running.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function isGood(result: Result): boolean {
  return result instanceof Attempt && result.status < 400;
}

/** `none` once both have failed. */
function firstGood(first: Promise<Result>, second: Promise<Result>): Promise<'first' | 'second' | 'none'> {
  return new Promise((resolve, reject) => {
    let open = 2;
    const settle = (which: 'first' | 'second') => (result: Result) => {
      open--;
      if (isGood(result)) resolve(which);
      else if (open === 0) resolve('none');
    };
    first.then(settle('first'), reject);
    second.then(settle('second'), reject);
  });
}

/** Wherever it stands; a reply that it has already is not read. */
function end(attempt: Attempt, running: Promise<Result>): void {
  attempt.stop('hedged');
  running.catch(() => {});
}
