import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { passthroughCandidate, planCandidates } from './candidates.ts';
import type { ModelCall } from './core/call.ts';
import type { Clock } from './core/clock.ts';
import { GatewayError } from './core/errors.ts';
import { Exchange } from './core/exchange.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { Principal } from './core/principal.ts';
import type { RolloutView } from './core/rollout.ts';
import type { Identity } from './identify/api-key.ts';
import { answerModels } from './ingress/models.ts';
import { ClientGoneError } from './ingress/read-body.ts';
import { readCall } from './ingress/read-call.ts';
import { respond } from './ingress/respond.ts';
import { respondError } from './ingress/respond-error.ts';
import { endpointProtocol, type Endpoint } from './ingress/routes.ts';
import { OpenCalls, type OpenCall } from './open-calls.ts';
import { authorizeEverything, authorizeModel, type InflightLimit } from './policy/admit.ts';
import { planTargets, type Plan } from './route/plan-targets.ts';
import type { Snapshot } from './snapshot.ts';
import { send, type Candidate, type Reply } from './upstream/send.ts';
import { UpstreamFailure } from './upstream/upstream-error.ts';

/** How late a deadline may be noticed. */
const DEADLINE_CHECK_MS = 50;

export interface GatewayDeps {
  readonly clock: Clock;
  readonly inflight: InflightLimit;
  readonly rollouts: RolloutView;
  /** Asked once per request, which then stays on what it got. */
  snapshot(): Snapshot;
  attempted(provider: string, label: string, result: string): void;
  /** Called exactly once per exchange, at its last byte, abort or error. */
  finished(exchange: Exchange): void;
  /** A fault of ours, with its stack; the caller learns only the request id. */
  fault(exchange: Exchange, error: unknown): void;
}

/** The request path. Read `serveCall` first: a line is a stage, its comment the answers that it may give instead. */
export class Gateway {
  private readonly deps: GatewayDeps;
  private readonly open = new OpenCalls();
  private readonly sweep: NodeJS.Timeout;

  constructor(deps: GatewayDeps) {
    this.deps = deps;
    this.sweep = setInterval(() => this.checkDeadlines(), DEADLINE_CHECK_MS).unref();
  }

  close(): void {
    clearInterval(this.sweep);
  }

  private async serveCall(open: OpenCall, identity: Identity): Promise<void> {
    const { principal } = identity;
    const { maxBodyBytes } = open.snapshot.config.gateway;
    const call = await readCall(open.incoming, open.exchange, principal, maxBodyBytes); // 400, 408, 413, 415
    authorizeModel(principal, call.model); // 403 model_not_allowed
    const clean = redactRequest(open, call); // 400 secret_detected
    const plan = this.planTargets(open, principal, call); // 400, 404 model_not_found
    const candidates = planCandidates(open, plan, call, clean, identity);
    const reply = await this.send(open, candidates); // 502, 503, 504
    await this.respond(open, reply); // an error event once the reply has begun
  }

  /** Every request: overload is told before anything is read, and nothing passes the one auth gate unidentified. */
  private serve(open: OpenCall, endpoint: Endpoint): Promise<void> {
    const { exchange, incoming, snapshot } = open;
    this.enter(open); // 503 overloaded
    const identity = snapshot.keys.identify(incoming.headers); // 401 invalid_api_key
    exchange.keyName = identity.principal.name;
    if (endpoint === 'not_found') throw new GatewayError('not_found', 'The gateway has no such endpoint.');
    if (endpoint === 'passthrough') return this.passThrough(open, identity, snapshot.config.passthrough.provider);
    if (endpoint !== 'models') return this.serveCall(open, identity);
    const provider = answerModels(incoming, open.outgoing, exchange, snapshot, identity.principal);
    return provider === 'answered' ? Promise.resolve() : this.passThrough(open, identity, provider);
  }

  /** Unknown paths: not read, not changed, only credentials and framing are the gateway's. */
  private async passThrough(open: OpenCall, identity: Identity, provider: string | null): Promise<void> {
    authorizeEverything(identity.principal); // 403 model_not_allowed
    const upstream = provider === null ? undefined : open.snapshot.upstreams.get(provider);
    if (upstream === undefined)
      throw new GatewayError('not_found', 'No provider is configured for other paths (passthrough.provider).');
    const reply = await this.send(open, [passthroughCandidate(upstream, open.incoming, identity)]);
    await this.respond(open, reply);
  }

  readonly handle = (endpoint: Endpoint, incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { clock } = this.deps;
    const operation = endpoint === 'not_found' ? 'passthrough' : endpoint;
    const exchange = new Exchange(randomUUID(), operation, endpointProtocol(incoming), clock.now(), clock.wall());
    const open: OpenCall = { exchange, incoming, outgoing, snapshot: this.deps.snapshot(), slot: -1 };
    // `close` of the response, not of the request: the latter may never fire once the body has been read.
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) exchange.abort('client_gone');
      this.leave(open);
    });
    this.run(open, endpoint).catch((error: unknown) => {
      outgoing.destroy();
      this.deps.fault(exchange, error);
    });
  };

  /** After the time to drain: what is still open ends, streams with an error event of their protocol. */
  abortOpen(): void {
    for (const { exchange } of this.open.list()) exchange.abort('shutdown');
  }

  private async run(open: OpenCall, endpoint: Endpoint): Promise<void> {
    const { exchange } = open;
    try {
      await this.serve(open, endpoint);
    } catch (error) {
      this.answer(open, error);
    }
    if (exchange.aborted === 'client_gone') exchange.cancelled();
    this.deps.finished(exchange);
  }

  private planTargets({ exchange, incoming, snapshot }: OpenCall, principal: Principal, call: ModelCall): Plan {
    exchange.requestedModel = call.model ?? '';
    const forcedArm = principal.allowArmOverride ? incoming.headers['x-sluice-arm'] : null;
    const plan = planTargets(snapshot.routing(this.deps.rollouts.current()), exchange.operation, call, {
      requestId: exchange.id,
      model: call.model ?? '',
      keyName: principal.isAnonymous ? null : principal.name,
      user: call.user,
      metadata: call.metadata,
      forcedArm: typeof forcedArm === 'string' ? forcedArm : null,
    });
    exchange.route = plan.route.name;
    exchange.rollout = plan.assignment?.rollout.spec.name ?? '';
    exchange.arm = plan.assignment?.arm.name ?? '';
    exchange.isArmForced = plan.assignment?.isForced ?? false;
    return plan;
  }

  private send({ exchange, snapshot }: OpenCall, candidates: readonly Candidate[]): Promise<Reply> {
    const { clock, attempted } = this.deps;
    exchange.setDeadline(clock.now() + candidates[0]!.upstream.config.timeouts.total, 'total_timeout');
    return send(exchange, candidates, { clock, retryBudget: snapshot.retryBudget, random: Math.random, attempted });
  }

  private respond({ exchange, outgoing, snapshot }: OpenCall, reply: Reply): Promise<void> {
    return respond(outgoing, exchange, reply.attempt, reply.body, {
      redactor: snapshot.redactor,
      clock: this.deps.clock,
      stallTimeout: snapshot.config.gateway.timeouts.writeStall,
      maxEventBytes: snapshot.config.gateway.maxEventBytes,
      onCut: () => reply.breaker.failed(),
      onWhole: () => {
        if (reply.attempt.status < 400) reply.breaker.succeeded();
      },
    });
  }

  private answer({ exchange, outgoing }: OpenCall, error: unknown): void {
    exchange.stopAttempt();
    if (exchange.aborted === 'client_gone' || error instanceof ClientGoneError) return exchange.cancelled();
    const told = error instanceof UpstreamFailure ? error.toGatewayError(exchange.provider) : error;
    if (!(told instanceof GatewayError)) this.deps.fault(exchange, error);
    const known = told instanceof GatewayError ? told : internalError(exchange);
    exchange.fail(known.status < 500 ? 'denied' : 'error', known.code);
    if (outgoing.headersSent) outgoing.destroy();
    else respondError(outgoing, exchange, known);
  }

  private checkDeadlines(): void {
    const now = this.deps.clock.now();
    for (const { exchange } of this.open.list()) exchange.checkDeadline(now);
  }

  private enter(open: OpenCall): void {
    const { maxInflight, timeouts } = open.snapshot.config.gateway;
    this.deps.inflight.enter(maxInflight);
    open.exchange.setDeadline(open.exchange.receivedAt + timeouts.request, 'request_timeout');
    open.snapshot.users.enter();
    this.open.add(open);
  }

  /** Not at the end of the work but at the last byte: until then neither a stop nor a reload may take anything away. */
  private leave(open: OpenCall): void {
    if (!this.open.remove(open)) return;
    open.snapshot.users.leave();
    this.deps.inflight.leave();
  }
}

function redactRequest({ exchange, snapshot }: OpenCall, { document }: ModelCall): JsonDocument {
  const { redactor } = snapshot;
  return redactor.inspects('request') ? redactor.redactDocument(document, 'request', exchange) : document;
}

function internalError({ id }: Exchange): GatewayError {
  return new GatewayError('internal_error', `The gateway failed; its log has the reason under ${id}.`);
}
