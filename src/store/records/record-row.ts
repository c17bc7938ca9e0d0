import type { RequestRecord } from '../../core/recent.ts';

/** As the API tells them, with nothing in it that Postgres cannot hold. */
export function toJson(records: readonly RequestRecord[]): string {
  const told = records.map((record) => ({ ...record, at: new Date(record.at).toISOString() }));
  const json = JSON.stringify(told);
  return UNSTORABLE.test(json) ? JSON.stringify(told, storable) : json;
}

/** The escapes of NUL and of halves of characters; also behind a backslash of their own, which does no harm. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

function storable(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? storableText(value) : value;
}

/** As it stands there; a parameter that Postgres cannot hold is an error of the whole statement. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** What `toJson` made of one. */
export type StoredRecord = Omit<RequestRecord, 'at'> & { readonly at: string };

export function toRecord(stored: StoredRecord): RequestRecord {
  return { ...stored, at: Date.parse(stored.at) };
}
