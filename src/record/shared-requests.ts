import type { RecentRequests, RequestRecord, RequestRecordQuery } from '../core/recent.ts';
import { RequestRing } from './recent-requests.ts';

/** What came to an end since it was last asked for; of more than so many the newest. */
export class RequestBatch {
  private readonly capacity: number;
  private records: RequestRecord[] = [];
  private next = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(record: RequestRecord): void {
    this.records[this.next] = record;
    this.next = (this.next + 1) % this.capacity;
  }

  /** Oldest first. */
  take(): readonly RequestRecord[] {
    const { records, next } = this;
    this.records = [];
    this.next = 0;
    return records.length < this.capacity ? records : [...records.slice(next), ...records.slice(0, next)];
  }
}

/** The latest requests of several processes, in the order of their ends. */
export class SharedRequests implements RecentRequests {
  private readonly capacity: number;
  private readonly refresh: () => Promise<void>;
  private records: RequestRecord[] = [];

  /** @param refresh asks the processes for what they have and did not tell yet */
  constructor(capacity: number, refresh: () => Promise<void>) {
    this.capacity = capacity;
    this.refresh = refresh;
  }

  add(records: readonly RequestRecord[]): void {
    if (records.length === 0) return;
    this.records = [...this.records, ...records].sort((one, other) => endOf(one) - endOf(other)).slice(-this.capacity);
  }

  async query(query: RequestRecordQuery): Promise<readonly RequestRecord[]> {
    await this.refresh();
    const ring = new RequestRing(this.capacity);
    for (const record of this.records) ring.add(record);
    return ring.query(query);
  }
}

function endOf({ at, durationMs }: RequestRecord): number {
  return at + durationMs;
}
