import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import type { RequestRecord } from './core/recent.ts';
import type { RecordSink } from './core/record-sink.ts';
import type { Milliseconds } from './core/units.ts';
import type { Metrics } from './record/metrics.ts';
import { FileSink, type FileOptions } from './records/file-sink.ts';
import { RecordExport } from './records/record-export.ts';
import { SpooledSink } from './records/spooled-sink.ts';
import { LineSpool } from './spool/line-spool.ts';
import { thisProcess } from './spool/this-process.ts';
import { PostgresRecordSink } from './store/records/postgres-sink.ts';

interface RecordsBase {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Whether this process takes over what others left when they ended: of several that begin together one does. */
type Others = 'takes' | 'leaves';

/** At a stop, for each sink: nothing is lost that it takes in this time. */
const CLOSING_TIME: Milliseconds = 10_000;

/**
 * Where records go besides memory.
 * @returns takes each record, once its request has ended
 */
export async function openRecordExport(
  base: RecordsBase,
  opened: AsyncDisposableStack,
  others: Others = 'takes',
): Promise<(record: RequestRecord) => void> {
  const { config, log, metrics } = base;
  const exports = (await openSinks(base, others)).map(
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
async function openSinks(base: RecordsBase, others: Others): Promise<RecordSink[]> {
  const { config, clock } = base;
  const { files, postgres } = config.record;
  const sinks: RecordSink[] = [];
  if (files !== null) sinks.push(await openFiles(files, clock, others));
  if (postgres !== null) sinks.push(spooled(new PostgresRecordSink(postgres, clock), base, others));
  return sinks;
}

async function openFiles(options: FileOptions, clock: Clock, others: Others): Promise<FileSink> {
  const files = new FileSink(options, clock);
  if (others === 'takes') await files.recover();
  return files;
}

/** Beside what else waits for a store; where nothing is kept on disk, records wait in memory. */
function spooled(sink: RecordSink, { config, log, clock, metrics }: RecordsBase, others: Others): RecordSink {
  const { directory, maxBytes } = config.spool;
  if (directory === null) return sink;
  return new SpooledSink({
    sink,
    spool: new LineSpool(join(directory, 'records'), thisProcess(), { maxBytes, isDurable: false }),
    clock,
    takesOthers: others === 'takes',
    spooled: (count) => metrics.recordsExported(sink.name, 'spooled', count),
    tell: (level, message, detail) => log[level](detail, message),
  });
}
