import { setTimeout as wait } from 'node:timers/promises';
import type { RecordArchive, RequestRecord, RequestRecordQuery, SearchTrouble } from '../../core/recent.ts';
import { StoreAwayError } from '../../core/stores.ts';
import type { Milliseconds } from '../../core/units.ts';
import type { Backend } from '../backend.ts';
import type { Patience } from '../postgres/connection.ts';
import { openPostgres } from '../postgres/open-postgres.ts';
import { settingsOf } from '../postgres/open-store.ts';
import { toRecord } from './record-row.ts';
import { searchSql } from './search-sql.ts';

/** Somebody looks on: an answer that is late is none. */
const SEARCHING: Patience = { connect: 900, answer: 900, statement: 800, silentTransaction: 800 };
const ANSWER_WITHIN: Milliseconds = 950;
/** Searches at the same time; more wait, within their time. */
const CONNECTIONS = 2;
/** The server gave up: it took too long, or waited too long for a lock. */
const TOO_LONG: ReadonlySet<string | undefined> = new Set(['57014', '55P03']);

/** What `PostgresRecordSink` has written, of all gateways that write there. */
export class PostgresRecordArchive implements RecordArchive {
  private readonly backend: Backend;
  private readonly failed: (error: unknown) => void;

  /** @param failed for the log */
  constructor(url: string, failed: (error: unknown) => void) {
    this.backend = openPostgres(settingsOf(url), { patience: SEARCHING, size: CONNECTIONS, readOnly: true });
    this.failed = failed;
  }

  async search(query: RequestRecordQuery): Promise<readonly RequestRecord[] | SearchTrouble> {
    const over = new AbortController();
    const late = wait(ANSWER_WITHIN, 'timeout' as const, { signal: over.signal, ref: false });
    late.catch(() => {});
    try {
      return await Promise.race([this.find(query), late]);
    } finally {
      over.abort();
    }
  }

  close(): Promise<void> {
    return this.backend.db.destroy();
  }

  private async find(query: RequestRecordQuery): Promise<readonly RequestRecord[] | SearchTrouble> {
    try {
      const { rows } = await searchSql(query).execute(this.backend.db);
      return rows.map(({ record }) => toRecord(record));
    } catch (error) {
      this.failed(error);
      return tookTooLong(error) ? 'timeout' : 'unavailable';
    }
  }
}

function tookTooLong(error: unknown): boolean {
  return error instanceof StoreAwayError && TOO_LONG.has((error.cause as { readonly code?: string } | undefined)?.code);
}
