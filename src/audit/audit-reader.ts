import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  AuditEntryView,
  AuditQuery,
  AuditResult,
  AuditStore,
  AuditVerdict,
  StoredAuditEntry,
} from '../core/audit.ts';
import { splitNotes } from './checkpoint.ts';
import type { NoteVerifier } from './signed-note.ts';
import { verifyChain } from './verify-chain.ts';

/** Entries with how their intents ended. */
export async function readEntries(store: AuditStore, query: AuditQuery): Promise<readonly AuditEntryView[]> {
  const stored = await store.entries(query);
  const intents = stored.filter(({ phase }) => phase === 'intent').map(({ id }) => id);
  const outcomes = await store.outcomes(intents);
  return stored.map((each) => toView(each, each.phase === 'intent' ? resultOf(outcomes.get(each.id)) : null));
}

/**
 * @param kept checkpoints that were kept elsewhere, one after the other
 * @param own those of the gateway's own file
 */
export function verifyStore(
  store: AuditStore,
  verifier: NoteVerifier,
  kept: string,
  own: readonly string[] = [],
): Promise<AuditVerdict> {
  const all = [...new Set([...splitNotes(kept), ...own])];
  return verifyChain({ store, verifier, kept: all, breathe: () => nextTurn() });
}

function toView({ seq, entry, hash }: StoredAuditEntry, result: AuditResult | null): AuditEntryView {
  const { at, kind, phase, actor, subject, id, detail } = parsed(entry);
  return { seq, at, kind, phase, actor, subject, id, detail, result, entry, hash };
}

const UNREADABLE = {
  at: '',
  kind: 'unreadable',
  phase: 'fact',
  actor: '',
  subject: '',
  id: '',
  detail: null,
} as const;

/** One that was tampered with is shown all the same, as what it is. */
function parsed(entry: string): Pick<AuditEntryView, keyof typeof UNREADABLE> {
  try {
    return { ...UNREADABLE, ...(JSON.parse(entry) as object) };
  } catch {
    return UNREADABLE;
  }
}

/** The crash between what was done and its outcome leaves an intent alone: nobody can say how it ended. */
function resultOf(outcome: string | undefined): AuditResult {
  if (outcome === undefined) return 'unknown';
  const { detail } = parsed(outcome);
  const result = (detail as { readonly result?: unknown } | null)?.result;
  return result === 'done' || result === 'failed' || result === 'refused' ? result : 'unknown';
}
