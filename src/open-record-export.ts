import type { Logger } from 'pino';
import type { Clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import type { RequestRecord } from './core/recent.ts';
import type { RecordSink } from './core/record-sink.ts';
import type { Milliseconds } from './core/units.ts';
import type { Metrics } from './record/metrics.ts';
import { FileSink, type FileOptions } from './records/file-sink.ts';
import { RecordExport } from './records/record-export.ts';
import { PostgresRecordSink } from './store/records/postgres-sink.ts';

interface RecordsBase {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** At a stop, for each sink: nothing is lost that it takes in this time. */
const CLOSING_TIME: Milliseconds = 10_000;

/**
 * Where records go besides memory.
 * @param others whether this process takes over what others left when they ended: of several that begin together one does
 * @returns takes each record, once its request has ended
 */
export async function openRecordExport(
  { config, log, clock, metrics }: RecordsBase,
  opened: AsyncDisposableStack,
  others: 'takes' | 'leaves' = 'takes',
): Promise<(record: RequestRecord) => void> {
  const exports = (await openSinks(config, clock, others)).map(
    (sink) =>
      new RecordExport({
        sink,
        capacity: config.record.queue,
        log,
        counted: (result, count) => metrics.recordsExported(sink.name, result, count),
      }),
  );
  for (const each of exports) opened.defer(() => each.close(CLOSING_TIME));
  return (record) => {
    for (const each of exports) each.add(record);
  };
}

/** A further kind of sink is a line here. */
async function openSinks({ record }: Config, clock: Clock, others: 'takes' | 'leaves'): Promise<RecordSink[]> {
  const sinks: RecordSink[] = [];
  if (record.files !== null) sinks.push(await openFiles(record.files, clock, others));
  if (record.postgres !== null) sinks.push(new PostgresRecordSink(record.postgres, clock));
  return sinks;
}

async function openFiles(options: FileOptions, clock: Clock, others: 'takes' | 'leaves'): Promise<FileSink> {
  const files = new FileSink(options, clock);
  if (others === 'takes') await files.recover();
  return files;
}
