import type { AuditStore } from '../core/audit.ts';
import { openCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { NoteVerifier } from './signed-note.ts';

/** What kept checkpoints say that the store does not. */
interface Contradiction extends Readonly<Record<string, string | number>> {
  readonly checkpointAt: string;
  readonly checkpointSize: number;
  readonly storeSize: number;
}

/**
 * A quick look, without walking the chain: the newest checkpoint that was kept is over more entries than there are, or the
 * store has another in its place. Null: neither.
 */
export async function contradiction(
  store: AuditStore,
  verifier: NoteVerifier,
  notes: readonly string[],
): Promise<Contradiction | null> {
  const newest = newestOf(verifier, notes);
  if (newest === null) return null;
  const storeSize = (await store.head())?.size ?? 0;
  const [stored] = await store.checkpoints(newest.size - 1, 1);
  const same = stored?.size === newest.size ? openCheckpoint(verifier, stored.note) : null;
  const isOther = same !== null && !same.root.equals(newest.root);
  if (newest.size <= storeSize && !isOther) return null;
  return { checkpointAt: newest.at, checkpointSize: newest.size, storeSize };
}

function newestOf(verifier: NoteVerifier, notes: readonly string[]): Checkpoint | null {
  let newest: Checkpoint | null = null;
  for (const note of notes.slice(-LOOKED_AT)) {
    const checkpoint = openCheckpoint(verifier, note);
    if (checkpoint !== null && checkpoint.size >= (newest?.size ?? 0)) newest = checkpoint;
  }
  return newest;
}

/** A few: gateways of one store append in about the order of size. */
const LOOKED_AT = 16;
