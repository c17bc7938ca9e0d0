import type { Logger } from 'pino';
import type { Config } from './core/config.ts';
import type { RecentRequests, RequestSearch } from './core/recent.ts';
import { RequestSearcher } from './records/request-searcher.ts';
import { PostgresRecordArchive } from './store/records/postgres-archive.ts';

/**
 * How requests are found: those in memory, and those that are kept for longer, where they are.
 * @param showsContent as the configuration in force says
 */
export function openRecordSearch(
  { record: { postgres } }: Config,
  recent: RecentRequests,
  showsContent: () => boolean,
  log: Logger,
  opened: AsyncDisposableStack,
): RequestSearch {
  if (postgres === null) return new RequestSearcher(recent, null, showsContent);
  const failed = (error: unknown): void => log.warn({ err: error }, 'the records in Postgres could not be searched');
  const archive = new PostgresRecordArchive(postgres.url, failed);
  opened.defer(() => archive.close());
  return new RequestSearcher(recent, archive, showsContent);
}
