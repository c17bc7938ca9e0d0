import { VersionConflictError } from '../core/stores.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Milliseconds } from '../core/units.ts';
import { RolloutError } from './errors.ts';
import type { LedgerEntry, RolloutLedger } from './ledger.ts';
import { reduce } from './reducer.ts';

/** A store that is locked holds the thread while it is waited for. */
const RETRY_EVERY: Milliseconds = 2_000;

interface Pending {
  readonly entry: LedgerEntry;
  readonly at: Milliseconds;
  /** The start that was aborted: no other start of any rollout of this name has the same. */
  readonly epoch: number;
}

/**
 * Rollouts that somebody aborted while the store could not be written: this gateway takes them back at once, and the store
 * learns of it as soon as it can. Until then no other gateway knows, nor this one after a restart. A later start was made
 * by somebody who wanted it, so an abort of the one before says nothing about it.
 */
export class PendingAborts {
  private readonly ledger: RolloutLedger;
  private readonly entries = new Map<string, Pending>();
  private retryAt: Milliseconds = -Infinity;

  constructor(ledger: RolloutLedger) {
    this.ledger = ledger;
  }

  add({ spec, state }: Rollout, entry: LedgerEntry): void {
    const at = this.ledger.now();
    const { epoch } = state;
    if (this.entries.get(spec.name)?.epoch !== epoch) this.entries.set(spec.name, { entry, at, epoch });
    this.retryAt = at + RETRY_EVERY;
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  get names(): readonly string[] {
    return [...this.entries.keys()];
  }

  /** As this gateway serves it. */
  applied(rollout: Rollout): Rollout {
    const pending = this.entries.get(rollout.spec.name);
    if (pending === undefined || pending.epoch !== rollout.state.epoch) return rollout;
    const next = reduce(rollout, { verb: 'abort' }, pending.at);
    return next instanceof RolloutError ? rollout : { ...next, isPending: true };
  }

  /**
   * @param find as the store has it; null: it is gone
   * @param mustTry also where the store has failed just now
   * @returns whether anything is other than before
   */
  async write(find: (name: string) => Rollout | null, mustTry: boolean): Promise<boolean> {
    if (this.entries.size === 0 || (!mustTry && this.ledger.now() < this.retryAt)) return false;
    this.retryAt = this.ledger.now() + RETRY_EVERY;
    const before = this.entries.size;
    for (const [name, pending] of this.entries) {
      if (!(await this.writeOne(find(name), pending))) break;
      this.entries.delete(name);
    }
    return this.entries.size < before;
  }

  /** @returns whether it is done, or there is nothing to do any more */
  private async writeOne(rollout: Rollout | null, { entry, epoch }: Pending): Promise<boolean> {
    if (rollout === null || rollout.state.epoch !== epoch) return true;
    const next = reduce(rollout, { verb: 'abort' }, this.ledger.now());
    if (next instanceof RolloutError || next === rollout) return true;
    try {
      await this.ledger.write({ ...this.ledger.get(next.spec.name)!, state: next.state }, entry);
      return true;
    } catch (error) {
      if (error instanceof VersionConflictError || error instanceof RolloutError) return false;
      throw error;
    }
  }
}
