import { canonicalJson } from '../audit/canonical-json.ts';
import { linkHash } from '../audit/chain.ts';
import { openCheckpoint, type Checkpoint } from '../audit/checkpoint.ts';
import { leafHash, rootOfProof } from '../audit/merkle.ts';
import { NoteVerifier } from '../audit/signed-note.ts';
import { EMPTY_AUDIT_HEAD } from '../core/audit.ts';
import type { JsonValue } from '../core/rollout.ts';
import type { ExportedEntry, ExportedLine } from './audit-export.ts';
import { CliError } from './errors.ts';

interface ExportVerdict {
  readonly ok: true;
  readonly entries: number;
  /** Those that are proved to be under the checkpoint. */
  readonly proved: number;
  readonly key: string;
}

type LastLine = Exclude<ExportedLine, ExportedEntry>;

/** What stands before the first entry. */
const BEFORE_ALL = { seq: 0, hash: EMPTY_AUDIT_HEAD.hash } as const;

/**
 * Checks what `export` wrote without the store: each entry against the checkpoint in the last line, and against the one before.
 * @param isPart some of its lines: others may be missing
 * @throws CliError `audit_damaged` that names the first bad entry
 */
export async function checkExport(lines: AsyncIterable<string>, isPart: boolean): Promise<ExportVerdict> {
  const { entries, last } = await readExport(lines);
  const checkpoint = checkpointOf(last);
  let before: Pick<ExportedEntry, 'seq' | 'hash'> = BEFORE_ALL;
  for (const entry of entries) {
    const problem = problemOf(entry, before, checkpoint, isPart);
    if (problem !== null) throw damaged(`The first bad entry is ${problem.seq}: it ${problem.what}.`);
    before = entry;
  }
  if (!isPart && checkpoint !== null && before.seq < checkpoint.size)
    throw damaged(
      `The first bad entry is ${before.seq + 1}: it is cut off: the checkpoint is over ${checkpoint.size} entries.`,
    );
  const proved = entries.filter(({ proof }) => proof !== null).length;
  return { ok: true, entries: entries.length, proved, key: last.key };
}

async function readExport(
  lines: AsyncIterable<string>,
): Promise<{ readonly entries: readonly ExportedEntry[]; readonly last: LastLine }> {
  const entries: ExportedEntry[] = [];
  let last: LastLine | null = null;
  let number = 0;
  for await (const line of lines) {
    number++;
    if (last !== null) throw damaged(`Line ${number} stands behind the checkpoint.`);
    const value = parse(line, number);
    if ('key' in value) last = value;
    else entries.push(value);
  }
  if (last === null) throw damaged('The last line, with the checkpoint and its key, is missing.');
  return { entries, last };
}

function checkpointOf({ checkpoint, key }: LastLine): Checkpoint | null {
  if (checkpoint === null) return null;
  const opened = openCheckpoint(verifierOf(key), checkpoint);
  if (opened === null) throw damaged('The checkpoint has no valid signature of its key.');
  return opened;
}

function verifierOf(key: string): NoteVerifier {
  try {
    return NoteVerifier.parse(key);
  } catch (error) {
    throw damaged(`The key in the last line is none: ${(error as Error).message}.`);
  }
}

interface Problem {
  readonly seq: number;
  readonly what: string;
}

function problemOf(
  exported: ExportedEntry,
  before: Pick<ExportedEntry, 'seq' | 'hash'>,
  checkpoint: Checkpoint | null,
  isPart: boolean,
): Problem | null {
  const { seq, entry, hash, proof } = exported;
  if (seq <= before.seq) return { seq, what: `stands behind ${before.seq}` };
  const isNext = seq === before.seq + 1;
  if (!isNext && !isPart) return { seq: before.seq + 1, what: 'is missing' };
  if (!isEntry(entry, seq)) return { seq, what: `is not the canonical JSON of entry ${seq}` };
  if (isNext && linkHash(before.hash, entry) !== hash) return { seq, what: 'is not what its hash says' };
  if (checkpoint === null || seq > checkpoint.size)
    return proof === null ? null : { seq, what: 'has a proof, though no checkpoint is over it' };
  const siblings = proof?.map((each) => Buffer.from(each, 'base64')) ?? [];
  const root = rootOfProof(leafHash(entry), seq - 1, checkpoint.size, siblings);
  return root?.equals(checkpoint.root) === true ? null : { seq, what: 'has no proof that leads to the checkpoint' };
}

function isEntry(text: string, seq: number): boolean {
  try {
    const value = JSON.parse(text) as { readonly seq?: unknown } & { readonly [name: string]: JsonValue };
    return value.seq === seq && canonicalJson(value) === text;
  } catch {
    return false;
  }
}

function parse(line: string, number: number): ExportedLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw damaged(`Line ${number} is not JSON.`);
  }
  if (isLast(value) || isExported(value)) return value;
  throw damaged(`Line ${number} is no line of an export.`);
}

function isLast(value: unknown): value is LastLine {
  if (typeof value !== 'object' || value === null) return false;
  const { key, checkpoint } = value as { readonly [name: string]: unknown };
  return typeof key === 'string' && (checkpoint === null || typeof checkpoint === 'string');
}

function isExported(value: unknown): value is ExportedEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, entry, hash, proof } = value as { readonly [name: string]: unknown };
  const isProof = proof === null || (Array.isArray(proof) && proof.every((each) => typeof each === 'string'));
  return Number.isSafeInteger(seq) && typeof entry === 'string' && typeof hash === 'string' && isProof;
}

function damaged(message: string): CliError {
  return new CliError('audit_damaged', message);
}
