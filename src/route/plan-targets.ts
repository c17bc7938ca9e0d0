import type { ModelCall } from '../core/call.ts';
import type { HoldoutConfig, PromptVersion, RouteConfig } from '../core/config.ts';
import { GatewayError } from '../core/errors.ts';
import type { Operation } from '../core/operation.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Load, Target } from '../core/target.ts';
import {
  assignArm,
  HELD_OUT,
  matchingShadows,
  type Sampled,
  type ArmChange,
  type Assignment,
  type RequestFacts,
} from './assign-arm.ts';
import { balanced } from './balance.ts';
import type { RouteTable } from './match-route.ts';
import type { BodyChanges } from './upstream-body.ts';

/** Where a call goes: the assigned arm's target first, then the fallbacks. */
export interface Plan {
  readonly route: RouteConfig;
  readonly assignment: Assignment | null;
  /** The unit belongs to the holdout. */
  readonly isHeldOut: boolean;
  readonly targets: readonly PlannedTarget[];
  /** The route chose among several that are equal. */
  readonly isBalanced: boolean;
  /** The arm named the target. */
  readonly hasOwnTarget: boolean;
  /** Those that want a copy of the call. */
  readonly shadows: readonly Sampled[];
}

export interface PlannedTarget {
  readonly target: Target;
  /** The upstream's model name. */
  readonly model: string | null;
  /** The same for metric labels: a configured name, never the caller's. */
  readonly label: string;
  readonly changes: BodyChanges;
}

export interface Routing {
  readonly routes: RouteTable;
  readonly rollouts: readonly Rollout[];
  readonly holdout: HoldoutConfig | null;
  readonly prompts: ReadonlyMap<string, ReadonlyMap<string, PromptVersion>>;
  /** The provider for calls that name no model; null where there is none. */
  readonly passthroughProvider: string | null;
  speaks(provider: string, operation: Operation): boolean;
  load(provider: string, label: string): Load;
  /** In [0, 1). */
  random(): number;
}

/** @throws GatewayError `model_not_found`, `invalid_request` (no model), `protocol_mismatch` */
export function planTargets(routing: Routing, operation: Operation, call: ModelCall, facts: RequestFacts): Plan {
  const route = findRoute(routing, call.model);
  const assigned = call.model === null ? null : assignArm(routing.rollouts, facts, routing.holdout);
  const isHeldOut = assigned === HELD_OUT;
  const assignment = assigned === HELD_OUT ? null : assigned;
  const change = assignment?.change ?? null;
  const own = change?.target ?? null;
  const equals = own === null ? equalTargets(routing, route) : [own];
  const served = equals.filter(({ provider }) => routing.speaks(provider, operation));
  if (served.length === 0) throw protocolMismatch(operation, call, equals[0]!.provider);
  const targets = served.map((target) => planTarget(routing, route, target, change, call));
  const isBalanced = equals.length > 1;
  for (const fallback of route.fallbacks) {
    if (!routing.speaks(fallback.provider, operation) || served.some((target) => isSame(fallback, target))) continue;
    targets.push(planTarget(routing, route, fallback, change, call));
  }
  const shadows = call.model === null ? [] : matchingShadows(routing.rollouts, facts);
  return { route, assignment, isHeldOut, targets, isBalanced, hasOwnTarget: own !== null, shadows };
}

/** What the route names, in the order in which it is tried. */
function equalTargets(routing: Routing, route: RouteConfig): readonly Target[] {
  if (route.targets.length === 0) return [route.target];
  const loadOf = ({ provider, model }: Target): Load => routing.load(provider, model ?? route.name);
  return balanced(route.targets, loadOf, routing.random);
}

/**
 * The plan with the targets of one provider, which alone knows an object that the request names. Where the arm and its
 * fallbacks are all elsewhere, the route's own target or that of another arm stands in for them; the assignment stays.
 * @throws GatewayError `invalid_request` where the model is not served there
 */
export function holdToProvider(routing: Routing, plan: Plan, provider: string, call: ModelCall): Plan {
  const held = plan.targets.filter(({ target }) => target.provider === provider);
  if (held.length > 0) return { ...plan, targets: held };
  const { route, assignment } = plan;
  const arms = assignment?.rollout.spec.arms.flatMap(({ target }) => target ?? []) ?? [];
  const others = [route.target, ...route.fallbacks, ...arms];
  const other = call.model === null ? { provider, model: null } : others.find((target) => target.provider === provider);
  if (other !== undefined)
    return { ...plan, targets: [planTarget(routing, route, other, assignment?.change ?? null, call)] };
  throw new GatewayError(
    'invalid_request',
    `The request names an object of the provider "${provider}", and this model is not served there.`,
    { param: 'model' },
  );
}

function findRoute(routing: Routing, model: string | null): RouteConfig {
  const route = model === null ? modelless(routing.passthroughProvider) : routing.routes.match(model);
  if (route !== null) return route;
  if (model === null)
    throw new GatewayError('invalid_request', '"model" is missing; name a model that the gateway serves.', {
      param: 'model',
    });
  throw new GatewayError(
    'model_not_found',
    `The model "${printable(model)}" is not configured; GET /v1/models lists the names.`,
    { param: 'model' },
  );
}

/** Some endpoints let the model out and the provider chooses; they go where unknown paths go. */
function modelless(provider: string | null): RouteConfig | null {
  return provider === null
    ? null
    : {
        name: 'other',
        isGlob: true,
        target: { provider, model: null },
        targets: [],
        fallbacks: [],
        hedge: null,
        redaction: null,
        detectsAttacks: null,
        audit: false,
        cacheTtl: null,
      };
}

/** A wrong token count is worse than none, so that endpoint is simply not there. */
function protocolMismatch(operation: Operation, { path, model }: ModelCall, provider: string): GatewayError {
  if (operation === 'count_tokens')
    return new GatewayError('not_found', `The provider "${provider}" counts no tokens for Anthropic clients.`);
  return new GatewayError(
    'protocol_mismatch',
    `The model "${printable(model ?? '')}" cannot be called through ${path.replace(/\?.*$/s, '')}: its provider "${provider}" has nothing for that endpoint; use another endpoint or another model.`,
    { param: 'model' },
  );
}

function planTarget(
  routing: Routing,
  route: RouteConfig,
  target: Target,
  change: ArmChange | null,
  call: ModelCall,
): PlannedTarget {
  const prompt = change?.prompt ?? null;
  return {
    target,
    model: target.model ?? call.model,
    label: target.model ?? route.name,
    changes: {
      model: target.model !== null && target.model !== call.model ? target.model : null,
      params: change?.params ?? null,
      system: prompt === null ? null : (routing.prompts.get(prompt.name)?.get(prompt.version)?.system ?? null),
    },
  };
}

function isSame(a: Target, b: Target): boolean {
  return a.provider === b.provider && a.model === b.model;
}

/** A name for a message: bounded, and no control or look-alike characters into logs and terminals. */
function printable(name: string): string {
  return name.slice(0, 64).replace(/[^\x21-\x7e]/g, '?');
}
