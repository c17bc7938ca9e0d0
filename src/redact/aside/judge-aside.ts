import { GatewayError } from '../../core/errors.ts';
import type { JsonDocument } from '../../core/json-document.ts';
import type { RedactionLog } from '../../core/redaction.ts';
import type { Chars } from '../../core/units.ts';
import type { VaultContents } from '../vault.ts';
import { handOver, takeOver } from './job.ts';
import type { Job, Judges } from './job.ts';
import { tellNotes } from './notes.ts';

/** The worst text of this length takes some 20 ms: to hand it over would gain nothing. */
const SMALL: Chars = 64 * 1024;
/** Up to here it is told in as much time that a text is clean, as most are. */
const MEDIUM: Chars = 256 * 1024;

/** To judge the text may take so long that others would notice. */
export function isLarge({ length }: string): boolean {
  return length > SMALL;
}

/** So may to tell that it is clean. */
export function isVeryLarge({ length }: string): boolean {
  return length > MEDIUM;
}

interface Judged {
  readonly document: JsonDocument;
  readonly vault: VaultContents | null;
}

/** Has another thread judge the document. @throws what judging throws; the reason of the signal */
export async function judgeAside(
  judges: Judges,
  job: Omit<Job, 'text'>,
  document: JsonDocument,
  log: RedactionLog,
  signal: AbortSignal,
): Promise<Judged> {
  const answer = await judges.ask(job.tenant, () => ({ ...job, text: handOver(document.text) }), signal);
  if (answer.kind === 'fault') throw new Error(`The thread that judged a document failed: ${answer.stack}`);
  tellNotes(answer.notes, log);
  if (answer.kind === 'refusal') throw new GatewayError(answer.code, answer.message, answer.details);
  const { text, vault } = answer;
  if (text === null) return { document, vault };
  return { document: document.edited([{ start: 0, end: document.text.length, text: takeOver(text) }]), vault };
}
