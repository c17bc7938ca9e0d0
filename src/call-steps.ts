import { askDetectors } from './ask-detectors.ts';
import { attackScore } from './attack/attack-score.ts';
import type { ModelCall } from './core/call.ts';
import type { Clock } from './core/clock.ts';
import { GatewayError } from './core/errors.ts';
import type { Exchange } from './core/exchange.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { Home } from './core/object-ids.ts';
import type { Principal } from './core/principal.ts';
import type { Redactor, RequestRedactor } from './core/redaction.ts';
import type { RolloutView } from './core/rollout.ts';
import { redactAside } from './ingress/redact-aside.ts';
import type { OpenCall } from './open-calls.ts';
import type { FeedbackBook } from './outcome/feedback-book.ts';
import { observerOf } from './outcome/observer.ts';
import { promptLanguage } from './outcome/prompt-language.ts';
import { authorizeModel } from './policy/admit.ts';
import { PolicyFacts } from './policy/facts.ts';
import { PolicyJudge } from './policy/judge.ts';
import { SaidInRequest } from './recorded-content.ts';
import { RouteFacts } from './route-facts.ts';
import { holdToProvider, planTargets, type Plan } from './route/plan-targets.ts';

export interface StepDeps {
  readonly clock: Clock;
  readonly rollouts: RolloutView;
  /** Whether somebody judges what becomes of the request; asked once it has its route and its arms. */
  observes(exchange: Exchange, metadata: ReadonlyMap<string, string>): boolean;
  /** Whether the trail can take what has to be recorded. */
  canAudit(): boolean;
}

/** The stages of a call before it is sent, whether it is parsed or passed through: each throws what it refuses. */
export class CallSteps {
  private readonly deps: StepDeps;
  private readonly feedbackBook: FeedbackBook;

  constructor(deps: StepDeps, feedbackBook: FeedbackBook) {
    this.deps = deps;
    this.feedbackBook = feedbackBook;
  }

  /** @throws GatewayError `model_not_allowed` */
  authorize({ exchange }: OpenCall, principal: Principal, { model }: ModelCall): void {
    exchange.requestedModel = model ?? '';
    authorizeModel(principal, model);
  }

  /** Null where there are no policies: then they cost nothing. */
  policyFor({ exchange, snapshot }: OpenCall, principal: Principal, call: ModelCall): PolicyJudge | null {
    const { policies } = snapshot;
    if (policies === null) return null;
    if (policies.reads('attack.score')) exchange.attackScore = attackScore(exchange.operation, call.document);
    return new PolicyJudge(policies, new PolicyFacts(exchange, principal, call, this.deps.clock.wall()));
  }

  /** @throws GatewayError `protocol_mismatch`, `model_not_found` */
  routeCall(open: OpenCall, principal: Principal, call: ModelCall): Plan {
    const { exchange, snapshot } = open;
    const facts = new RouteFacts(open, principal, call, this.deps.clock);
    const plan = planTargets(snapshot.routing(this.deps.rollouts.current()), exchange.operation, call, facts);
    exchange.route = plan.route.name;
    if (exchange.trace !== null) exchange.trace.conversation = call.metadata.get('conversation') ?? '';
    if (plan.route.detectsAttacks ?? snapshot.config.attack.detect)
      exchange.attackScore ??= attackScore(exchange.operation, call.document);
    takeAssignment(exchange, plan);
    exchange.isObserved = this.deps.observes(exchange, call.metadata) || plan.shadows.length > 0;
    this.feedbackBook.add(exchange);
    if (exchange.isObserved) observe(exchange, call);
    return plan;
  }

  /** Where only one provider knows what the request names, no other gets it. @throws GatewayError `invalid_request` */
  held({ exchange, snapshot }: OpenCall, plan: Plan, home: Home | null, call: ModelCall): Plan {
    if (home === null) return plan;
    exchange.homeAccount = home.account;
    return holdToProvider(snapshot.routing(this.deps.rollouts.current()), plan, home.provider, call);
  }

  /** @throws GatewayError `audit_unavailable` */
  checkAudit({ exchange }: OpenCall, isAudited: boolean): void {
    if (!isAudited) return;
    exchange.isAudited = true;
    if (!this.deps.canAudit())
      throw new GatewayError('audit_unavailable', 'The request has to be recorded, and that cannot be done now.', {
        retryAfterSeconds: 1,
      });
  }

  /** Of this exchange: what it replaces in the request, it knows in the reply. @param route null: no route is for the call */
  redactorFor({ snapshot }: OpenCall, { name, redaction }: Principal, route: string | null): RequestRedactor {
    return snapshot.redactors.for(route ?? '', redaction).forExchange(name);
  }

  /** Where records keep what is said. @param clean the body as it is sent */
  keepContent({ exchange, snapshot }: OpenCall, { redaction }: Principal, route: string, clean: JsonDocument): void {
    const { content, contentBytes } = snapshot.config.record;
    if (!content) return;
    const redactor = snapshot.redactors.forRecords(route, redaction);
    exchange.content = new SaidInRequest(redactor, exchange.operation, exchange.choices, clean, contentBytes);
  }

  /** @throws GatewayError, at once or later: `secret_detected`, `overloaded` */
  redactRequest(
    { exchange, snapshot }: OpenCall,
    { document }: ModelCall,
    redactor: Redactor,
  ): JsonDocument | Promise<JsonDocument> {
    if (!redactor.inspects('request')) return document;
    const redacted = redactAside(redactor, document, 'request', exchange);
    // The request has arrived: from here on its own time runs.
    if (redacted instanceof Promise)
      exchange.setDeadline(this.deps.clock.now() + snapshot.config.upstream.timeouts.total, 'total_timeout');
    return redacted;
  }

  /** Rejects with GatewayError `detector_unavailable`, `secret_detected`. */
  ask(open: OpenCall, redactor: RequestRedactor, clean: JsonDocument, call: ModelCall | null): Promise<JsonDocument> {
    return askDetectors(open, clean, redactor, this.deps.clock, call);
  }
}

function takeAssignment(exchange: Exchange, { assignment, isHeldOut }: Plan): void {
  exchange.isHeldOut = isHeldOut;
  if (assignment === null) return;
  exchange.rollout = assignment.rollout.spec.name;
  exchange.arm = assignment.arm.name;
  exchange.isArmForced = assignment.isForced;
  exchange.trials = assignment.trials;
  exchange.trace?.event('sluice.rollout', {
    rollout: exchange.rollout,
    arm: exchange.arm,
    forced: exchange.isArmForced,
  });
}

/** What the app itself wrote, before redaction and the arm's changes. */
function observe(exchange: Exchange, call: ModelCall): void {
  exchange.language = promptLanguage(exchange.operation, call);
  exchange.observer = observerOf(exchange.operation, call.document, exchange.choices);
}
