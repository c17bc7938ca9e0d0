import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { concludeCost, usedBy } from './admit-call.ts';
import type { Clock } from './core/clock.ts';
import { ERRORS, GatewayError, type ErrorCode } from './core/errors.ts';
import { Exchange } from './core/exchange.ts';
import type { Operation } from './core/operation.ts';
import type { Tracer } from './core/tracer.ts';
import type { Milliseconds } from './core/units.ts';
import { ClientGoneError } from './ingress/read-body.ts';
import { respondError } from './ingress/respond-error.ts';
import { endpointProtocol, type Endpoint } from './ingress/routes.ts';
import type { Admission } from './limits/admission.ts';
import { OpenCalls, type OpenCall } from './open-calls.ts';
import type { InflightLimit } from './policy/admit.ts';
import type { Snapshot } from './snapshot.ts';
import { usedBySecond } from './second-request.ts';
import { UpstreamFailure } from './upstream/upstream-error.ts';

/** How late a deadline may be noticed. */
const DEADLINE_CHECK: Milliseconds = 50;

export interface LifecycleDeps {
  readonly clock: Clock;
  readonly inflight: InflightLimit;
  readonly admission: Admission;
  /** Null: requests are not traced. */
  readonly tracer: Tracer | null;
  /** Asked once per request, which then stays on what it got. */
  snapshot(): Snapshot;
  /** Some times a second, for each that is open. @param now on the monotonic clock */
  waiting(exchange: Exchange, now: Milliseconds): void;
  /** Called exactly once per exchange, at its last byte, abort or error. */
  finished(exchange: Exchange): void;
  /** A fault of ours, with its stack; the caller learns only the request id. */
  fault(exchange: Exchange, error: unknown): void;
}

/** What every call has, whatever it asks for: a beginning, a deadline, an answer to errors, and one end. */
export abstract class CallLifecycle {
  protected readonly deps: LifecycleDeps;
  private readonly open = new OpenCalls();
  private readonly sweep: NodeJS.Timeout;

  constructor(deps: LifecycleDeps) {
    this.deps = deps;
    this.sweep = setInterval(() => this.checkDeadlines(), DEADLINE_CHECK).unref();
  }

  /** @throws GatewayError, at once or later, in place of an answer */
  protected abstract serve(open: OpenCall, endpoint: Endpoint): Promise<void>;

  readonly handle = (endpoint: Endpoint, incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const open: OpenCall = {
      exchange: this.begin(operationOf(endpoint), incoming, randomUUID()),
      incoming,
      outgoing,
      snapshot: this.deps.snapshot(),
      slot: -1,
      grant: null,
      second: null,
      hasEnded: false,
      afterwards: null,
    };
    open.exchange.trace = this.deps.tracer?.begin(open.exchange.id, incoming) ?? null;
    // `close` of the response, not of the request: the latter may never fire once the body has been read.
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) open.exchange.abort('client_gone');
      this.leave(open);
    });
    this.run(open, endpoint).catch((error: unknown) => {
      outgoing.destroy();
      this.deps.fault(open.exchange, error);
    });
  };

  /** A request that was answered before it came this far, by its connection: counted and logged like any other. */
  readonly refused = (code: ErrorCode, incoming: Pick<IncomingMessage, 'url' | 'headers'>, requestId: string): void => {
    const exchange = this.begin('passthrough', incoming, requestId);
    exchange.status = ERRORS[code].status;
    exchange.fail('denied', code);
    this.deps.finished(exchange);
  };

  /** After the time to drain: what is still open ends, streams with an error event of their protocol. */
  abortOpen(): void {
    for (const { exchange } of this.open.list()) exchange.abort('shutdown');
  }

  close(): void {
    clearInterval(this.sweep);
  }

  private begin(operation: Operation, incoming: Pick<IncomingMessage, 'url' | 'headers'>, requestId: string): Exchange {
    const { clock } = this.deps;
    return new Exchange(requestId, operation, endpointProtocol(incoming), clock.now(), clock.wall());
  }

  private async run(open: OpenCall, endpoint: Endpoint): Promise<void> {
    const { exchange } = open;
    try {
      const waiting = this.deps.inflight.enter(open.snapshot.config.gateway.maxInflight); // 503 overloaded, before anything is read
      if (waiting !== null) await this.seated(waiting, open);
      this.enter(open);
      await this.serve(open, endpoint);
    } catch (error) {
      this.answer(open, error);
    }
    exchange.answered(this.deps.clock.now());
    if (exchange.aborted === 'client_gone') exchange.cancelled();
    concludeCost(open, this.deps.admission.yardsticks);
    this.deps.finished(exchange);
    open.hasEnded = true;
    this.settle(open);
    open.afterwards?.();
  }

  private answer({ exchange, outgoing }: OpenCall, error: unknown): void {
    exchange.stopAttempt();
    if (exchange.aborted === 'client_gone' || error instanceof ClientGoneError) return exchange.cancelled();
    const told = error instanceof UpstreamFailure ? error.toGatewayError(exchange.provider) : error;
    if (!(told instanceof GatewayError)) this.deps.fault(exchange, error);
    const known = told instanceof GatewayError ? told : internalError(exchange);
    exchange.fail(known.status < 500 ? 'denied' : 'error', known.code);
    exchange.answered(this.deps.clock.now());
    if (outgoing.headersSent) outgoing.destroy();
    else respondError(outgoing, exchange, known);
  }

  private checkDeadlines(): void {
    const now = this.deps.clock.now();
    for (const { exchange } of this.open.list()) {
      exchange.checkDeadline(now);
      this.deps.waiting(exchange, now);
    }
  }

  /** @throws ClientGoneError where it left meanwhile: nothing will tell of its end any more */
  private async seated(waiting: Promise<void>, { outgoing }: OpenCall): Promise<void> {
    await waiting;
    if (!outgoing.closed) return;
    this.deps.inflight.leave();
    throw new ClientGoneError();
  }

  private enter(open: OpenCall): void {
    const { timeouts } = open.snapshot.config.gateway;
    open.exchange.setDeadline(open.exchange.receivedAt + timeouts.request, 'request_timeout');
    open.snapshot.users.enter();
    this.open.add(open);
  }

  /** Not at the end of the work but at the last byte: until then neither a stop nor a reload may take anything away. */
  private leave(open: OpenCall): void {
    if (!this.open.remove(open)) return;
    open.snapshot.users.leave();
    this.deps.inflight.leave();
    this.settle(open);
  }

  /** Places are held until the last byte has left, money until it is known what was spent. */
  private settle(open: OpenCall): void {
    if (!open.hasEnded || open.slot >= 0 || open.grant === null) return;
    const { admission } = this.deps;
    admission.settle(open.grant, usedBy(open));
    if (open.second !== null) admission.settle(open.second.grant, usedBySecond(open, open.second));
  }
}

function operationOf(endpoint: Endpoint): Operation {
  return endpoint === 'not_found' || endpoint === 'bad_host' || endpoint === 'reachable' ? 'passthrough' : endpoint;
}

function internalError({ id }: Exchange): GatewayError {
  return new GatewayError('internal_error', `The gateway failed; its log has the reason under ${id}.`);
}
