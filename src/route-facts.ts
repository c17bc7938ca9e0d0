import type { ModelCall } from './core/call.ts';
import type { Clock } from './core/clock.ts';
import type { Principal } from './core/principal.ts';
import type { OpenCall } from './open-calls.ts';
import { conditionHolds } from './policy/conditions.ts';
import { PolicyFacts } from './policy/facts.ts';
import type { RequestFacts } from './route/assign-arm.ts';

/** What rollouts match by. A class, so that conditions cost nothing where no rollout has one. */
export class RouteFacts implements RequestFacts {
  readonly requestId: string;
  readonly model: string;
  readonly keyName: string | null;
  readonly user: string | null;
  readonly metadata: ReadonlyMap<string, string>;
  readonly forcedArm: string | null;
  private readonly open: OpenCall;
  private readonly principal: Principal;
  private readonly call: ModelCall;
  private readonly clock: Clock;
  private conditionFacts: PolicyFacts | null = null;

  constructor(open: OpenCall, principal: Principal, call: ModelCall, clock: Clock) {
    const forcedArm = principal.allowArmOverride ? open.incoming.headers['x-sluice-arm'] : null;
    this.requestId = open.exchange.id;
    this.model = call.model ?? '';
    this.keyName = principal.isAnonymous ? null : principal.name;
    this.user = call.user;
    this.metadata = call.metadata;
    this.forcedArm = typeof forcedArm === 'string' ? forcedArm : null;
    this.open = open;
    this.principal = principal;
    this.call = call;
    this.clock = clock;
  }

  holds(when: string): boolean {
    this.conditionFacts ??= new PolicyFacts(this.open.exchange, this.principal, this.call, this.clock.wall());
    return conditionHolds(when, this.conditionFacts);
  }
}
