import {
  placeOf,
  type RecentRequests,
  type RecordPlace,
  type RequestRecord,
  type RequestRecordQuery,
} from '../core/recent.ts';
import type { Chars } from '../core/units.ts';
import { matchesQuery } from './record-filter.ts';

/** Of what was said, where that is kept: it is larger than all else. */
const MOST_CONTENT: Chars = 32 * 1024 * 1024;

function contentChars(record: RequestRecord | undefined): Chars {
  const content = record?.content;
  return content === undefined ? 0 : (content.request?.length ?? 0) + (content.reply?.length ?? 0);
}

/** The latest requests in a ring: constant memory, oldest overwritten first. */
export class RequestRing implements RecentRequests {
  private readonly capacity: number;
  private readonly records: RequestRecord[] = [];
  private next = 0;
  private contentChars: Chars = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(record: RequestRecord): void {
    const { capacity } = this;
    this.contentChars += contentChars(record) - contentChars(this.records[this.next]);
    this.records[this.next] = record;
    this.next = (this.next + 1) % capacity;
    if (this.contentChars > MOST_CONTENT) this.dropContent();
  }

  /** Of the oldest ones: the rest of each record stays. */
  private dropContent(): void {
    const { length } = this.records;
    for (let back = length; back > 1 && this.contentChars > MOST_CONTENT; back--) {
      const index = (this.next - back + this.capacity) % this.capacity;
      const { content, ...rest } = this.records[index]!;
      if (content === undefined) continue;
      this.contentChars -= contentChars(this.records[index]);
      this.records[index] = rest;
    }
  }

  query(query: RequestRecordQuery): readonly RequestRecord[] {
    const found: RequestRecord[] = [];
    const { length } = this.records;
    for (let back = this.firstAfter(query.before); back <= length && found.length < query.limit; back++) {
      const record = this.at(back);
      if (matchesQuery(record, query)) found.push(record);
    }
    return found;
  }

  /** @param back 1 is the newest one */
  private at(back: number): RequestRecord {
    return this.records[(this.next - back + this.capacity) % this.capacity]!;
  }

  /** A place that is not here, of another process or overwritten since, is found by its time. */
  private firstAfter(place: RecordPlace | undefined): number {
    if (place === undefined) return 1;
    const { length } = this.records;
    for (let back = 1; back <= length; back++) if (this.at(back).requestId === place.requestId) return back + 1;
    let back = 1;
    while (back <= length && placeOf(this.at(back)).endedAt > place.endedAt) back++;
    return back;
  }
}
