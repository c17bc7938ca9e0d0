import type { Logger } from 'pino';
import type { GatewayConfig } from './core/config.ts';
import type { Milliseconds } from './core/units.ts';
import type { Gateway } from './gateway.ts';
import type { DataPlane } from './ingress/server.ts';
import type { InflightLimit } from './policy/admit.ts';

/** After the time to drain: for the last events of streams that are ended. */
const LAST_WORDS: Milliseconds = 1_000;

interface Draining {
  readonly timeouts: GatewayConfig['timeouts'];
  readonly inflight: InflightLimit;
  readonly dataPlane: Pick<DataPlane, 'stopAccepting'>;
  readonly gateway: Pick<Gateway, 'abortOpen'>;
  readonly log: Logger;
}

/**
 * Serves on for `drainDelay`, in which load balancers learn from readiness that they should send no more; then takes no
 * new request, lets open ones finish within `drain`, and ends the rest.
 */
export async function drain({ timeouts, inflight, dataPlane, gateway, log }: Draining): Promise<void> {
  const { drainDelay, drain } = timeouts;
  log.info({ openRequests: inflight.current, drainDelayMs: drainDelay, drainMs: drain }, 'draining began');
  if (drainDelay > 0) await elapsed(drainDelay);
  inflight.drain();
  dataPlane.stopAccepting();
  await inflight.idle(drain);
  const cutOff = inflight.current;
  gateway.abortOpen();
  await inflight.idle(LAST_WORDS);
  log.info({ cutOff }, 'draining is done');
}

function elapsed(time: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
