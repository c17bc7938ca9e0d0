import type { Clock } from '../core/clock.ts';
import type { ConfirmGate, GateName, WebhookConfig } from '../core/config.ts';
import { compileGlob } from '../core/glob.ts';
import type { JsonValue, Rollout } from '../core/rollout.ts';
import { deliveryHeaders, questionId } from './payload.ts';
import type { Post } from './post.ts';

interface GatesDeps {
  readonly clock: Clock;
  readonly post: Post;
  /** Of the configuration in force. */
  webhooks(): readonly WebhookConfig[];
}

/** Whose answer it was, and what it was. */
interface GateAnswer {
  readonly by: string;
  readonly because: string;
}

/**
 * Asks others before a rollout goes on. Every gate must agree by a 2xx reply; one that cannot be reached or takes too long
 * does not. @source Flagger's `confirm-traffic-increase`, `confirm-promotion` and `rollback` webhooks
 */
export class Gates {
  private readonly deps: GatesDeps;

  constructor(deps: GatesDeps) {
    this.deps = deps;
  }

  /** @returns the first that does not agree; null: all do, or none is asked */
  async confirm(gate: ConfirmGate, rollout: Rollout, detail: JsonValue): Promise<GateAnswer | null> {
    const answers = await this.ask(gate, rollout, detail);
    const veto = answers.find(({ isYes }) => !isYes);
    return veto === undefined ? null : { by: veto.by, because: veto.because };
  }

  /** @returns the first that wants a rollback; one that cannot be reached wants none */
  async wantsRollback(rollout: Rollout): Promise<GateAnswer | null> {
    const answers = await this.ask('rollback', rollout, null);
    const wish = answers.find(({ isYes }) => isYes);
    return wish === undefined ? null : { by: wish.by, because: wish.because };
  }

  /** Whom a gate asks about a rollout, by name and address. */
  keepers(gate: GateName, rollout: Rollout): readonly string[] {
    return this.asked(gate, rollout).map(({ name, url }) => `${name} ${url}`);
  }

  private ask(gate: GateName, rollout: Rollout, detail: JsonValue) {
    return Promise.all(this.asked(gate, rollout).map((webhook) => this.askOne(webhook, gate, rollout, detail)));
  }

  private asked(gate: GateName, { spec: { name } }: Rollout): readonly WebhookConfig[] {
    return this.deps
      .webhooks()
      .filter(({ gates, rollouts }) => gates.includes(gate) && rollouts.some((glob) => compileGlob(glob)(name)));
  }

  private async askOne(webhook: WebhookConfig, gate: GateName, rollout: Rollout, detail: JsonValue) {
    const { clock, post } = this.deps;
    const id = questionId();
    const body = question(id, gate, rollout, detail, clock.wall());
    try {
      const { status } = await post(webhook.url, deliveryHeaders(webhook, id, body, clock.wall()), body, webhook);
      return { by: webhook.name, isYes: status >= 200 && status < 300, because: `status ${status}` };
    } catch (error) {
      return { by: webhook.name, isYes: false, because: (error as Error).message };
    }
  }
}

function question(
  id: string,
  gate: GateName,
  { spec, state, revision }: Rollout,
  detail: JsonValue,
  at: number,
): string {
  const next = spec.steps.find(({ weight }) => weight > state.weight);
  return JSON.stringify({
    id,
    type: `rollout.${gate}`,
    at: new Date(at).toISOString(),
    rollout: spec.name,
    revision,
    phase: state.phase,
    weight: state.weight,
    nextWeight: gate === 'rollback' ? 0 : (next?.weight ?? 100),
    detail,
  });
}
