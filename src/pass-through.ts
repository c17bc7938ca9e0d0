import { idsInPath } from './affinity/named-ids.ts';
import type { ObjectHomes } from './affinity/object-homes.ts';
import { admitUnread } from './admit-call.ts';
import { passedCandidate } from './candidates.ts';
import type { Clock } from './core/clock.ts';
import { GatewayError } from './core/errors.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { Home } from './core/object-ids.ts';
import { tenantOf, type Principal } from './core/principal.ts';
import type { RequestRedactor } from './core/redaction.ts';
import type { Identity } from './identify/api-key.ts';
import type { ReplyEditor } from './ingress/reply.ts';
import { inspectUpload, NOTHING_HELD, type Upload } from './ingress/upload.ts';
import type { Admission } from './limits/admission.ts';
import { keepsObjects, PassedReply } from './object-calls.ts';
import type { OpenCall } from './open-calls.ts';
import { readPassed, type MessageBatch, type PassedCall } from './passed-call.ts';
import { authorizeEverything, authorizeModel } from './policy/admit.ts';
import type { PolicyJudge } from './policy/judge.ts';
import { permitTargets } from './policy-targets.ts';
import type { PlannedTarget, Plan } from './route/plan-targets.ts';
import { upstreamBody } from './route/upstream-body.ts';
import type { ModelCall } from './core/call.ts';
import type { Candidate } from './upstream/send.ts';
import type { Upstream } from './upstream/upstream.ts';

/** What every call goes through, passed through or not; the gateway's own. */
export interface CallSteps {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly objects: ObjectHomes;
  checkAudit(open: OpenCall, isAudited: boolean): void;
  ask(open: OpenCall, redactor: RequestRedactor, clean: JsonDocument): Promise<JsonDocument>;
  policyFor(open: OpenCall, principal: Principal, call: ModelCall): PolicyJudge | null;
  routeCall(open: OpenCall, principal: Principal, call: ModelCall): Plan;
  held(open: OpenCall, plan: Plan, home: Home | null, call: ModelCall): Plan;
}

/** Where a call goes and what goes there. */
export interface PassedPlan {
  readonly candidates: readonly Candidate[];
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
export async function planPassed(
  open: OpenCall,
  identity: Identity,
  provider: string | null,
  redactor: RequestRedactor,
  steps: CallSteps,
): Promise<PassedPlan> {
  const { exchange, incoming, snapshot } = open;
  const { principal } = identity;
  steps.checkAudit(open, snapshot.config.passthrough.audit); // 503 audit_unavailable
  if (provider === null) throw noProvider();
  const isOpen = exchange.operation === 'models' || (await ownsNamed(open, principal, steps)); // 404, 503
  const { maxBodyBytes: maxBytes } = snapshot.config.gateway;
  const ask = redactor.asksDetectors ? (clean: JsonDocument) => steps.ask(open, redactor, clean) : null;
  const upload = await inspectUpload(incoming, exchange, { redactor, maxBytes, clock: steps.clock, ask }); // 400, 408, 413, 503
  try {
    return await planUpload(open, identity, upload, { provider, isOpen }, steps); // 400, 403, 404, 429, 503
  } catch (error) {
    upload.discard();
    throw error;
  }
}

interface Default {
  readonly provider: string;
  /** To a key that is bound to some models, too. */
  readonly isOpen: boolean;
}

async function planUpload(
  open: OpenCall,
  identity: Identity,
  upload: Upload,
  byDefault: Default,
  steps: CallSteps,
): Promise<PassedPlan> {
  const { principal } = identity;
  const passed = await readPassed(open, principal, upload); // 400
  const home = keepsObjects(open, principal) ? await steps.objects.find(tenantOf(principal), passed.ids) : null; // 404, 503
  open.exchange.homeAccount = home?.account ?? '';
  const candidates = await placed(open, identity, passed, home, byDefault, steps);
  return { candidates, editor: PassedReply.of(open, principal, passed.ids, steps.objects, steps.clock) };
}

async function placed(
  open: OpenCall,
  identity: Identity,
  passed: PassedCall,
  home: Home | null,
  { provider, isOpen }: Default,
  steps: CallSteps,
): Promise<readonly Candidate[]> {
  const { principal } = identity;
  if (passed.call !== null) return planNamed(open, identity, passed, passed.call, home, steps);
  const batch = passed.batch === null ? null : placeBatch(open, principal, passed.batch, home); // 400, 403
  if (batch === null && !isOpen) authorizeEverything(principal); // 403 model_not_allowed
  const upstream = upstreamOf(open, home?.provider ?? batch?.provider ?? provider); // 404
  const admitted = admitUnread(open, steps.admission, principal, upstream.config.name, '');
  if (admitted !== null) await admitted; // 403 price_unknown, 429, 503
  return [passedCandidate(upstream, open.incoming, batch?.upload ?? passed.upload, identity, null)];
}

/** A key that is bound to some models may read and delete what it has made. */
async function ownsNamed({ incoming }: OpenCall, principal: Principal, { objects }: CallSteps): Promise<boolean> {
  if (principal.mayUse('*') || !READS.has(incoming.method ?? '')) return false;
  const ids = idsInPath(incoming.url!);
  if (ids.length === 0 || (await objects.find(tenantOf(principal), ids)) === null) return false;
  return objects.isOwn(tenantOf(principal), ids[0]!);
}

function upstreamOf({ snapshot }: OpenCall, provider: string): Upstream {
  const upstream = snapshot.upstreams.get(provider);
  if (upstream === undefined)
    throw new GatewayError(
      'not_found',
      `The provider "${provider}", which has the object, is not configured any more.`,
    );
  return upstream;
}

function noProvider(): GatewayError {
  return new GatewayError('not_found', 'No provider is configured for other paths (passthrough.provider).');
}

/** By its model, as a parsed call: key, policies, rollouts, fallbacks. */
async function planNamed(
  open: OpenCall,
  identity: Identity,
  passed: PassedCall,
  asked: ModelCall,
  home: Home | null,
  steps: CallSteps,
): Promise<readonly Candidate[]> {
  const { principal } = identity;
  const { exchange, snapshot } = open;
  exchange.requestedModel = asked.model ?? '';
  authorizeModel(principal, asked.model); // 403 model_not_allowed
  const policy = steps.policyFor(open, principal, asked);
  const call = policy?.judgeRequest() ?? asked; // 403 policy_denied, approval_required
  const plan = steps.held(open, steps.routeCall(open, principal, call), home, call); // 400, 404 model_not_found
  steps.checkAudit(open, plan.route.audit); // 503 audit_unavailable
  policy?.judgeRedacted(); // 403 policy_denied, approval_required
  const { document } = call;
  const { targets } = policy === null ? plan : permitTargets(plan, { policy, open, call, document });
  const { provider } = targets[0]!.target;
  const admitted = admitUnread(open, steps.admission, principal, provider, asked.model ?? '');
  if (admitted !== null) await admitted; // 403 price_unknown, 429, 503
  // What cannot be kept can be sent once.
  const sendable = passed.form !== null && !passed.form.isWhole ? targets.slice(0, 1) : targets;
  return sendable.map((planned) => {
    const upstream = snapshot.upstreams.get(planned.target.provider)!;
    return passedCandidate(upstream, open.incoming, bodyFor(planned, passed, call), identity, planned);
  });
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
