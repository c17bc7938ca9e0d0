import { openCheckpoint } from '../audit/checkpoint.ts';
import { leafHash, MerkleTree } from '../audit/merkle.ts';
import { NoteVerifier } from '../audit/signed-note.ts';
import type { AuditEntryView, StoredCheckpoint } from '../core/audit.ts';
import type { Trail } from './audit-trail.ts';

const PAGE = 1_000;

export interface ExportedEntry {
  readonly seq: number;
  /** Canonical JSON: what the proof is about. */
  readonly entry: string;
  readonly hash: string;
  /** From the entry to the root of the checkpoint in the last line, in base64; null: it is newer than that. */
  readonly proof: readonly string[] | null;
}

export type ExportedLine = ExportedEntry | { readonly checkpoint: string | null; readonly key: string };

/** The entries are read twice: a proof needs the whole tree, which is kept, and not the texts. */
export async function* exportLines(trail: Trail): AsyncGenerator<ExportedLine> {
  const checkpoint = await newestCheckpoint(trail);
  const size = checkpoint === null ? 0 : checkpoint.size;
  const tree = new MerkleTree();
  for await (const { entry, seq } of allEntries(trail)) {
    if (seq > size) break;
    tree.add(leafHash(entry));
  }
  for await (const { seq, entry, hash } of allEntries(trail)) {
    const isProved = seq <= tree.size && tree.size === size;
    const proof = isProved ? tree.inclusionProof(seq - 1, size).map((each) => each.toString('base64')) : null;
    yield { seq, entry, hash, proof };
  }
  yield { checkpoint: checkpoint?.note ?? null, key: trail.verifierKey };
}

async function newestCheckpoint(trail: Trail): Promise<StoredCheckpoint | null> {
  const verifier = NoteVerifier.parse(trail.verifierKey);
  let newest: StoredCheckpoint | null = null;
  for (;;) {
    const page = await trail.checkpoints(newest?.size ?? 0, PAGE);
    newest = page.at(-1) ?? newest;
    if (page.length < PAGE) break;
  }
  return newest !== null && openCheckpoint(verifier, newest.note) !== null ? newest : null;
}

async function* allEntries(trail: Trail): AsyncGenerator<AuditEntryView> {
  for (let after = 0; ;) {
    const page = await trail.entries({ after, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.seq;
  }
}
