import { linkHash } from '../audit/chain.ts';
import { openCheckpoint, type Checkpoint } from '../audit/checkpoint.ts';
import { leafHash, rootOfProof } from '../audit/merkle.ts';
import { NoteVerifier } from '../audit/signed-note.ts';
import type { ExportedEntry, ExportedLine } from './audit-export.ts';
import { CliError } from './errors.ts';

export interface ExportVerdict {
  readonly ok: true;
  readonly entries: number;
  /** Those that are proved to be under the checkpoint. */
  readonly proved: number;
  readonly key: string;
}

/**
 * Checks what `export` wrote, or some of its lines, without the store: each entry against the checkpoint in the last line,
 * and against the one before where that is there.
 * @throws CliError `audit_damaged` that names the first bad entry
 */
export async function checkExport(lines: AsyncIterable<string>): Promise<ExportVerdict> {
  const entries: ExportedEntry[] = [];
  let last: Extract<ExportedLine, { key: string }> | null = null;
  for await (const line of lines) {
    const value = parse(line, entries.length + 1);
    if ('key' in value) last = value;
    else entries.push(value);
  }
  if (last === null) throw damaged('The last line, with the checkpoint and its key, is missing.');
  const checkpoint = last.checkpoint === null ? null : openCheckpoint(NoteVerifier.parse(last.key), last.checkpoint);
  if (last.checkpoint !== null && checkpoint === null)
    throw damaged('The checkpoint has no valid signature of its key.');
  for (const [index, entry] of entries.entries()) checkEntry(entry, entries[index - 1] ?? null, checkpoint);
  return {
    ok: true,
    entries: entries.length,
    proved: entries.filter(({ proof }) => proof !== null).length,
    key: last.key,
  };
}

function checkEntry(exported: ExportedEntry, before: ExportedEntry | null, checkpoint: Checkpoint | null): void {
  const { seq, entry, hash, proof } = exported;
  if (before !== null && seq <= before.seq)
    throw damaged(`The first bad entry is ${seq}: it stands behind ${before.seq}.`);
  if (before !== null && seq === before.seq + 1 && linkHash(before.hash, entry) !== hash)
    throw damaged(`The first bad entry is ${seq}: it is not what its hash says.`);
  if (proof === null) return;
  const siblings = proof.map((each) => Buffer.from(each, 'base64'));
  const root = checkpoint === null ? null : rootOfProof(leafHash(entry), seq - 1, checkpoint.size, siblings);
  if (root === null || !root.equals(checkpoint!.root))
    throw damaged(`The first bad entry is ${seq}: its proof does not lead to the checkpoint.`);
}

function parse(line: string, number: number): ExportedLine {
  try {
    return JSON.parse(line) as ExportedLine;
  } catch {
    throw damaged(`Line ${number} is not JSON.`);
  }
}

function damaged(message: string): CliError {
  return new CliError('audit_damaged', message);
}
