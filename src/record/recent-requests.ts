import {
  placeOf,
  type RecentRequests,
  type RecordPlace,
  type RequestRecord,
  type RequestRecordQuery,
} from '../core/recent.ts';
import { matchesQuery } from './record-filter.ts';

/** The latest requests in a ring: constant memory, oldest overwritten first. */
export class RequestRing implements RecentRequests {
  private readonly capacity: number;
  private readonly records: RequestRecord[] = [];
  private next = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(record: RequestRecord): void {
    this.records[this.next] = record;
    this.next = (this.next + 1) % this.capacity;
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
