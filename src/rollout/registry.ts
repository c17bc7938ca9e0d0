import type { Clock } from '../core/clock.ts';
import type { JsonValue, Rollout, RolloutSpec, RolloutView } from '../core/rollout.ts';
import {
  VersionConflictError,
  type Lease,
  type RolloutEvent,
  type RolloutRevision,
  type RolloutStore,
  type StoredRollout,
} from '../core/stores.ts';
import { declarationHash } from './declaration.ts';
import { RolloutError } from './errors.ts';
import {
  notFound,
  remembering,
  RolloutsInForce,
  toRollout,
  type RolloutDeclarations,
  type RolloutListener,
} from './in-force.ts';
import { RolloutLedger, type EventsSince, type LedgerEntry } from './ledger.ts';
import { declared, isSameDeclaration, redeclared, type StoredContent } from './redeclare.ts';
import { PendingAborts } from './pending-aborts.ts';
import { reduce, type RolloutCommand } from './reducer.ts';
import { SerialQueue } from './serial-queue.ts';
import { undone } from './undo.ts';

export interface ChangeOptions {
  /** Who: `config`, `api`. */
  readonly actor: string;
  /** Why it was done, for the history. */
  readonly reason?: string;
  /** The evidence for it. */
  readonly detail?: JsonValue;
  /** The version that the caller has seen (0: none exists); any other is refused. */
  readonly expectedVersion?: number;
  /** A lease that whoever changes it must still hold when it is written: else LeaseLostError. */
  readonly fence?: Lease;
}

/**
 * The rollouts of this process. Every change but an abort is made durable first and only then takes effect, one after the other. What
 * `current()` returns is ready made: the data plane asks on each request.
 */
export class RolloutRegistry implements RolloutView {
  private readonly ledger: RolloutLedger;
  private readonly queue = new SerialQueue();
  private readonly pending: PendingAborts;
  private readonly inForce: RolloutsInForce;

  private constructor(ledger: RolloutLedger) {
    this.ledger = ledger;
    this.pending = new PendingAborts(ledger);
    this.inForce = new RolloutsInForce(ledger, this.pending);
  }

  /** Reads the store. No rollout is in force before the first `declare`. @throws RolloutError `store_unavailable` */
  static async open(store: RolloutStore, clock: Clock): Promise<RolloutRegistry> {
    const ledger = new RolloutLedger(store, clock);
    await ledger.refresh();
    return new RolloutRegistry(ledger);
  }

  current(): readonly Rollout[] {
    return this.inForce.current;
  }

  /** @throws RolloutError `rollout_not_found` */
  get(name: string): Rollout {
    return this.inForce.get(name);
  }

  /** Calls back after each change, in order. Returns the way to stop. */
  listen(listener: RolloutListener): () => void {
    return this.inForce.listen(listener);
  }

  /**
   * Brings a configuration snapshot into force. A declaration that is the one last applied from the file leaves its
   * rollout as it stands, whatever was done to it since; a changed one is a new revision.
   * @returns warnings: stored rollouts that are out of force because their declaration cannot be read any more
   * @throws RolloutError `store_unavailable`; the snapshot before stays in force
   */
  declare(declarations: RolloutDeclarations): Promise<readonly string[]> {
    return this.queue.run(async () => {
      const next = { specs: declarations.specs, parse: remembering(declarations.parse) };
      for (const spec of next.specs) await this.whateverOthersWrite(() => this.declareOne(spec, next));
      this.inForce.declare(next);
      return this.inForce.warnings();
    });
  }

  /** Applies a declaration from the API; an equal one changes nothing. @throws RolloutError */
  apply(spec: RolloutSpec, options: ChangeOptions): Promise<{ readonly rollout: Rollout; readonly created: boolean }> {
    return this.change(spec.name, options, async () => {
      const created = this.ledger.get(spec.name) === null;
      await this.applyNow(spec, options);
      this.inForce.publish();
      return { rollout: this.get(spec.name), created };
    });
  }

  /**
   * An abort that the store cannot take takes effect here at once all the same, and is written when that is possible:
   * `isPending` until then. One that is bound to a version is not: nobody knows whether it still holds.
   * @throws RolloutError
   */
  execute(name: string, command: RolloutCommand, options: ChangeOptions): Promise<Rollout> {
    const work = async (): Promise<Rollout> => {
      await this.executeOrKeep(name, command, options);
      this.inForce.publish();
      return this.get(name);
    };
    return this.change(name, options, work, command.verb === 'abort');
  }

  /**
   * Brings back the declaration of an earlier revision, as a new one: at once in full where that one had proved itself
   * (the controller promoted it, or it stood promoted for the time of its last step), else from its first step. A reload of the file does not take it back.
   * @param toRevision default: the newest that declares something else than now
   * @throws RolloutError
   */
  undo(name: string, toRevision: number | null, options: ChangeOptions): Promise<Rollout> {
    return this.change(name, options, async () => {
      await this.undoNow(name, toRevision, options);
      this.inForce.publish();
      return this.get(name);
    });
  }

  /** Adds to the history what was found and changes nothing. @throws RolloutError */
  note(name: string, entry: LedgerEntry): Promise<void> {
    return this.queue.run(async () => {
      const stored = this.ledger.get(name);
      if (stored === null) throw notFound(name);
      await this.ledger.note(stored, entry);
      this.inForce.publish();
    });
  }

  /** Newest first. @throws RolloutError `store_unavailable` */
  revisions(name: string, limit: number): Promise<readonly RolloutRevision[]> {
    return this.ledger.revisions(name, limit);
  }

  /** Forgets a rollout that the API applied, or that the configuration declares no longer. @throws RolloutError */
  delete(name: string, options: ChangeOptions): Promise<void> {
    return this.change(name, options, async () => {
      await this.deleteNow(name, options);
      this.inForce.publish();
    });
  }

  /** Takes over what other processes on the same store have written. @throws RolloutError `store_unavailable` */
  refresh(): Promise<void> {
    return this.queue.run(async () => {
      const hasWritten = await this.writePending(false);
      if ((await this.ledger.refresh()) || hasWritten) this.inForce.publish();
    });
  }

  /**
   * The last chance for aborts that the store could not take: after a restart nobody knows of them.
   * @returns the rollouts whose abort is lost
   */
  async close(): Promise<readonly string[]> {
    if (this.pending.names.length > 0) await this.queue.run(() => this.writeLast()).catch(() => {});
    return this.pending.names;
  }

  /** Newest first; also of rollouts that are gone. @throws RolloutError `store_unavailable` */
  history(name: string, limit: number): Promise<readonly RolloutEvent[]> {
    return this.ledger.history(name, limit);
  }

  /** As the ledger's. @throws RolloutError `store_unavailable` */
  eventsSince(id: number, limit: number): Promise<EventsSince> {
    return this.ledger.eventsSince(id, limit);
  }

  /** A caller who named a version wants to hear of a conflict; any other command holds for the newest state too. */
  private change<T>(name: string, options: ChangeOptions, work: () => Promise<T>, isAbort = false): Promise<T> {
    const isBound = options.expectedVersion !== undefined;
    return this.queue.run(async () => {
      if (!isAbort) await this.settlePending(name);
      return this.whateverOthersWrite(work, isBound ? 'refuse' : 'repeat');
    });
  }

  /** Another replica may have written since this one read: read again, then repeat or refuse. */
  private async whateverOthersWrite<T>(work: () => Promise<T>, onConflict: 'repeat' | 'refuse' = 'repeat'): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      await this.ledger.refresh();
      this.inForce.publish();
      if (onConflict === 'repeat') return work();
      throw new RolloutError('version_mismatch', error.message, { cause: error });
    }
  }

  private async declareOne(spec: RolloutSpec, { parse }: RolloutDeclarations): Promise<void> {
    const configHash = declarationHash(spec.declared);
    if (this.ledger.get(spec.name)?.configHash === configHash) return;
    await this.settlePending(spec.name);
    const stored = this.ledger.get(spec.name);
    if (stored?.configHash === configHash) return;
    const reason = stored === null ? 'declared' : 'declaration changed';
    const content = await this.contentOf(stored, spec, parse);
    await this.ledger.write({ ...content, configHash }, { action: 'apply', actor: 'config', reason });
  }

  private async applyNow(spec: RolloutSpec, options: ChangeOptions): Promise<void> {
    const stored = this.ledger.get(spec.name);
    checkVersion(spec.name, stored, options);
    const isInForce = this.inForce.find(spec.name) !== null;
    if (isInForce && stored !== null && isSameDeclaration(stored, spec)) return;
    // The hash is kept while the file declares it, so that the next reload does not undo what the API applied.
    const configHash = this.inForce.isDeclared(spec.name) ? (stored?.configHash ?? null) : null;
    const content = await this.contentOf(stored, spec, this.inForce.parse);
    await this.ledger.write({ ...content, configHash }, entryOf('apply', options));
  }

  private async contentOf(
    stored: StoredRollout | null,
    spec: RolloutSpec,
    parse: RolloutDeclarations['parse'],
  ): Promise<StoredContent> {
    const now = this.ledger.now();
    return stored === null ? declared(spec, now, await this.ledger.newEpoch()) : redeclared(stored, spec, parse, now);
  }

  private async executeOrKeep(name: string, command: RolloutCommand, options: ChangeOptions): Promise<void> {
    try {
      await this.executeNow(name, command, options);
    } catch (error) {
      const isUnwritten = error instanceof RolloutError && error.code === 'store_unavailable';
      if (!isUnwritten || command.verb !== 'abort' || options.expectedVersion !== undefined) throw error;
      this.pending.add(this.get(name), entryOf('abort', options));
    }
  }

  private writePending(mustTry: boolean): Promise<boolean> {
    const find = (name: string): Rollout | null => {
      const stored = this.ledger.get(name);
      const spec = this.inForce.find(name)?.spec;
      return stored === null || spec === undefined ? null : toRollout(stored, spec);
    };
    return this.pending.write(find, mustTry);
  }

  private async writeLast(): Promise<void> {
    await this.ledger.refresh();
    if (await this.writePending(true)) this.inForce.publish();
  }

  /** Whatever else is done to a rollout comes after an abort of it that the store does not know yet. */
  private async settlePending(name: string): Promise<void> {
    if (!this.pending.has(name)) return;
    // Another gateway may have written meanwhile, perhaps the same abort.
    const hasChanged = await this.ledger.refresh();
    if ((await this.writePending(true)) || hasChanged) this.inForce.publish();
    if (this.pending.has(name))
      throw new RolloutError('store_unavailable', `The abort of "${name}" is not written yet: the store fails.`);
  }

  private async executeNow(name: string, command: RolloutCommand, options: ChangeOptions): Promise<void> {
    const rollout = this.get(name);
    const stored = this.ledger.get(name)!;
    checkVersion(name, stored, options);
    const next = reduce(rollout, command, this.ledger.now());
    if (next instanceof RolloutError) throw next;
    if (next === rollout) return;
    await this.ledger.write({ ...stored, state: next.state }, entryOf(command.verb, options));
  }

  private async undoNow(name: string, toRevision: number | null, options: ChangeOptions): Promise<void> {
    const stored = this.ledger.get(name);
    if (stored === null) throw notFound(name);
    checkVersion(name, stored, options);
    const { content, revision } = await undone(stored, toRevision, this.ledger, this.inForce.parse);
    const reason = [`back to revision ${revision}`, options.reason ?? ''].filter((text) => text !== '').join(': ');
    await this.ledger.write(content, entryOf('undo', { ...options, reason }));
  }

  private async deleteNow(name: string, options: ChangeOptions): Promise<void> {
    const stored = this.ledger.get(name);
    if (stored === null) throw notFound(name);
    if (this.inForce.isDeclared(name)) {
      throw new RolloutError(
        'declared_in_config',
        `The rollout "${name}" is declared in the configuration file: remove it there, or \`abort\` it.`,
      );
    }
    checkVersion(name, stored, options);
    await this.ledger.remove(stored, entryOf('delete', options));
  }
}

function entryOf(action: string, { actor, reason = '', detail, fence }: ChangeOptions): LedgerEntry {
  return { action, actor, reason, detail, fence };
}

function checkVersion(name: string, stored: StoredRollout | null, { expectedVersion }: ChangeOptions): void {
  const version = stored?.version ?? 0;
  if (expectedVersion === undefined || expectedVersion === version) return;
  throw new RolloutError(
    'version_mismatch',
    `The rollout "${name}" is at version ${version}, not ${expectedVersion}: read it again and repeat the change.`,
  );
}
