import type { Milliseconds } from '../core/units.ts';

interface Waiting {
  readonly until: Milliseconds;
  readonly expire: () => void;
  isDone: boolean;
}

/** Replies that are all due after the same time: one timer for all of them, for the first that is due. */
export class ReplyDeadline {
  private readonly within: Milliseconds;
  private readonly queue: Waiting[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(within: Milliseconds) {
    this.within = within;
  }

  /** @throws Error when the reply is late; what comes then is lost */
  wait<T>(reply: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const expire = () => reject(new Error(`There was no reply within ${this.within} ms.`));
      const waiting: Waiting = { until: performance.now() + this.within, expire, isDone: false };
      this.queue.push(waiting);
      this.timer ??= this.arm(this.within);
      const finish = () => void (waiting.isDone = true);
      reply.then(resolve, reject).then(finish, finish);
    });
  }

  /** Looks at what has arrived before it gives up: after a pause of this process timers come first, replies later. */
  private arm(delay: Milliseconds): NodeJS.Timeout {
    return setTimeout(() => setImmediate(() => this.check()), delay);
  }

  private check(): void {
    const now = performance.now();
    const next = this.queue.findIndex(({ isDone, until }) => !isDone && until > now);
    const past = this.queue.splice(0, next < 0 ? this.queue.length : next);
    this.timer = next < 0 ? null : this.arm(Math.ceil(this.queue[0]!.until - now));
    for (const { isDone, expire } of past) if (!isDone) expire();
  }
}
