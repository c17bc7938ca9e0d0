import type { Milliseconds } from '../core/units.ts';
import type { NoteSigner, NoteVerifier } from './signed-note.ts';

/** Of the name of every log's key, which is the log's origin too. */
export const ORIGIN = 'sluice-audit';

/** How many entries there were at a time, and the root of the tree over them. */
export interface Checkpoint {
  readonly size: number;
  readonly root: Buffer;
  /** ISO 8601. */
  readonly at: string;
}

/** @source https://c2sp.org/tlog-checkpoint; the time is an extension line */
export function signCheckpoint(signer: NoteSigner, size: number, root: Buffer, at: Milliseconds): string {
  const time = new Date(at).toISOString();
  return signer.sign(`${signer.verifier.name}\n${size}\n${root.toString('base64')}\ntime ${time}\n`);
}

/** Null: it is not a checkpoint that this key has signed. */
export function openCheckpoint(verifier: NoteVerifier, note: string): Checkpoint | null {
  const lines = verifier.open(note)?.split('\n') ?? [];
  const [origin, size = '', root = '', time = ''] = lines;
  if (origin !== verifier.name || !/^(?:0|[1-9]\d{0,14})$/.test(size) || !time.startsWith('time ')) return null;
  return { size: Number(size), root: Buffer.from(root, 'base64'), at: time.slice('time '.length) };
}

/** Notes that stand one after the other in a file, an empty line between them. Text that is none comes back as it is. */
export function splitNotes(text: string): readonly string[] {
  const notes: string[] = [];
  const note: string[] = [];
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '' && note.length === 0) continue;
    note.push(line);
    const isSigned = line.startsWith('\u2014 ') && !(lines[index + 1] ?? '').startsWith('\u2014 ');
    if (isSigned) notes.push(`${note.splice(0).join('\n')}\n`);
  }
  const rest = note.join('\n').trim();
  return rest === '' ? notes : [...notes, rest];
}
