import type { JsonValue, Rollout, RolloutSpec } from '../core/rollout.ts';
import type { StoredRollout } from '../core/stores.ts';
import { RolloutError } from './errors.ts';
import type { RolloutEventDraft, RolloutLedger } from './ledger.ts';
import type { PendingAborts } from './pending-aborts.ts';
import { isFromApi, tryParse } from './redeclare.ts';

/** What one configuration snapshot says about rollouts. */
export interface RolloutDeclarations {
  /** In the order of the file. */
  readonly specs: readonly RolloutSpec[];
  /** Reads a stored declaration against this snapshot's providers and prompts. @throws Error that names the problem */
  parse(declared: JsonValue): RolloutSpec;
}

/** A change that is durable and in force. */
export interface RolloutChange {
  readonly event: RolloutEventDraft;
  /** Null where the rollout is no longer in force. */
  readonly rollout: Rollout | null;
}

/** Must not throw. */
export type RolloutListener = (change: RolloutChange) => void;

/** What of the ledger takes effect under the declarations of the configuration, ready made, and who is told of it. */
export class RolloutsInForce {
  private readonly ledger: RolloutLedger;
  private readonly pending: PendingAborts;
  private readonly listeners = new Set<RolloutListener>();
  private declarations: RolloutDeclarations = NOTHING_DECLARED;
  private rollouts: readonly Rollout[] = [];
  /** Why stored rollouts are out of force, by name. */
  private unreadable: ReadonlyMap<string, string> = new Map();

  constructor(ledger: RolloutLedger, pending: PendingAborts) {
    this.ledger = ledger;
    this.pending = pending;
  }

  get current(): readonly Rollout[] {
    return this.rollouts;
  }

  get parse(): RolloutDeclarations['parse'] {
    return this.declarations.parse;
  }

  find(name: string): Rollout | null {
    return this.rollouts.find((rollout) => rollout.spec.name === name) ?? null;
  }

  /** @throws RolloutError `rollout_not_found` */
  get(name: string): Rollout {
    const found = this.find(name);
    if (found !== null) return found;
    const problem = this.unreadable.get(name);
    throw problem === undefined
      ? notFound(name)
      : new RolloutError('rollout_not_found', `The rollout "${name}" is stored but out of force: ${problem}`);
  }

  isDeclared(name: string): boolean {
    return this.declarations.specs.some((spec) => spec.name === name);
  }

  /** Calls back after each change, in order. Returns the way to stop. */
  listen(listener: RolloutListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  declare(declarations: RolloutDeclarations): void {
    this.declarations = declarations;
    this.publish();
  }

  /** Of stored rollouts that are out of force because their declaration cannot be read any more. */
  warnings(): readonly string[] {
    return [...this.unreadable].map(([name, problem]) => `The stored rollout "${name}" is out of force: ${problem}`);
  }

  /** Makes what the ledger holds take effect and tells the listeners. */
  publish(): void {
    const unreadable = new Map<string, string>();
    this.rollouts = this.wanted().flatMap((stored) => {
      const spec = tryParse(stored, this.declarations.parse);
      if (spec instanceof Error) unreadable.set(stored.name, spec.message);
      return spec instanceof Error ? [] : [this.pending.applied(toRollout(stored, spec))];
    });
    this.unreadable = unreadable;
    for (const event of this.ledger.takeWritten()) {
      const rollout = this.find(event.rollout);
      for (const listener of this.listeners) listener({ event, rollout });
    }
  }

  /** In the order in which they match: as in the file, then those that only the API applied, by name. */
  private wanted(): readonly StoredRollout[] {
    const declared = this.declarations.specs.flatMap(({ name }) => this.ledger.get(name) ?? []);
    const applied = this.ledger.all().filter((stored) => isFromApi(stored) && !this.isDeclared(stored.name));
    return [...declared, ...applied.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }
}

const NOTHING_DECLARED: RolloutDeclarations = {
  specs: [],
  parse: () => {
    throw new Error('No configuration is in force yet.');
  },
};

/** A spec stays the same object while nothing but the state changes, so that what is derived from it can be kept. */
export function remembering(parse: RolloutDeclarations['parse']): RolloutDeclarations['parse'] {
  const known = new WeakMap<object, RolloutSpec>();
  return (declared) => {
    const key = declared as object;
    const spec = known.get(key) ?? parse(declared);
    known.set(key, spec);
    return spec;
  };
}

export function toRollout(stored: StoredRollout, spec: RolloutSpec): Rollout {
  const { state, revision, version, updatedAt } = stored;
  return { spec, state, revision, version, updatedAt };
}

export function notFound(name: string): RolloutError {
  return new RolloutError('rollout_not_found', `There is no rollout "${name}".`);
}
