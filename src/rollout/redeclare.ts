import type { JsonValue, RolloutSpec } from '../core/rollout.ts';
import type { StoredRollout } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import { declarationHash } from './declaration.ts';
import { applySpec, initialState } from './reducer.ts';

type Parse = (declared: JsonValue) => RolloutSpec;

/** What a writer writes; the ledger adds the rest. */
export type StoredContent = Omit<StoredRollout, 'version' | 'updatedAt'>;

/** What a rollout begins as. @param epoch one that no rollout of this name ever had */
export function declared(spec: RolloutSpec, now: Milliseconds, epoch: number): StoredContent {
  const state = initialState(spec, now, epoch);
  return { name: spec.name, declared: spec.declared, configHash: null, state, revision: 1 };
}

/** What a declaration makes of what is stored: the same content keeps its revision. */
export function redeclared(stored: StoredRollout, spec: RolloutSpec, parse: Parse, now: Milliseconds): StoredContent {
  const { declared } = spec;
  if (isSameDeclaration(stored, spec)) return stored;
  const previous = tryParse(stored, parse);
  const state = applySpec(stored.state, previous instanceof Error ? null : previous, spec, now);
  return { ...stored, declared, state, revision: stored.revision + 1 };
}

export function isSameDeclaration(stored: StoredRollout, spec: RolloutSpec): boolean {
  return declarationHash(stored.declared) === declarationHash(spec.declared);
}

/** The API applied what is stored, rather than the file. */
export function isFromApi(stored: StoredRollout): boolean {
  return stored.configHash === null || declarationHash(stored.declared) !== stored.configHash;
}

export function tryParse(stored: StoredRollout, parse: Parse): RolloutSpec | Error {
  try {
    return parse(stored.declared);
  } catch (error) {
    return error as Error;
  }
}
