import type { RecentRequests, RequestRecord, RequestRecordQuery } from '../core/recent.ts';

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

  query({ rollout, arm, limit }: RequestRecordQuery): readonly RequestRecord[] {
    const found: RequestRecord[] = [];
    const { length } = this.records;
    for (let back = 1; back <= length && found.length < limit; back++) {
      const record = this.records[(this.next - back + this.capacity) % this.capacity];
      if (record === undefined) break;
      if (rollout !== undefined && record.rollout !== rollout) continue;
      if (arm !== undefined && record.arm !== arm) continue;
      found.push(record);
    }
    return found;
  }
}
