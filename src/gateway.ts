import type { ObjectHomes } from './affinity/object-homes.ts';
import { admitCall } from './admit-call.ts';
import { CallLifecycle, type LifecycleDeps } from './call-lifecycle.ts';
import { CallSteps, type StepDeps } from './call-steps.ts';
import type { CachedCalls } from './cached-calls.ts';
import { planCandidates } from './candidates.ts';
import { GatewayError } from './core/errors.ts';
import type { FeedbackEntry } from './core/outcome.ts';
import type { ReplyJudge } from './core/policy.ts';
import type { Principal } from './core/principal.ts';
import type { Redactor } from './core/redaction.ts';
import type { TranslatedItem } from './core/translation.ts';
import type { Identity } from './identify/api-key.ts';
import { readFeedback } from './ingress/feedback.ts';
import { answerModels, askedModel } from './ingress/models.ts';
import { readCall } from './ingress/read-call.ts';
import type { ReplyEditor } from './ingress/reply.ts';
import { respondJson, respondReachable } from './ingress/respond-json.ts';
import type { Endpoint } from './ingress/routes.ts';
import { homeOfCall } from './object-calls.ts';
import type { OpenCall } from './open-calls.ts';
import { FeedbackBook } from './outcome/feedback-book.ts';
import { planPassed } from './pass-through.ts';
import { authorizeModel } from './policy/admit.ts';
import type { Sampled } from './route/assign-arm.ts';
import { replyJudge } from './policy-reply.ts';
import { permitTargets } from './policy-targets.ts';
import { sendReply, type Replied } from './send-reply.ts';
import { planCopies, type CopySource } from './shadow-copies.ts';
import type { ShadowTraffic } from './shadow/shadow-traffic.ts';
import { secondRequests } from './second-request.ts';
import { ToldItems } from './told-items.ts';
import type { Candidate, HedgeResult } from './upstream/attempt-once.ts';
import { ModelLists } from './upstream/model-lists.ts';
import { send, type Reply } from './upstream/send.ts';

export interface GatewayDeps extends LifecycleDeps, StepDeps {
  hedged(route: string, result: HedgeResult): void;
  readonly shadow: ShadowTraffic;
  readonly objects: ObjectHomes;
  readonly cache: CachedCalls;
  attempted(provider: string, label: string, result: string): void;
  /** A value for the arms of an earlier request. */
  feedback(entry: FeedbackEntry): void;
  /** Processes that serve the same address; left out: there are none. */
  readonly siblings?: Siblings;
}

/** What one process was told, and others are asked about. */
interface Siblings {
  /** Of a request that was not served here: the entry of the one that served it. Null: it is somebody else's. */
  feedback(entry: FeedbackEntry): Promise<FeedbackEntry | null>;
  /** What replies told the caller under those ids. */
  items(caller: string, ids: readonly string[]): Promise<readonly TranslatedItem[]>;
}

/** The request path. Read `serveCall` first: a line is a stage, its comment the answers that it may give instead. */
export class Gateway extends CallLifecycle {
  protected override readonly deps: GatewayDeps;
  private readonly feedbackBook = new FeedbackBook();
  private readonly steps: CallSteps;
  private readonly toldItems = new ToldItems();
  private readonly modelLists: ModelLists;

  constructor(deps: GatewayDeps) {
    super(deps);
    this.deps = deps;
    this.steps = new CallSteps(deps, this.feedbackBook);
    this.modelLists = new ModelLists(deps.clock);
  }

  private async serveCall(open: OpenCall, identity: Identity): Promise<void> {
    const { principal } = identity;
    const { clock, admission, objects, cache, tracer } = this.deps;
    const { steps } = this;
    const asked = await readCall(open.incoming, open.exchange, principal, maxBodyBytes(open), clock); // 400 invalid_json, ambiguous_json…, 408, 413, 415
    steps.authorize(open, principal, asked); // 403 model_not_allowed
    const policy = steps.policyFor(open, principal, asked);
    const call = policy?.judgeRequest() ?? asked; // 403 policy_denied, approval_required
    const routed = steps.routeCall(open, principal, call); // 400 protocol_mismatch, 404 model_not_found
    const home = homeOfCall(open, principal, call, objects, clock); // 404 not_found, 503
    const plan = steps.held(open, routed, home instanceof Promise ? await home : home, call); // 400 invalid_request
    steps.checkAudit(open, plan.route.audit); // 503 audit_unavailable
    const redactor = steps.redactorFor(open, principal, plan.route.name);
    const redacted = steps.redactRequest(open, call, redactor); // 400 secret_detected
    let clean = redacted instanceof Promise ? await redacted : redacted; // 503 overloaded
    if (redactor.asksDetectors) clean = await steps.ask(open, redactor, clean, call); // 503 detector_unavailable
    steps.keepContent(open, principal, plan.route.name, clean);
    policy?.judgeRedacted(); // 403 policy_denied, approval_required
    const permitted = policy === null ? plan : permitTargets(plan, { policy, open, call, document: clean }); // 403 policy_denied
    const bounded = admitCall(open, admission, principal, permitted, call, clean); // 400, 403 price_unknown, 429, 503
    const admitted = bounded instanceof Promise ? await bounded : bounded;
    if (this.deps.siblings !== undefined) await this.recallItems(open, principal, clean.text, this.deps.siblings);
    const candidates = planCandidates(open, admitted, call, clean, identity, this.toldItems);
    const judge = policy === null ? null : replyJudge(open, call, policy);
    const sendOn = (reply: Replied) => this.sendReply(open, reply, principal, redactor, judge, null);
    const cached = cache.lookUp(open, principal, clean, plan.route, candidates);
    const kept = cached === null ? null : await cached.find();
    if (kept !== null) return this.replay(open, kept, sendOn); // 403 policy_denied
    const replying = this.callProvider(open, candidates);
    if (plan.shadows.length > 0) this.copyFor(plan.shadows, { open, call, clean, policy, clock, tracer });
    if (cached !== null) return cached.sendAndKeep(replying, sendOn);
    const reply = await replying; // 502, 503, 504
    // Not awaited here: this frame, and with it the request's body, is not needed while a stream goes on.
    return sendOn(reply); // 403 policy_denied, an error event once the reply has begun
  }

  /** Every endpoint: nothing passes the one auth gate unidentified. Overload was answered before (`CallLifecycle`). */
  protected override serve(open: OpenCall, endpoint: Endpoint): Promise<void> {
    const { incoming, snapshot } = open;
    if (endpoint === 'bad_host')
      throw new GatewayError('malformed_http', 'The request has no valid Host header.', { closeConnection: true });
    if (endpoint === 'reachable') return Promise.resolve(respondReachable(open.outgoing, open.exchange));
    const identity = snapshot.keys.identify(incoming.headers); // 401 invalid_api_key, 503 overloaded
    if (identity instanceof Promise) return identity.then((known) => this.serveKnown(open, endpoint, known));
    return this.serveKnown(open, endpoint, identity);
  }

  private serveKnown(open: OpenCall, endpoint: Endpoint, identity: Identity): Promise<void> {
    const { exchange } = open;
    const { principal } = identity;
    exchange.keyName = principal.name;
    exchange.teamName = principal.team?.name ?? '';
    if (endpoint === 'not_found') throw new GatewayError('not_found', 'The gateway has no such endpoint.');
    if (endpoint === 'feedback') return this.takeFeedback(open, principal);
    if (endpoint === 'passthrough') return this.passThrough(open, identity, defaultProvider(open));
    return endpoint === 'models' ? this.listModels(open, identity) : this.serveCall(open, identity);
  }

  private async listModels(open: OpenCall, identity: Identity): Promise<void> {
    const { exchange, incoming, outgoing, snapshot } = open;
    const caller = { rawHeaders: incoming.rawHeaders, consumed: identity.consumed };
    const listOf = (provider: string) => this.modelLists.listOf(snapshot.upstreams.get(provider)!, caller);
    const provider = await answerModels(incoming, outgoing, exchange, snapshot, identity.principal, listOf);
    if (provider === 'answered') return;
    authorizeModel(identity.principal, askedModel(incoming.url!)); // 403 model_not_allowed
    await this.passThrough(open, identity, provider);
  }

  /** Endpoints that are not parsed: read as far as they name something, inspected as far as they can be read. */
  private async passThrough(open: OpenCall, identity: Identity, provider: string | null): Promise<void> {
    const { principal } = identity;
    const { steps, deps } = this;
    const { candidates, redactor, editor } = await planPassed(open, identity, provider, { ...deps, steps }); // 400 to 503
    const reply = await this.callProvider(open, candidates); // 502, 503, 504
    await this.sendReply(open, reply, principal, redactor, null, editor);
  }

  private async takeFeedback({ exchange, incoming, outgoing }: OpenCall, { name: key }: Principal): Promise<void> {
    const { clock, feedback, siblings } = this.deps;
    const { requestId, name, value } = await readFeedback(incoming, exchange, clock); // 400 invalid_request
    const known = this.feedbackBook.entryFor({ requestId, name, value }, key, clock.wall() / 1000);
    const entry = known?.trials === null && siblings !== undefined ? await siblings.feedback(known) : known;
    if (entry !== null) feedback(entry);
    const attached = entry !== null && entry.trials !== null;
    respondJson(outgoing, exchange, { object: 'feedback', request_id: requestId, name, value, attached });
  }

  /** For a sibling. Undefined: the request was not served here. */
  feedbackFor({ requestId, name, value, key, at }: FeedbackEntry): FeedbackEntry | null | undefined {
    if (!this.feedbackBook.knows(requestId)) return undefined;
    return this.feedbackBook.entryFor({ requestId, name, value }, key, at);
  }

  /** For a sibling. */
  itemsOf(caller: string, ids: readonly string[]): readonly TranslatedItem[] {
    return this.toldItems.known(caller, ids);
  }

  /** The reply that told them may have been another process's. */
  private async recallItems(
    { exchange: { operation } }: OpenCall,
    { id: caller }: Principal,
    text: string,
    siblings: Siblings,
  ): Promise<void> {
    const missing = operation === 'responses' ? this.toldItems.missing(caller, text) : [];
    if (missing.length > 0) this.toldItems.keep(caller, await siblings.items(caller, missing));
  }

  private callProvider(open: OpenCall, candidates: readonly Candidate[]): Promise<Reply> {
    const { exchange, snapshot } = open;
    const { clock, attempted, hedged, admission } = this.deps;
    exchange.setDeadline(clock.now() + candidates[0]!.upstream.config.timeouts.total, 'total_timeout');
    const seconds = candidates[0]!.hedge === null ? null : secondRequests(open, admission);
    const { retryBudget } = snapshot;
    return send(exchange, candidates, { clock, retryBudget, random: Math.random, attempted, seconds, hedged });
  }

  /** What an earlier request got says nothing about this one's arm. */
  private replay({ exchange }: OpenCall, kept: Replied, sendOn: (reply: Replied) => Promise<void>): Promise<void> {
    this.feedbackBook.leaveOut(exchange);
    return sendOn(kept);
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
    reply: Replied,
    { id: caller }: Principal,
    redactor: Redactor,
    judge: ReplyJudge | null,
    editor: ReplyEditor | null,
  ): Promise<void> {
    const { toldItems } = this;
    return sendReply(open, reply, { redactor, judge, editor, clock: this.deps.clock, toldItems, caller });
  }
}

/** For calls that name nothing by which they can be placed. */
function defaultProvider({ exchange, snapshot }: OpenCall): string | null {
  const { provider, anthropic } = snapshot.config.passthrough;
  return exchange.protocol === 'anthropic' ? anthropic : provider;
}

function maxBodyBytes({ snapshot }: OpenCall): number {
  return snapshot.config.gateway.maxBodyBytes;
}
