import type { IncomingMessage } from 'node:http';
import type { Milliseconds } from '../core/units.ts';

/** How long a client that is still sending is listened to after its answer. */
const LINGER: Milliseconds = 500;

/**
 * Throws away what a client still sends after it has been answered, so that it reads the answer (closing with unread
 * input makes the kernel reset the connection) and the connection can serve on. Not for long: a client that goes on
 * sending is cut off.
 */
export function discardRest(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) return;
  const timer = setTimeout(() => incoming.socket.destroy(), LINGER);
  const stop = (): void => clearTimeout(timer);
  incoming.once('end', stop).once('close', stop).resume();
}
