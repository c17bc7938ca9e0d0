import type { Clock } from '../core/clock.ts';
import type { ConfirmGate } from '../core/config.ts';
import type { JsonValue, Rollout } from '../core/rollout.ts';
import { RolloutError } from '../rollout/errors.ts';
import type { RolloutCommand } from '../rollout/reducer.ts';
import type { ChangeOptions } from '../rollout/registry.ts';
import { actionFor, isCompared, type Action } from './act.ts';
import type { Conclusion, Veto } from './evidence.ts';
import type { Lease } from '../core/stores.ts';
import type { RolloutWatch } from './rollout-watch.ts';

/** What is found where somebody asked for a rollback. */
const WISHED = { decision: 'rollback', reason: 'gate' };

/** The rollouts that are judged and steered. */
interface SteeredRollouts {
  current(): readonly Rollout[];
  execute(name: string, command: RolloutCommand, options: ChangeOptions): Promise<Rollout>;
  note(
    name: string,
    entry: Omit<Action, 'command' | 'gate'> & { readonly actor: string; readonly fence: Lease },
  ): Promise<void>;
}

export interface SteeringDeps {
  readonly clock: Clock;
  readonly rollouts: SteeredRollouts;
  /** @returns who does not agree, and why; null: go on. @param detail the evidence, for the one who decides */
  askGate(gate: ConfirmGate, rollout: Rollout, detail: JsonValue): Promise<Veto | null>;
  /** Who is asked; changes where others would be. */
  gatekeepers(gate: ConfirmGate, rollout: Rollout): readonly string[];
  /** @returns who wants the rollout rolled back whatever the evidence says, and why */
  askRollback(rollout: Rollout): Promise<Veto | null>;
  decided(rollout: string, decision: string, reason: string): void;
}

/**
 * Does to a rollout what its evidence and its gates say. Each change names the version that it is about, so that nothing
 * is ever done twice.
 */
export class Steering {
  private readonly deps: SteeringDeps;
  private readonly fence: () => Lease;
  private readonly onNews: () => void;

  /**
   * @param fence the lease under which it is done
   * @param onNews a gate has answered: what is told of its rollout is other than before
   */
  constructor(deps: SteeringDeps, fence: () => Lease, onNews: () => void) {
    this.deps = deps;
    this.fence = fence;
    this.onNews = onNews;
  }

  /** Judges one rollout and does what is due. @returns whether anything was done */
  async act(rollout: Rollout, watch: RolloutWatch): Promise<boolean> {
    const now = this.deps.clock.wall();
    const conclusion = watch.evidence.conclude(rollout, now / 1000);
    const due = actionFor(rollout, conclusion, now);
    const wished = due?.command?.verb === 'abort' ? null : this.wantedRollback(rollout, watch);
    const action = wished ?? due;
    if (action === null || action.gate === null) watch.veto = null;
    if (action === null) return false;
    if (action.command === null) return this.note(rollout, watch, conclusion, action);
    if (action.gate !== null && !this.isAllowed(rollout, watch, action.gate, action)) return false;
    const found = wished === null ? conclusion : WISHED;
    return this.execute(rollout, found, action, action.command);
  }

  private async note(rollout: Rollout, watch: RolloutWatch, conclusion: Conclusion, action: Action): Promise<boolean> {
    const finding = `${action.action} ${conclusion.reason} ${conclusion.metric?.metric ?? ''} ${conclusion.arm ?? ''}`;
    if (!watch.isNews(rollout, finding)) return false;
    const { reason, detail } = action;
    const what = { action: action.action, actor: 'controller', reason, detail, fence: this.fence() };
    await this.deps.rollouts.note(rollout.spec.name, what);
    watch.told(rollout, finding);
    this.deps.decided(rollout.spec.name, conclusion.decision, conclusion.reason);
    return true;
  }

  private async execute(
    rollout: Rollout,
    { decision, reason }: { readonly decision: string; readonly reason: string },
    action: Action,
    command: RolloutCommand,
  ): Promise<boolean> {
    const { name } = rollout.spec;
    try {
      await this.deps.rollouts.execute(name, command, {
        actor: 'controller',
        reason: action.reason,
        detail: action.detail,
        expectedVersion: rollout.version,
        fence: this.fence(),
      });
    } catch (error) {
      // Somebody else changed it meanwhile: the next round judges what it is now.
      if (error instanceof RolloutError && error.code !== 'store_unavailable') return false;
      throw error;
    }
    this.deps.decided(name, decision, reason);
    return true;
  }

  /** Gates may take their time: the rollout stays where it is meanwhile, and everything else goes on. */
  private isAllowed(rollout: Rollout, watch: RolloutWatch, gate: ConfirmGate, { command, detail }: Action): boolean {
    const { askGate, gatekeepers } = this.deps;
    const to = JSON.stringify([gate, rollout.version, command, gatekeepers(gate, rollout)]);
    const answer = watch.consentTo(to).poll(() => askGate(gate, rollout, detail));
    if (answer === null) return false;
    watch.veto = answer.value;
    this.onNews();
    if (watch.veto === null) return true;
    const finding = `gate ${watch.veto.by}`;
    if (watch.isNews(rollout, finding)) this.deps.decided(rollout.spec.name, 'hold', 'gate');
    watch.told(rollout, finding);
    return false;
  }

  /** Somebody outside may want a rollback whatever the evidence says, and whatever else is being waited for. */
  private wantedRollback(rollout: Rollout, watch: RolloutWatch): Action | null {
    const { spec, state } = rollout;
    if (spec.kind !== 'canary' || state.phase === 'degraded' || !isCompared(rollout)) return null;
    const answer = watch.wish.poll(() => this.deps.askRollback(rollout));
    if (answer === null || answer.value === null) return null;
    const wish = answer.value;
    const reason = `the gate "${wish.by}" asked for it: ${wish.because}`;
    return { command: { verb: 'abort' }, gate: null, action: 'abort', reason, detail: null };
  }
}
