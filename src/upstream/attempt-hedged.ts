import type { Exchange } from '../core/exchange.ts';
import type { Milliseconds } from '../core/units.ts';
import { Attempt } from './attempt.ts';
import {
  attemptOnce,
  endAttempt,
  name,
  type Candidate,
  type HedgeResult,
  type HeldSecond,
  type SendContext,
} from './attempt-once.ts';
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
  const held =
    early === null && exchange.aborted === null ? await mayAsk(exchange, second, running, hedge, context) : null;
  if (held === null) {
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
  const { winner, hasOtherFailed } = await firstGood(running, hedged);
  const [result, loser, lost, from] =
    winner === 'second' ? [await hedged, attempt, running, second] : [await running, other, hedged, first];
  const hasLost = winner === 'second' ? first : second;
  // What fails is not charged, unless it was the app that left.
  held.ended(hasOtherFailed && exchange.aborted === null ? null : hasLost);
  end(loser, lost);
  exchange.onAbort((reason) => endAttempt(exchange, winner === 'second' ? other : attempt, reason));
  // Of the first target no less, also where it lost: the slow ones must not be missing.
  hedge.answered(clock.now() - begun, exchange.wantsStream);
  // The two waited at the same time.
  exchange.upstreamMs = upstreamMs + clock.now() - begun;
  name(exchange, from);
  return { result, from, wasSecondAsked: true };
}

/** Asked in this order: what is taken is given back where a later one says no. Null: the second one is not asked. */
async function mayAsk(
  exchange: Exchange,
  second: Candidate,
  running: Promise<Result>,
  hedge: Hedge,
  { seconds, hedged }: SendContext,
): Promise<HeldSecond | null> {
  if (!hedge.tryAcquire()) return refused('over_budget');
  const reserving = seconds === null ? UNLIMITED : seconds.reserve();
  const held = reserving instanceof Promise ? await reservedBefore(running, reserving) : reserving;
  if (held !== 'answered' && held !== null && exchange.aborted === null && breakerOf(second).tryAcquire()) {
    hedged(exchange.route, 'sent');
    return held;
  }
  hedge.giveBack();
  if (held === 'answered') return null;
  held?.ended(null);
  return exchange.aborted === null ? refused(held === null ? 'over_limit' : 'unhealthy') : null;

  function refused(why: HedgeResult): null {
    hedged(exchange.route, why);
    return null;
  }
}

const UNLIMITED: HeldSecond = { ended: () => {} };

/** Shared counters take their time, in which the first target may answer after all: then what was reserved goes back. */
async function reservedBefore(
  running: Promise<Result>,
  reserving: Promise<HeldSecond | null>,
): Promise<HeldSecond | null | 'answered'> {
  const first = await Promise.race([
    reserving,
    running.then(
      () => 'answered' as const,
      () => 'answered' as const,
    ),
  ]);
  if (first === 'answered') void reserving.then((held) => held?.ended(null));
  return first;
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

interface Race {
  /** `none`: both have failed. */
  readonly winner: 'first' | 'second' | 'none';
  readonly hasOtherFailed: boolean;
}

function firstGood(first: Promise<Result>, second: Promise<Result>): Promise<Race> {
  return new Promise((resolve, reject) => {
    let open = 2;
    const settle = (which: 'first' | 'second') => (result: Result) => {
      open--;
      if (isGood(result)) resolve({ winner: which, hasOtherFailed: open === 0 });
      else if (open === 0) resolve({ winner: 'none', hasOtherFailed: true });
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
