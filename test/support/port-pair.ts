import { deserialize, serialize } from 'node:v8';
import type { Port } from '../../src/workers/channel.ts';

interface TestPort extends Port {
  /** Messages that were sent from here. */
  readonly sent: unknown[];
  /** Holds back what is sent to here, as a process does that is busy; `false` delivers it. */
  stall(isStalled: boolean): void;
}

interface PortPair {
  readonly one: TestPort;
  readonly other: TestPort;
  /** As the end of a process. */
  close(): void;
}

/** Two ends of a channel in one process; what is sent is cloned as between two. */
export function portPair(): PortPair {
  const listeners: ((message: unknown) => void)[][] = [[], []];
  const closing: (() => void)[] = [];
  const held: unknown[][] = [[], []];
  const isStalled = [false, false];
  const deliver = (to: number, message: unknown): void => {
    if (isStalled[to]) held[to]!.push(message);
    else for (const listener of listeners[to]!) listener(message);
  };
  const port = (own: number): TestPort => {
    const sent: unknown[] = [];
    return {
      sent,
      send: (message) => {
        sent.push(message);
        const copy: unknown = deserialize(serialize(message));
        setImmediate(() => deliver(1 - own, copy));
      },
      onMessage: (listener) => void listeners[own]!.push(listener),
      onClose: (listener) => void closing.push(listener),
      stall: (stalled) => {
        isStalled[own] = stalled;
        if (!stalled) for (const message of held[own]!.splice(0)) deliver(own, message);
      },
    };
  };
  return { one: port(0), other: port(1), close: () => closing.forEach((close) => close()) };
}
