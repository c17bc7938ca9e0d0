import type { RequestRecord } from '../../core/recent.ts';
import type { Chars } from '../../core/units.ts';

/** What was said in a thousand records may be half a gigabyte: too long for one statement, and more than Postgres takes apart. */
const MOST: Chars = 16 * 1024 * 1024;
/** Of a record, besides what was said; hardly ever more. */
const REST: Chars = 2_000;

/** Parts of a batch, for a statement each. A record that is there already stays, so that all of them may be sent once more. */
export function* portions(records: readonly RequestRecord[]): Generator<readonly RequestRecord[]> {
  let from = 0;
  let length: Chars = 0;
  for (const [index, record] of records.entries()) {
    const own = lengthOf(record);
    if (length + own > MOST && index > from) {
      yield records.slice(from, index);
      from = index;
      length = 0;
    }
    length += own;
  }
  if (from < records.length) yield records.slice(from);
}

function lengthOf({ content }: RequestRecord): Chars {
  return REST + (content?.request?.length ?? 0) + (content?.reply?.length ?? 0);
}
