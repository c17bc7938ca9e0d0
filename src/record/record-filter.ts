import type { RequestRecord, RequestRecordQuery } from '../core/recent.ts';

/** Fields of which the whole text must be the same. */
const SAME = [
  'requestId',
  'traceId',
  'operation',
  'key',
  'team',
  'provider',
  'rollout',
  'arm',
  'outcome',
  'errorType',
] as const satisfies readonly (keyof RequestRecord & keyof RequestRecordQuery)[];

/** Whether all that the query says holds; its place and its limit are no part of that. */
export function matchesQuery(record: RequestRecord, query: RequestRecordQuery): boolean {
  for (const field of SAME) {
    const wanted = query[field];
    if (wanted !== undefined && record[field] !== wanted) return false;
  }
  const { model, status, minDurationMs = 0, since = -Infinity, until = Infinity } = query;
  if (model !== undefined && record.model !== model && record.requestedModel !== model && record.route !== model)
    return false;
  if (status !== undefined && !hasStatus(record, status)) return false;
  return !(record.durationMs < minDurationMs || record.at < since || record.at > until);
}

function hasStatus({ status }: RequestRecord, wanted: string): boolean {
  return wanted.endsWith('xx') ? Math.floor(status / 100) === Number(wanted[0]) : status === Number(wanted);
}
