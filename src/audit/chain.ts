import { createHash } from 'node:crypto';
import type { AuditRecord, StoredAuditEntry } from '../core/audit.ts';
import type { JsonValue } from '../core/rollout.ts';
import { canonicalJson } from './canonical-json.ts';

/** SHA-256 of a hash and what comes after it. */
export function linkHash(before: string, text: string): string {
  return createHash('sha256').update(Buffer.from(before, 'hex')).update(text, 'utf8').digest('hex');
}

/** The entry of a record at its place in the chain. */
export function chainEntry(record: AuditRecord, seq: number, before: string): StoredAuditEntry {
  const { kind, id, phase, actor, subject, at, detail } = record;
  const value = { v: 1, seq, at: new Date(at).toISOString(), kind, phase, id, actor, subject, detail };
  const entry = canonicalJson(wellFormed(value) as JsonValue);
  return { seq, kind, id, phase, entry, hash: linkHash(before, entry) };
}

/** Names may come from callers: half a surrogate pair has no place in JSON that is signed, and must not stop the chain. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
  if (typeof value !== 'object') return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name.toWellFormed(), wellFormed(each)]));
}
