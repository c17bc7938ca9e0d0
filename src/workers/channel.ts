import type { Milliseconds } from '../core/units.ts';
import { fromForm, toForm, type ErrorForm } from './error-form.ts';

/** One end of what connects two processes: whole messages, in order, by structured clone. */
export interface Port {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The other process is gone, or has let go. */
  onClose(listener: () => void): void;
}

const SOON: Milliseconds = 1;

const CALL = 0;
const ANSWER = 1;
const ERROR = 2;

type Frame =
  | readonly [typeof CALL, number, string, readonly unknown[]]
  | readonly [typeof ANSWER, number, unknown]
  | readonly [typeof ERROR, number, ErrorForm];

/** What can be called on one side, by name; answers at once or later. */
type Calls<Named> = { readonly [Name in keyof Named]: (...args: never[]) => unknown };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Nobody will answer any more. */
export class ChannelClosedError extends Error {
  constructor() {
    super('The process at the other end of the channel is gone.');
    this.name = 'ChannelClosedError';
  }
}

/** It did not answer in time; it may still do what it was asked. */
export class ChannelTimeoutError extends Error {
  constructor(method: string, within: Milliseconds) {
    super(`The process at the other end of the channel did not answer "${method}" within ${within} ms.`);
    this.name = 'ChannelTimeoutError';
  }
}

/**
 * Calls between two processes, both ways. What comes in one turn of the event loop leaves as one message: a message costs as
 * much as ten calls in it.
 */
export class Channel<Theirs extends Calls<Theirs>, Ours extends Calls<Ours>> {
  private readonly port: Port;
  private readonly ours: Ours;
  private readonly waiting = new Map<number, Waiting>();
  private outgoing: Frame[] = [];
  private isScheduled = false;
  private isClosed = false;
  /** Paced calls under way. */
  private paced = 0;
  private timer: NodeJS.Timeout | null = null;
  private lastId = 0;

  /** @param ours what the other side may call */
  constructor(port: Port, ours: Ours) {
    this.port = port;
    this.ours = ours;
    port.onMessage((message) => this.receive(message as readonly Frame[]));
    port.onClose(() => this.close());
  }

  /** Rejects with what the call throws there, `ChannelClosedError`. */
  call<Name extends keyof Theirs & string>(
    name: Name,
    ...args: Parameters<Theirs[Name]>
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    return this.sendCall(false, name, args);
  }

  /**
   * The same, for calls that come often and are answered at once: while one of them is under way others wait for its answer
   * and leave together, a millisecond at most. @source the algorithm of RFC 896
   */
  async callPaced<Name extends keyof Theirs & string>(
    name: Name,
    ...args: Parameters<Theirs[Name]>
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    const isHeld = this.paced > 0;
    this.paced++;
    try {
      return await this.sendCall(isHeld, name, args);
    } finally {
      this.paced--;
    }
  }

  /** Also rejects with `ChannelTimeoutError`. For what is rare: each has a timer of its own. */
  callWithin<Name extends keyof Theirs & string>(
    within: Milliseconds,
    name: Name,
    ...args: Parameters<Theirs[Name]>
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    return inTime(this.call(name, ...args), name, within);
  }

  /** Nobody waits for it, nor hears of a failure. */
  tell<Name extends keyof Theirs & string>(name: Name, ...args: Parameters<Theirs[Name]>): void {
    if (!this.isClosed) this.push([CALL, 0, name, args]);
  }

  /** The same, with what leaves next or after a millisecond: most often it costs no message of its own. */
  tellSoon<Name extends keyof Theirs & string>(name: Name, ...args: Parameters<Theirs[Name]>): void {
    this.pushSoon([CALL, 0, name, args]);
  }

  /** The same, but at once where no paced call is under way. */
  tellPaced<Name extends keyof Theirs & string>(name: Name, ...args: Parameters<Theirs[Name]>): void {
    if (this.paced > 0) this.pushSoon([CALL, 0, name, args]);
    else this.push([CALL, 0, name, args]);
  }

  /** Sends what waits now, e.g. before the process ends. */
  flush(): void {
    const frames = this.outgoing;
    if (frames.length === 0 || this.isClosed) return;
    this.outgoing = [];
    this.port.send(frames);
  }

  close(): void {
    this.isClosed = true;
    this.outgoing = [];
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of all) reject(new ChannelClosedError());
  }

  private sendCall<Name extends keyof Theirs & string>(
    isHeld: boolean,
    name: Name,
    args: Parameters<Theirs[Name]>,
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    if (this.isClosed) return Promise.reject(new ChannelClosedError());
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      const frame = [CALL, id, name, args] as const;
      if (isHeld) this.pushSoon(frame);
      else this.push(frame);
    });
  }

  private pushSoon(frame: Frame): void {
    if (this.isClosed) return;
    this.outgoing.push(frame);
    if (this.isScheduled || this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.flush();
    }, SOON);
  }

  private push(frame: Frame): void {
    if (this.isClosed) return;
    this.outgoing.push(frame);
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.flush();
    });
  }

  private receive(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (frame[0] === CALL) this.answer(frame[1], frame[2], frame[3]);
      else this.answered(frame);
    }
    // Answers that are there already must not wait for the end of the turn.
    this.flush();
  }

  private answer(id: number, name: string, args: readonly unknown[]): void {
    try {
      const made = (this.ours[name as keyof Ours] as unknown as (...given: readonly unknown[]) => unknown)(...args);
      if (made instanceof Promise)
        made.then(
          (value: unknown) => this.reply([ANSWER, id, value]),
          (error: unknown) => this.reply([ERROR, id, toForm(error)]),
        );
      else this.reply([ANSWER, id, made]);
    } catch (error) {
      this.reply([ERROR, id, toForm(error)]);
    }
  }

  private reply(frame: Frame): void {
    if (frame[1] !== 0) this.push(frame);
  }

  private answered(frame: Exclude<Frame, readonly [typeof CALL, ...unknown[]]>): void {
    const waiting = this.waiting.get(frame[1]);
    this.waiting.delete(frame[1]);
    if (frame[0] === ANSWER) waiting?.resolve(frame[2]);
    else waiting?.reject(fromForm(frame[2]));
  }
}

function inTime<T>(work: Promise<T>, name: string, within: Milliseconds): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ChannelTimeoutError(name, within)), within);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
