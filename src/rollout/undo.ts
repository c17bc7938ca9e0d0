import type { JsonValue, RolloutSpec, RolloutState } from '../core/rollout.ts';
import type { RolloutEvent, RolloutRevision, StoredRollout } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import { declarationHash } from './declaration.ts';
import { RolloutError } from './errors.ts';
import type { RolloutLedger } from './ledger.ts';
import type { StoredContent } from './redeclare.ts';
import { initialState, promotedState } from './reducer.ts';

/** How far `undo` looks back. */
const MAX_REVISIONS = 1_000;
const MAX_EVENTS = 1_000;
/** A promotion by hand that stood for less has proved nothing, whatever its last step asks for. */
const LEAST_PROOF: Milliseconds = 60_000;

interface Undone {
  readonly content: StoredContent;
  /** That it goes back to. */
  readonly revision: number;
}

/**
 * What a rollout becomes by going back to an earlier revision: a new revision with that one's declaration.
 * @param toRevision null: the newest that declares something else than now
 * @param parse throws an Error where the declaration does not fit the configuration
 * @throws RolloutError `revision_not_found`, `invalid_transition`, `store_unavailable`
 */
export async function undone(
  stored: StoredRollout,
  toRevision: number | null,
  ledger: RolloutLedger,
  parse: (declared: JsonValue) => RolloutSpec,
): Promise<Undone> {
  const revisions = await ledger.revisions(stored.name, MAX_REVISIONS);
  const { declared, revision } = findRevision(stored, toRevision, revisions);
  const spec = readRevision(stored.name, revision, () => parse(declared));
  const isProven = await wasPromoted(spec, numbersOf(declared, revisions), ledger);
  const state = startState(spec, stored.state, ledger.now(), isProven);
  return { content: { ...stored, declared, state, revision: stored.revision + 1 }, revision };
}

function findRevision(
  { name, declared: current }: StoredRollout,
  toRevision: number | null,
  revisions: readonly RolloutRevision[],
): RolloutRevision {
  const now = declarationHash(current);
  const found = revisions.find(({ revision, declared }) =>
    toRevision === null ? declarationHash(declared) !== now : revision === toRevision,
  );
  if (found !== undefined && toRevision !== null && declarationHash(found.declared) === now)
    throw new RolloutError(
      'invalid_transition',
      `Of the rollout "${name}" revision ${toRevision} declares what is in force: there is nothing to undo.`,
    );
  if (found !== undefined) return found;
  const known = revisions.map(({ revision }) => revision).join(', ');
  throw new RolloutError(
    'revision_not_found',
    toRevision === null
      ? `The rollout "${name}" has no earlier declaration to go back to.`
      : `The rollout "${name}" has no revision ${toRevision}; it has ${known}.`,
  );
}

function readRevision(name: string, revision: number, read: () => RolloutSpec): RolloutSpec {
  try {
    return read();
  } catch (error) {
    throw new RolloutError(
      'invalid_transition',
      `The revision ${revision} of the rollout "${name}" does not fit the configuration in force: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function startState(spec: RolloutSpec, { epoch, saltTurn }: RolloutState, now: number, isProven: boolean) {
  const start = initialState(spec, now, epoch + 1, saltTurn);
  return isProven ? promotedState(spec, start, now) : start;
}

/** The revisions that declare the same: what became of one of them holds for all. */
function numbersOf(declared: JsonValue, revisions: readonly RolloutRevision[]): readonly number[] {
  const hash = declarationHash(declared);
  return revisions.filter((each) => declarationHash(each.declared) === hash).map(({ revision }) => revision);
}

/** Then the canary has proved itself, and need not climb again. @source Argo Rollouts, `rollbackWindow` */
async function wasPromoted(spec: RolloutSpec, revisions: readonly number[], ledger: RolloutLedger): Promise<boolean> {
  if (spec.kind !== 'canary') return false;
  const events = await ledger.history(spec.name, MAX_EVENTS);
  const deletion = events.findIndex(({ action }) => action === 'delete');
  // Before it was deleted its revisions were others with the same numbers.
  const ofThisLife = deletion < 0 ? events : events.slice(0, deletion);
  // Newest first: one that was promoted and rolled back after all has proved the contrary.
  const newest = ofThisLife.findIndex(({ revision }) => revisions.includes(revision));
  if (newest < 0) return false;
  const before = ofThisLife.slice(newest);
  const end = before.findIndex(({ revision, phase }) => !revisions.includes(revision) || phase !== 'healthy');
  const until = ofThisLife[newest - 1]?.at ?? ledger.now();
  return isProof(before.slice(0, end < 0 ? before.length : end), until, spec);
}

/** What made it healthy: the controller's own judgement, an earlier proof, or time. @param healthy newest first */
function isProof(healthy: readonly RolloutEvent[], until: Milliseconds, { steps, judgement }: RolloutSpec): boolean {
  const first = healthy.at(-1);
  if (first === undefined) return false;
  if (first.action === 'undo' || (first.action === 'promote' && first.actor === 'controller')) return true;
  const least = steps.at(-1)?.min ?? judgement.step?.min ?? 0;
  return until - first.at >= Math.max(least, LEAST_PROOF);
}
