import { sql } from 'kysely';
import type { Clock } from '../../core/clock.ts';
import type { RequestRecord } from '../../core/recent.ts';
import type { RecordSink } from '../../core/record-sink.ts';
import type { PostgresSettings } from '../../core/store-url.ts';
import type { Milliseconds } from '../../core/units.ts';
import type { Backend } from '../backend.ts';
import { migrate } from '../migrate.ts';
import type { Patience } from '../postgres/connection.ts';
import { openPostgres } from '../postgres/open-postgres.ts';
import { settingsOf } from '../postgres/open-store.ts';
import { Partitions, removeOldPartitions } from './partitions.ts';
import { portions } from './portions.ts';
import { RECORD_TABLES } from './record-migrations.ts';
import { toJson } from './record-row.ts';
import { withoutRow } from '../postgres/without-row.ts';

/** A thousand records with all that was said in them take a second or two; a gateway that stops does not wait for longer. */
const WRITING: Patience = { connect: 2_000, answer: 7_000, statement: 6_000, silentTransaction: 6_000 };
/** Nobody waits for it; a day is removed once those who read it are done. */
const UPKEEP: Patience = { connect: 5_000, answer: 70_000, statement: 60_000, silentTransaction: 10_000 };
const DAY: Milliseconds = 24 * 3_600_000;

interface PostgresSinkOptions {
  readonly url: string;
  readonly retention: Milliseconds;
}

/** A row of `request_records` for each record. Connects when there is something to write; nothing waits for it to be there. */
export class PostgresRecordSink implements RecordSink {
  readonly name = 'postgres';
  private readonly settings: PostgresSettings;
  private readonly retention: Milliseconds;
  private readonly clock: Clock;
  private readonly backend: Backend;
  private readonly partitions: Partitions;
  private migrated: Promise<void> | null = null;

  /** @throws Error where a file of a certificate cannot be read */
  constructor({ url, retention }: PostgresSinkOptions, clock: Clock) {
    this.settings = settingsOf(url);
    this.retention = retention;
    this.clock = clock;
    this.backend = openPostgres(this.settings, { patience: WRITING, size: 1 });
    this.partitions = new Partitions(this.backend.db, this.settings.schema);
  }

  async write(records: readonly RequestRecord[]): Promise<void> {
    const oldest = this.clock.wall() - this.retention;
    // What waited for so long would be removed at once.
    const kept = records.filter(({ at }) => at >= oldest);
    if (kept.length === 0) return;
    await this.prepared();
    try {
      await this.partitions.ensure(kept.map(({ at }) => at));
      for (const some of portions(kept)) await insertSql(some).execute(this.backend.db);
    } catch (error) {
      this.partitions.forget();
      throw withoutRow(error);
    }
  }

  /** And makes the days that come, so that no batch of midnight waits for one. */
  async removeOld(): Promise<void> {
    await this.prepared();
    const now = this.clock.wall();
    await this.partitions.ensure([now, now + DAY]);
    await this.aside((backend) => removeOldPartitions(backend.db, this.settings.schema, this.retention));
  }

  close(): Promise<void> {
    return this.backend.db.destroy();
  }

  private prepared(): Promise<void> {
    this.migrated ??= this.aside((backend) => migrate(backend, this.clock, RECORD_TABLES)).catch((error: unknown) => {
      this.migrated = null;
      throw error;
    });
    return this.migrated;
  }

  /** On a connection of its own, which is there for that time only. */
  private async aside(work: (backend: Backend) => Promise<void>): Promise<void> {
    const backend = openPostgres(this.settings, { patience: UPKEEP, size: 1 });
    try {
      await work(backend);
    } finally {
      await backend.db.destroy();
    }
  }
}

/** One statement with one parameter, however many they are. A record that is there already stays as it is. */
export function insertSql(records: readonly RequestRecord[]) {
  return sql`
    insert into request_records (
      request_id, started, ended, duration_ms, key, team, operation, route, requested_model, model, provider,
      rollout, arm, status, outcome, error_type, trace_id, record)
    select
      "requestId", at, at + "durationMs" * interval '1 millisecond', "durationMs", left(key, 256), left(team, 256),
      operation, left(route, 256), left("requestedModel", 256), left(model, 256), left(provider, 256),
      left(rollout, 256), left(arm, 256), status, outcome, left("errorType", 256), "traceId", record
    from jsonb_array_elements(${toJson(records)}::jsonb) as record,
      jsonb_to_record(record) as told(
        "requestId" text, at timestamptz, "durationMs" double precision, key text, team text, operation text,
        route text, "requestedModel" text, model text, provider text, rollout text, arm text, status integer,
        outcome text, "errorType" text, "traceId" text)
    on conflict (request_id, started) do nothing`;
}
