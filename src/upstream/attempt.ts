import { subscribe } from 'node:diagnostics_channel';
import type { Duplex, Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Bytes, Milliseconds } from '../core/units.ts';
import type { Waiting } from './target-load.ts';
import { toFailure, UpstreamFailure, type FailureKind } from './upstream-error.ts';

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer | Readable | null;
  readonly firstByteTimeout: Milliseconds;
  readonly idleTimeout: Milliseconds;
  /** How long to wait for a free connection where their number is limited; null where it is not. */
  readonly queueTimeout: Milliseconds | null;
}

/** Takes a reply's body; exactly one of `end` and `fail` is called, last. */
export interface ReplySink {
  data(chunk: Buffer): void;
  end(): void;
  fail(failure: UpstreamFailure): void;
}

interface AttemptLoad {
  began(): Waiting;
  heard(waiting: Waiting): void;
  ended(): void;
}

/** A provider that does not see at once that nobody reads its reply may go on for so long. */
const LINGER: Milliseconds = 500;

/** undici gives nobody its connection but here: in the call that began with `onRequestStart`. */
let starting: Attempt | null = null;
const expectConnection = (attempt: Attempt): void => {
  starting = attempt;
};
subscribe('undici:client:sendHeaders', (message) => {
  starting?.onConnection((message as { readonly socket: Duplex }).socket);
  starting = null;
});

/**
 * One request on one connection: undici's handler and the reply in one object, so that a call costs one allocation and
 * no stream. Chunks that arrive before a sink is attached wait here.
 */
export class Attempt implements Dispatcher.DispatchHandler {
  status = 0;
  statusText = '';
  /** Names and values in turn, latin1 bytes. */
  rawHeaders: readonly Buffer[] = [];
  /** Told when the request begins and when it is over, however it ends; null: nobody counts. */
  load: AttemptLoad | null = null;
  /** The reply is about the credentials, and there are others. */
  mayRetryAtOnce = false;
  /** The reply refuses a key of a pool: it says nothing of the request. */
  refusesCredentials = false;

  private controller: Dispatcher.DispatchController | null = null;
  private headers: Readonly<Record<string, string | string[] | undefined>> = {};
  private connection: Duplex | null = null;
  private stopped: UpstreamFailure | null = null;
  private abandon: ((failure: UpstreamFailure) => void) | null = null;
  private hasBegun = false;
  /** Until the first byte. */
  private waitingThere: Waiting | null = null;
  /** Why the rest is only read to know what there was of it. */
  private leaving: UpstreamFailure | null = null;
  private lingerTimer: NodeJS.Timeout | null = null;
  private settle: { resolve: (attempt: Attempt) => void; reject: (failure: UpstreamFailure) => void } | null = null;

  private queueTimer: NodeJS.Timeout | null = null;
  private sink: ReplySink | null = null;
  private waiting: Buffer[] = [];
  private peeking: { readonly maxBytes: Bytes; readonly resolve: (body: Buffer | null) => void } | null = null;
  private isEnded = false;
  private failure: UpstreamFailure | null = null;

  /** Sends the request; resolves with itself at the reply's headers. @throws UpstreamFailure */
  start(dispatcher: Dispatcher, request: UpstreamRequest): Promise<Attempt> {
    // Stopped before it began, by a client that left meanwhile: nothing is sent.
    if (this.failure !== null) return Promise.reject(this.failure);
    if (request.queueTimeout !== null)
      this.queueTimer = setTimeout(() => this.stop('no_connection'), request.queueTimeout);
    this.hasBegun = true;
    if (this.load !== null) this.waitingThere = this.load.began();
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      dispatcher.dispatch(
        {
          method: request.method as Dispatcher.HttpMethod,
          path: request.path,
          headers: request.headers,
          body: request.body,
          headersTimeout: request.firstByteTimeout,
          bodyTimeout: request.idleTimeout,
        },
        this,
      );
    });
  }

  /** What has to be there before the request can start; rejects where the attempt is stopped meanwhile. */
  until<T>(ready: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.abandon = reject;
      ready.then(resolve, reject);
    });
  }

  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** Everything from here on goes to the sink, what has waited first. */
  pipeTo(sink: ReplySink): void {
    for (const chunk of this.waiting) {
      if (this.stopped !== null) break;
      sink.data(chunk);
    }
    this.waiting = [];
    // Only now: a sink that stops the attempt at one of these chunks is told of the end once, here.
    this.sink = sink;
    if (this.failure !== null) sink.fail(this.failure);
    else if (this.isEnded) sink.end();
  }

  /** A short body, once all of it is there; it still goes to the sink. Null where it is longer, or does not come to its end. */
  peek(maxBytes: Bytes): Promise<Buffer | null> {
    return new Promise((resolve) => {
      this.peeking = { maxBytes, resolve };
      this.answerPeek();
    });
  }

  private answerPeek(): void {
    if (this.peeking === null) return;
    const { maxBytes, resolve } = this.peeking;
    const size = this.waiting.reduce((sum, { length }) => sum + length, 0);
    const isOver = this.failure !== null || size > maxBytes;
    if (!isOver && !this.isEnded) return;
    this.peeking = null;
    resolve(isOver ? null : Buffer.concat(this.waiting));
  }

  get hasWaiting(): boolean {
    return this.waiting.length > 0 || this.isEnded || this.failure !== null;
  }

  pause(): void {
    this.controller?.pause();
  }

  resume(): void {
    this.controller?.resume();
  }

  /** Stops the exchange with the provider at once, wherever it stands. */
  stop(kind: FailureKind): void {
    if (this.isEnded || this.failure !== null || this.stopped !== null) return;
    this.stopped = new UpstreamFailure(kind, this.controller !== null, kind);
    if (this.controller === null) this.finish(this.stopped);
    else this.controller.abort(this.stopped);
  }

  /**
   * As `stop`, but what the provider has sent by the time that it learns of it is read first: it charges for that. Only
   * our side of the connection is closed, which servers take as the end of their client.
   */
  leave(kind: FailureKind): void {
    if (this.connection === null || this.leaving !== null) return this.stop(kind);
    if (this.isEnded || this.stopped !== null) return;
    this.leaving = new UpstreamFailure(kind, true, kind);
    this.lingerTimer = setTimeout(() => this.stop(kind), LINGER);
    this.resume();
    this.connection.end();
  }

  onConnection(connection: Duplex): void {
    this.connection = connection;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.leaveQueue();
    if (this.stopped !== null) controller.abort(this.stopped);
    else expectConnection(this);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    statusMessage?: string,
  ): void {
    if (statusCode < 200) return;
    this.status = statusCode;
    this.statusText = statusMessage ?? '';
    this.headers = headers;
    this.rawHeaders = (controller.rawHeaders ?? []) as readonly Buffer[];
    this.stopWaiting();
    this.settle?.resolve(this);
    this.settle = null;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.sink !== null) this.sink.data(chunk);
    else {
      this.waiting.push(chunk);
      this.answerPeek();
    }
  }

  onResponseEnd(): void {
    this.isEnded = true;
    this.load?.ended();
    // No other request may be sent on a connection of which our side is closed.
    if (this.leaving !== null) this.connection?.destroy();
    this.stopLingering();
    this.answerPeek();
    this.sink?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.finish(this.stopped ?? this.leaving ?? toFailure(error, this.controller !== null));
  }

  private stopWaiting(): void {
    if (this.waitingThere !== null) this.load?.heard(this.waitingThere);
    this.waitingThere = null;
  }

  private stopLingering(): void {
    if (this.lingerTimer !== null) clearTimeout(this.lingerTimer);
  }

  private leaveQueue(): void {
    if (this.queueTimer !== null) clearTimeout(this.queueTimer);
  }

  private finish(failure: UpstreamFailure): void {
    if (this.isEnded || this.failure !== null) return;
    this.leaveQueue();
    this.stopLingering();
    this.failure = failure;
    this.stopWaiting();
    if (this.hasBegun) this.load?.ended();
    this.answerPeek();
    this.abandon?.(failure);
    this.settle?.reject(failure);
    this.settle = null;
    this.sink?.fail(failure);
  }
}
