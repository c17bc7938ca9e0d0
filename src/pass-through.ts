import { idsInPath } from './affinity/named-ids.ts';
import type { ObjectHomes } from './affinity/object-homes.ts';
import { admitUnread } from './admit-call.ts';
import type { CallSteps } from './call-steps.ts';
import { passedCandidate } from './candidates.ts';
import type { Clock } from './core/clock.ts';
import { GatewayError } from './core/errors.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { Home } from './core/object-ids.ts';
import { tenantOf, type Principal } from './core/principal.ts';
import type { RequestRedactor } from './core/redaction.ts';
import type { Identity } from './identify/api-key.ts';
import type { ReplyEditor } from './ingress/reply.ts';
import { inspectUpload, NOTHING_HELD, type Upload, type UploadPolicy } from './ingress/upload.ts';
import type { Admission } from './limits/admission.ts';
import { keepsObjects, PassedReply } from './object-calls.ts';
import type { OpenCall } from './open-calls.ts';
import { modelIn, readPassed, type MessageBatch, type PassedCall } from './passed-call.ts';
import { authorizeEverything, authorizeModel } from './policy/admit.ts';
import { permitTargets } from './policy-targets.ts';
import type { PlannedTarget } from './route/plan-targets.ts';
import { upstreamBody } from './route/upstream-body.ts';
import type { ModelCall } from './core/call.ts';
import type { Candidate } from './upstream/attempt-once.ts';
import type { Upstream } from './upstream/upstream.ts';

interface PassDeps {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly objects: ObjectHomes;
  /** What every call goes through, passed through or not. */
  readonly steps: CallSteps;
}

/** Where a call goes and what goes there. */
interface PassedPlan {
  readonly candidates: readonly Candidate[];
  /** That of the model that a document names, else the common one: what it took out it puts back. */
  readonly redactor: RequestRedactor;
  readonly editor: ReplyEditor | null;
}

/** Methods by which nothing is generated. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);

/**
 * A call that is passed through: read as far as it names things. What it names decides where it goes: objects that live
 * somewhere, then the model, then the provider that is configured for such calls.
 * @param provider for what names nothing
 * @throws GatewayError 400, 403, 404, 408, 413, 429, 503
 */
export function planPassed(
  open: OpenCall,
  identity: Identity,
  provider: string | null,
  deps: PassDeps,
): Promise<PassedPlan> {
  return new Passing(open, identity, deps).plan(provider);
}

interface Default {
  readonly provider: string;
  /** To a key that is bound to some models, too. */
  readonly isOpen: boolean;
}

/** One such call on its way. */
class Passing {
  private readonly open: OpenCall;
  private readonly identity: Identity;
  private readonly deps: PassDeps;
  private readonly tenant: string;
  private redactor: RequestRedactor;

  constructor(open: OpenCall, identity: Identity, deps: PassDeps) {
    this.open = open;
    this.identity = identity;
    this.deps = deps;
    this.tenant = tenantOf(identity.principal);
    this.redactor = deps.steps.redactorFor(open, identity.principal, null);
  }

  async plan(provider: string | null): Promise<PassedPlan> {
    const { exchange, incoming, snapshot } = this.open;
    const { steps, clock } = this.deps;
    steps.checkAudit(this.open, snapshot.config.passthrough.audit); // 503 audit_unavailable
    if (provider === null) throw noProvider();
    const isOpen = exchange.operation === 'models' || (await this.ownsNamed()); // 404, 503
    const { maxBodyBytes: maxBytes } = snapshot.config.gateway;
    const policyOf = (json: Buffer) => this.policyOfNamed(json);
    const upload = await inspectUpload(incoming, exchange, { ...this.policy(), policyOf, maxBytes, clock }); // 400, 408, 413, 503
    try {
      return await this.planUpload(upload, { provider, isOpen }); // 400, 403, 404, 429, 503
    } catch (error) {
      upload.discard();
      throw error;
    }
  }

  /** By the route of the model that a document names, where it has one. */
  private policyOfNamed(json: Buffer): UploadPolicy {
    const model = modelIn(json);
    const route = model === null ? null : this.open.snapshot.routes.match(model);
    if (route !== null) this.redactor = this.deps.steps.redactorFor(this.open, this.identity.principal, route.name);
    return this.policy();
  }

  private policy(): UploadPolicy {
    const { open, redactor, deps } = this;
    const ask = (clean: JsonDocument) => deps.steps.ask(open, redactor, clean, null);
    return { redactor, ask: redactor.asksDetectors ? ask : null };
  }

  /** A key that is bound to some models may read and delete what it has made. */
  private async ownsNamed(): Promise<boolean> {
    const { incoming } = this.open;
    if (this.identity.principal.mayUse('*') || !READS.has(incoming.method ?? '')) return false;
    const ids = idsInPath(incoming.url!);
    const { objects } = this.deps;
    if (ids.length === 0 || (await objects.find(this.tenant, ids)) === null) return false;
    return objects.isOwn(this.tenant, ids[0]!);
  }

  private async planUpload(upload: Upload, byDefault: Default): Promise<PassedPlan> {
    const { open } = this;
    const { objects, clock } = this.deps;
    const { principal } = this.identity;
    const passed = await readPassed(open, principal, upload); // 400
    const home = keepsObjects(open, principal) ? await objects.find(this.tenant, passed.ids) : null; // 404, 503
    open.exchange.homeAccount = home?.account ?? '';
    const candidates = await this.placed(passed, home, byDefault);
    return { candidates, redactor: this.redactor, editor: PassedReply.of(open, principal, passed.ids, objects, clock) };
  }

  private async placed(
    passed: PassedCall,
    home: Home | null,
    { provider, isOpen }: Default,
  ): Promise<readonly Candidate[]> {
    const { open, identity } = this;
    const { principal } = identity;
    if (passed.call !== null) return this.planNamed(passed, passed.call, home);
    const batch = passed.batch === null ? null : placeBatch(open, principal, passed.batch, home); // 400, 403
    if (batch === null && !isOpen) authorizeEverything(principal); // 403 model_not_allowed
    const upstream = upstreamOf(open, home?.provider ?? batch?.provider ?? provider); // 404
    await this.admit(upstream.config.name, ''); // 403 price_unknown, 429, 503
    return [passedCandidate(upstream, open, batch?.upload ?? passed.upload, identity, null)];
  }

  /** By its model, as a parsed call: key, policies, rollouts, fallbacks. */
  private async planNamed(passed: PassedCall, asked: ModelCall, home: Home | null): Promise<readonly Candidate[]> {
    const { open, identity } = this;
    const { principal } = identity;
    const { steps } = this.deps;
    steps.authorize(open, principal, asked); // 403 model_not_allowed
    const policy = steps.policyFor(open, principal, asked);
    const call = policy?.judgeRequest() ?? asked; // 403 policy_denied, approval_required
    const plan = steps.held(open, steps.routeCall(open, principal, call), home, call); // 400, 404 model_not_found
    steps.checkAudit(open, plan.route.audit); // 503 audit_unavailable
    policy?.judgeRedacted(); // 403 policy_denied, approval_required
    const { document } = call;
    const { targets } = policy === null ? plan : permitTargets(plan, { policy, open, call, document });
    await this.admit(targets[0]!.target.provider, asked.model ?? ''); // 403 price_unknown, 429, 503
    // What cannot be kept can be sent once.
    const sendable = passed.form !== null && !passed.form.isWhole ? targets.slice(0, 1) : targets;
    return sendable.map((planned) => {
      const upstream = open.snapshot.upstreams.get(planned.target.provider)!;
      return passedCandidate(upstream, open, bodyFor(planned, passed, call), identity, planned);
    });
  }

  private async admit(provider: string, model: string): Promise<void> {
    const admitted = admitUnread(this.open, this.deps.admission, this.identity.principal, provider, model);
    if (admitted !== null) await admitted;
  }
}

/** @throws GatewayError `not_found` */
function upstreamOf({ exchange, snapshot }: OpenCall, provider: string): Upstream {
  const upstream = snapshot.upstreams.get(provider);
  if (upstream === undefined)
    throw new GatewayError(
      'not_found',
      `The provider "${provider}", which has the object, is not configured any more.`,
    );
  if (!upstream.provider.speaks(exchange.operation))
    throw new GatewayError('not_found', `The provider "${provider}" has no such endpoint.`);
  return upstream;
}

function noProvider(): GatewayError {
  return new GatewayError('not_found', 'No provider is configured for other paths (passthrough.provider).');
}

/** With what the target changes. @throws GatewayError `protocol_mismatch` */
function bodyFor({ changes }: PlannedTarget, { form, upload }: PassedCall, call: ModelCall): Upload {
  if (form === null) {
    const { bytes } = upstreamBody(call, call.document, 'passthrough', changes);
    return bytes === call.bytes
      ? upload
      : { open: () => bytes, length: String(bytes.length), encoding: null, json: bytes, discard: NOTHING_HELD };
  }
  if (changes.params !== null || changes.system !== null)
    throw new GatewayError(
      'protocol_mismatch',
      'A rollout or policy sets fields of this request; that cannot be done in a form.',
    );
  return changes.model === null ? upload : form.named(changes.model);
}

interface PlacedBatch {
  readonly provider: string;
  /** Null: as it came. */
  readonly upload: Upload | null;
}

/**
 * A batch goes to the provider of its models, under their names there.
 * @returns null where a name of it is not configured
 * @throws GatewayError `model_not_allowed`, `invalid_request` where they have several
 */
function placeBatch(
  { snapshot }: OpenCall,
  principal: Principal,
  batch: MessageBatch,
  home: Home | null,
): PlacedBatch | null {
  const targets = new Map(batch.models.map((model) => [model, snapshot.routes.match(model)?.target ?? null]));
  if ([...targets.values()].includes(null)) return null;
  for (const model of batch.models) authorizeModel(principal, model);
  const providers = [...new Set([...targets.values()].map((target) => target!.provider))];
  if (home !== null && !providers.includes(home.provider)) providers.push(home.provider);
  if (providers.length > 1)
    throw new GatewayError(
      'invalid_request',
      `The batch needs several providers (${providers.join(', ')}); send one batch for each.`,
      { param: 'requests' },
    );
  const isRenamed = batch.models.some((model) => (targets.get(model)!.model ?? model) !== model);
  const upload = isRenamed ? batch.renamed((model) => targets.get(model)!.model ?? model) : null;
  return { provider: providers[0]!, upload };
}
