import type { Logger } from 'pino';
import type { GatewayConfig } from './core/config.ts';
import type { Milliseconds } from './core/units.ts';
import type { Gateway } from './gateway.ts';
import type { DataPlane } from './ingress/server.ts';
import type { InflightLimit } from './policy/admit.ts';

/** After the time to drain: for the last events of streams that are ended. */
const LAST_WORDS: Milliseconds = 1_000;

/** For what the client of the last reply sends behind it, on the same connection. */
const NEXT_WITHIN: Milliseconds = 250;

interface Draining {
  readonly timeouts: GatewayConfig['timeouts'];
  readonly inflight: InflightLimit;
  readonly dataPlane: Pick<DataPlane, 'leave' | 'stopAccepting'>;
  readonly gateway: Pick<Gateway, 'abortOpen'>;
  readonly log: Logger;
}

/**
 * Serves on for `drainDelay`, in which load balancers learn from readiness that they should send no more, and clients from
 * each reply that they should use its connection no more; then takes no new connection, lets open requests finish within
 * `drain`, and ends the rest. What still comes on a connection whose reply began before is served: its client cannot know.
 */
export async function drain({ timeouts, inflight, dataPlane, gateway, log }: Draining): Promise<void> {
  const { drainDelay, drain } = timeouts;
  log.info({ openRequests: inflight.current, drainDelayMs: drainDelay, drainMs: drain }, 'draining began');
  dataPlane.leave();
  if (drainDelay > 0) await elapsed(drainDelay);
  dataPlane.stopAccepting();
  await atRest(inflight, drain);
  inflight.drain();
  const cutOff = inflight.current;
  gateway.abortOpen();
  await inflight.idle(LAST_WORDS);
  log.info({ cutOff }, 'draining is done');
}

/** Nothing is in flight any more, and nothing follows; or the time is over. */
async function atRest(inflight: InflightLimit, time: Milliseconds): Promise<void> {
  const until = performance.now() + time;
  while (inflight.current > 0) {
    await inflight.idle(Math.max(0, until - performance.now()));
    if (inflight.current > 0) return;
    await elapsed(NEXT_WITHIN);
  }
}

function elapsed(time: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
