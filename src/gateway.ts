import { admitCall, admitUnread } from './admit-call.ts';
import { askDetectors } from './ask-detectors.ts';
import { attackScore } from './attack/attack-score.ts';
import { CallLifecycle, type LifecycleDeps } from './call-lifecycle.ts';
import { passthroughCandidate, planCandidates } from './candidates.ts';
import type { ModelCall } from './core/call.ts';
import { GatewayError } from './core/errors.ts';
import type { Exchange } from './core/exchange.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { FeedbackEntry } from './core/outcome.ts';
import type { ReplyJudge } from './core/policy.ts';
import type { Principal } from './core/principal.ts';
import type { Redactor, RequestRedactor } from './core/redaction.ts';
import type { RolloutView } from './core/rollout.ts';
import type { Bytes } from './core/units.ts';
import type { Identity } from './identify/api-key.ts';
import { readFeedback } from './ingress/feedback.ts';
import { answerModels, askedModel } from './ingress/models.ts';
import { readCall } from './ingress/read-call.ts';
import { redactAside } from './ingress/redact-aside.ts';
import { respondJson } from './ingress/respond-json.ts';
import type { IncomingReply } from './ingress/reply.ts';
import { respond } from './ingress/respond.ts';
import { KeptReply, TranslatedReply } from './ingress/translated-reply.ts';
import type { Endpoint } from './ingress/routes.ts';
import { inspectUpload } from './ingress/upload.ts';
import type { OpenCall } from './open-calls.ts';
import { FeedbackBook } from './outcome/feedback-book.ts';
import { observerOf } from './outcome/observer.ts';
import { promptLanguage } from './outcome/prompt-language.ts';
import { authorizeEverything, authorizeModel } from './policy/admit.ts';
import type { Sampled } from './route/assign-arm.ts';
import { planTargets, type Plan } from './route/plan-targets.ts';
import { replyJudge } from './policy-reply.ts';
import { permitTargets } from './policy-targets.ts';
import { PolicyFacts } from './policy/facts.ts';
import { PolicyJudge } from './policy/judge.ts';
import { RouteFacts } from './route-facts.ts';
import { planCopies, type CopySource } from './shadow-copies.ts';
import type { ShadowTraffic } from './shadow/shadow-traffic.ts';
import { secondRequests } from './second-request.ts';
import { ToldItems } from './told-items.ts';
import type { Candidate, HedgeResult } from './upstream/attempt-once.ts';
import { send, type Reply } from './upstream/send.ts';

interface GatewayDeps extends LifecycleDeps {
  readonly rollouts: RolloutView;
  /** Whether somebody judges what becomes of the request; asked once it has its route and its arms. */
  observes(exchange: Exchange, metadata: ReadonlyMap<string, string>): boolean;
  attempted(provider: string, label: string, result: string): void;
  hedged(route: string, result: HedgeResult): void;
  readonly shadow: ShadowTraffic;
  /** Whether the trail can take what has to be recorded. */
  canAudit(): boolean;
  /** A value for the arms of an earlier request. */
  feedback(entry: FeedbackEntry): void;
}

/** Calls that no route is for: the common policy and the key's hold. */
const PASSTHROUGH = '';

/** The request path. Read `serveCall` first: a line is a stage, its comment the answers that it may give instead. */
export class Gateway extends CallLifecycle {
  protected override readonly deps: GatewayDeps;
  private readonly feedbackBook = new FeedbackBook();
  private readonly toldItems = new ToldItems();

  constructor(deps: GatewayDeps) {
    super(deps);
    this.deps = deps;
  }

  private async serveCall(open: OpenCall, identity: Identity): Promise<void> {
    const { principal } = identity;
    const asked = await this.readCall(open, principal); // 400 invalid_json, ambiguous_json…, 408, 413, 415
    this.authorize(open, principal, asked); // 403 model_not_allowed
    const policy = this.policyFor(open, principal, asked);
    const call = policy?.judgeRequest() ?? asked; // 403 policy_denied, approval_required
    const plan = this.routeCall(open, principal, call); // 400 protocol_mismatch, 404 model_not_found
    this.checkAudit(open, plan.route.audit); // 503 audit_unavailable
    const redactor = redactorFor(open, principal, plan.route.name);
    const redacted = this.redactRequest(open, call, redactor); // 400 secret_detected
    let clean = redacted instanceof Promise ? await redacted : redacted; // 503 overloaded
    if (redactor.asksDetectors) clean = await this.ask(open, redactor, clean, call); // 503 detector_unavailable
    policy?.judgeRedacted(); // 403 policy_denied, approval_required
    const permitted = policy === null ? plan : permitTargets(plan, { policy, open, call, document: clean }); // 403 policy_denied
    const bounded = admitCall(open, this.deps.admission, principal, permitted, call, clean); // 400, 403 price_unknown, 429, 503
    const admitted = bounded instanceof Promise ? await bounded : bounded;
    const candidates = planCandidates(open, admitted, call, clean, identity, this.toldItems);
    const replying = this.callProvider(open, candidates);
    if (plan.shadows.length > 0) this.copyFor(plan.shadows, { open, call, clean, policy, clock: this.deps.clock });
    const reply = await replying; // 502, 503, 504
    const judge = policy === null ? null : replyJudge(open, call, policy);
    // Not awaited here: this frame, and with it the request's body, is not needed while a stream goes on.
    return this.sendReply(open, reply, redactor, judge, principal); // 403 policy_denied, an error event once the reply has begun
  }

  /** Every endpoint: nothing passes the one auth gate unidentified. Overload was answered before (`CallLifecycle`). */
  protected override serve(open: OpenCall, endpoint: Endpoint): Promise<void> {
    const { incoming, snapshot } = open;
    if (endpoint === 'bad_host')
      throw new GatewayError('malformed_http', 'The request has no valid Host header.', { closeConnection: true });
    const identity = snapshot.keys.identify(incoming.headers); // 401 invalid_api_key, 503 overloaded
    if (identity instanceof Promise) return identity.then((known) => this.serveKnown(open, endpoint, known));
    return this.serveKnown(open, endpoint, identity);
  }

  private serveKnown(open: OpenCall, endpoint: Endpoint, identity: Identity): Promise<void> {
    const { exchange, incoming, outgoing, snapshot } = open;
    const { principal } = identity;
    exchange.keyName = principal.name;
    if (endpoint === 'not_found') throw new GatewayError('not_found', 'The gateway has no such endpoint.');
    if (endpoint === 'feedback') return this.takeFeedback(open, principal);
    if (endpoint === 'passthrough') {
      authorizeEverything(principal); // 403 model_not_allowed
      return this.passThrough(open, identity, snapshot.config.passthrough.provider);
    }
    if (endpoint !== 'models') return this.serveCall(open, identity);
    const provider = answerModels(incoming, outgoing, exchange, snapshot, principal);
    if (provider === 'answered') return Promise.resolve();
    authorizeModel(principal, askedModel(incoming.url!)); // 403 model_not_allowed
    return this.passThrough(open, identity, provider);
  }

  /** Unknown paths: inspected as far as they can be read, otherwise not changed. */
  private async passThrough(open: OpenCall, identity: Identity, provider: string | null): Promise<void> {
    const { exchange, incoming, snapshot } = open;
    const upstream = provider === null ? undefined : snapshot.upstreams.get(provider);
    if (upstream === undefined)
      throw new GatewayError('not_found', 'No provider is configured for other paths (passthrough.provider).');
    if (!upstream.provider.speaks(exchange.operation))
      throw new GatewayError('not_found', `The provider "${upstream.config.name}" has no such endpoint.`);
    this.checkAudit(open, snapshot.config.passthrough.audit); // 503 audit_unavailable
    const admitted = admitUnread(open, this.deps.admission, identity.principal, upstream.config.name);
    if (admitted !== null) await admitted; // 403 price_unknown, 429, 503
    const redactor = redactorFor(open, identity.principal, PASSTHROUGH);
    const { maxBodyBytes: maxBytes } = snapshot.config.gateway;
    const ask = redactor.asksDetectors ? (clean: JsonDocument) => this.ask(open, redactor, clean, null) : null;
    const upload = await inspectUpload(incoming, exchange, { redactor, maxBytes, clock: this.deps.clock, ask }); // 400, 408, 413, 503
    const reply = await this.callProvider(open, [passthroughCandidate(upstream, incoming, upload, identity)]);
    await this.sendReply(open, reply, redactor, null, identity.principal);
  }

  private async takeFeedback({ exchange, incoming, outgoing }: OpenCall, { name: key }: Principal): Promise<void> {
    const { clock, feedback } = this.deps;
    const { requestId, name, value } = await readFeedback(incoming, exchange, clock); // 400 invalid_request
    const entry = this.feedbackBook.entryFor({ requestId, name, value }, key, clock.wall() / 1000);
    if (entry !== null) feedback(entry);
    const attached = entry !== null && entry.trials !== null;
    respondJson(outgoing, exchange, { object: 'feedback', request_id: requestId, name, value, attached });
  }

  private readCall({ exchange, incoming, snapshot }: OpenCall, principal: Principal): Promise<ModelCall> {
    return readCall(incoming, exchange, principal, snapshot.config.gateway.maxBodyBytes, this.deps.clock);
  }

  private authorize({ exchange }: OpenCall, principal: Principal, { model }: ModelCall): void {
    exchange.requestedModel = model ?? '';
    authorizeModel(principal, model);
  }

  /** Null where there are no policies: then they cost nothing. */
  private policyFor({ exchange, snapshot }: OpenCall, principal: Principal, call: ModelCall): PolicyJudge | null {
    const { policies } = snapshot;
    if (policies === null) return null;
    if (policies.reads('attack.score')) exchange.attackScore = attackScore(exchange.operation, call.document);
    return new PolicyJudge(policies, new PolicyFacts(exchange, principal, call, this.deps.clock.wall()));
  }

  private routeCall(open: OpenCall, principal: Principal, call: ModelCall): Plan {
    const { exchange, snapshot } = open;
    const facts = new RouteFacts(open, principal, call, this.deps.clock);
    const plan = planTargets(snapshot.routing(this.deps.rollouts.current()), exchange.operation, call, facts);
    exchange.route = plan.route.name;
    if (plan.route.detectsAttacks ?? snapshot.config.attack.detect)
      exchange.attackScore ??= attackScore(exchange.operation, call.document);
    takeAssignment(exchange, plan);
    exchange.isObserved = this.deps.observes(exchange, call.metadata) || plan.shadows.length > 0;
    this.feedbackBook.add(exchange);
    if (exchange.isObserved) observe(exchange, call);
    return plan;
  }

  private checkAudit({ exchange }: OpenCall, isAudited: boolean): void {
    if (!isAudited) return;
    exchange.isAudited = true;
    if (!this.deps.canAudit())
      throw new GatewayError('audit_unavailable', 'The request has to be recorded, and that cannot be done now.', {
        retryAfterSeconds: 1,
      });
  }

  private redactRequest({ exchange, snapshot }: OpenCall, { document }: ModelCall, redactor: Redactor) {
    if (!redactor.inspects('request')) return document;
    const redacted = redactAside(redactor, document, 'request', exchange);
    // The request has arrived: from here on its own time runs.
    if (redacted instanceof Promise)
      exchange.setDeadline(this.deps.clock.now() + snapshot.config.upstream.timeouts.total, 'total_timeout');
    return redacted;
  }

  private ask(open: OpenCall, redactor: RequestRedactor, clean: JsonDocument, call: ModelCall | null) {
    return askDetectors(open, clean, redactor, this.deps.clock, call);
  }

  private callProvider(open: OpenCall, candidates: readonly Candidate[]): Promise<Reply> {
    const { exchange, snapshot } = open;
    const { clock, attempted, hedged, admission } = this.deps;
    exchange.setDeadline(clock.now() + candidates[0]!.upstream.config.timeouts.total, 'total_timeout');
    const seconds = candidates[0]!.hedge === null ? null : secondRequests(open, admission);
    const { retryBudget } = snapshot;
    return send(exchange, candidates, { clock, retryBudget, random: Math.random, attempted, seconds, hedged });
  }

  /** While the provider works; a fault of ours here is no fault of the request. */
  private copyFor(shadows: readonly Sampled[], source: CopySource): void {
    const { shadow, fault } = this.deps;
    try {
      planCopies(source, shadows, shadow);
    } catch (error) {
      fault(source.open.exchange, error);
    }
  }

  private sendReply(
    open: OpenCall,
    reply: Reply,
    redactor: Redactor,
    judge: ReplyJudge | null,
    { id: caller }: Principal,
  ): Promise<void> {
    const { exchange, outgoing, snapshot } = open;
    const { timeouts, maxEventBytes } = snapshot.config.gateway;
    exchange.usageSource = reply.translation;
    const { incoming, body } = incomingReply(reply, maxEventBytes);
    return respond(outgoing, exchange, incoming, body, {
      redactor,
      judge,
      ownKeys: snapshot.upstreams.get(exchange.provider)!.ownKeys,
      clock: this.deps.clock,
      stallTimeout: timeouts.writeStall,
      maxEventBytes,
      onCut: () => reply.breaker.failed(),
      onWhole: () => {
        if (reply.attempt.status >= 400) return;
        reply.breaker.succeeded();
        if (reply.translation !== null) this.toldItems.keep(caller, reply.translation.items());
      },
    });
  }
}

function takeAssignment(exchange: Exchange, { assignment, isHeldOut }: Plan): void {
  exchange.isHeldOut = isHeldOut;
  if (assignment === null) return;
  exchange.rollout = assignment.rollout.spec.name;
  exchange.arm = assignment.arm.name;
  exchange.isArmForced = assignment.isForced;
  exchange.trials = assignment.trials;
}

/** What the app itself wrote, before redaction and the arm's changes. */
function observe(exchange: Exchange, call: ModelCall): void {
  exchange.language = promptLanguage(exchange.operation, call);
  exchange.observer = observerOf(exchange.operation, call.document, exchange.choices);
}

/** Of this exchange: what it replaces in the request, it knows in the reply. */
function redactorFor({ snapshot }: OpenCall, { name, redaction }: Principal, route: string): RequestRedactor {
  return snapshot.redactors.for(route, redaction).forExchange(name);
}

/** As the client's protocol has it. */
function incomingReply({ attempt, body, translation }: Reply, maxEventBytes: Bytes): RepliedWith {
  if (translation === null) return { incoming: attempt, body };
  const came = body === null ? attempt : new KeptReply(attempt, body);
  return { incoming: new TranslatedReply(came, translation, maxEventBytes), body: null };
}

interface RepliedWith {
  readonly incoming: IncomingReply;
  /** Of an error reply that has been read already. */
  readonly body: Buffer | null;
}
