import {
  comparePlaces,
  placeOf,
  type FoundRequests,
  type RecentRequests,
  type RecordArchive,
  type RequestRecord,
  type RequestRecordQuery,
  type RequestSearch,
} from '../core/recent.ts';

/** What is in memory, and where records are kept for longer, that as well: each request once, in one order. */
export class RequestSearcher implements RequestSearch {
  private readonly recent: RecentRequests;
  private readonly archive: RecordArchive | null;
  private readonly showsContent: () => boolean;

  /** @param showsContent in force: other gateways, and this one before, may have kept what was said */
  constructor(recent: RecentRequests, archive: RecordArchive | null, showsContent: () => boolean) {
    this.recent = recent;
    this.archive = archive;
    this.showsContent = showsContent;
  }

  async search(query: RequestRecordQuery): Promise<FoundRequests> {
    const { records, trouble } = await this.find(query);
    return { records: this.showsContent() ? records : records.map(withoutContent), trouble };
  }

  private async find(query: RequestRecordQuery): Promise<FoundRequests> {
    if (this.archive === null || query.source === 'memory')
      return { records: await this.recent.query(query), trouble: null };
    const [recent, archived] = await Promise.all([this.inMemory(query), this.archive.search(query)]);
    const isFound = typeof archived !== 'string';
    const records = merged(recent, isFound ? archived : [], query.limit);
    return { records, trouble: isFound ? null : archived };
  }

  /** By the order that the archive has: pages of both go on at the same place. */
  private async inMemory({ before, ...query }: RequestRecordQuery): Promise<readonly RequestRecord[]> {
    const fitting = await this.recent.query({ ...query, limit: Infinity });
    if (before === undefined) return fitting;
    return fitting.filter((record) => comparePlaces(before, placeOf(record)) < 0);
  }
}

function withoutContent(record: RequestRecord): RequestRecord {
  const { content: _, ...rest } = record;
  return rest;
}

function merged(
  recent: readonly RequestRecord[],
  archived: readonly RequestRecord[],
  limit: number,
): readonly RequestRecord[] {
  const byId = new Map(archived.map((record) => [record.requestId, record]));
  // In memory what was said may have been dropped.
  for (const record of recent) {
    const known = byId.get(record.requestId);
    if (known?.content === undefined || record.content !== undefined) byId.set(record.requestId, record);
  }
  return [...byId.values()].sort((one, other) => comparePlaces(placeOf(one), placeOf(other))).slice(0, limit);
}
