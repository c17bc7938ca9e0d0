import { readFileSync } from 'node:fs';
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import * as pg from 'pg';
import type { PostgresSettings } from '../../core/store-url.ts';
import { StoreAwayError } from '../../core/stores.ts';
import type { Milliseconds } from '../../core/units.ts';

/** How long is waited for what. */
export interface Patience {
  /** A connection, new or free. */
  readonly connect: Milliseconds;
  /** An answer to one statement; a connection that owes it for longer is given up. */
  readonly answer: Milliseconds;
  /** The server gives up a statement that takes, or waits for a lock, for longer. */
  readonly statement: Milliseconds;
  /** The server ends a session that holds its locks for longer and says nothing: of a process that was stopped. */
  readonly silentTransaction: Milliseconds;
}

/** A store of a gateway that serves: it is away rather than slow. */
export const SERVING: Patience = { connect: 2_000, answer: 4_000, statement: 3_000, silentTransaction: 3_000 };
/** Nobody is served: of the audit trail, and of the command line. */
export const ASIDE: Patience = { connect: 3_000, answer: 8_000, statement: 6_000, silentTransaction: 3_000 };
/** Others that migrate are waited for, however long it takes them. */
export const MIGRATING: Patience = { connect: 5_000, answer: 3_600_000, statement: 0, silentTransaction: 0 };

/** 64-bit whole numbers as numbers: times and counts, of which none is beyond 2^53. */
const INT8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as never,
};

/** @param readOnly nothing can be written with it */
export function clientConfig(settings: PostgresSettings, patience: Patience, readOnly = false): pg.ClientConfig {
  const { host, port, database, user, password, schema } = settings;
  // Compiling a plan takes longer than any statement of ours may.
  const onServer = [`search_path=${schema}`, 'jit=off', ...(readOnly ? ['default_transaction_read_only=on'] : [])];
  return {
    host,
    port,
    database,
    user,
    ...(password === null ? {} : { password }),
    ssl: tlsOptions(settings),
    types,
    application_name: 'sluice',
    options: onServer.map((each) => `-c ${each}`).join(' '),
    keepAlive: true,
    connectionTimeoutMillis: patience.connect,
    statement_timeout: patience.statement,
    lock_timeout: patience.statement,
    idle_in_transaction_session_timeout: patience.silentTransaction,
  };
}

function tlsOptions({ tls, rootCert, cert, key, host }: PostgresSettings): pg.ClientConfig['ssl'] {
  if (tls === 'disable') return false;
  return {
    ...(rootCert === null ? {} : { ca: readFileSync(rootCert, 'utf8') }),
    ...(cert === null ? {} : { cert: readFileSync(cert, 'utf8') }),
    ...(key === null ? {} : { key: readFileSync(key, 'utf8') }),
    host,
    ...(tls === 'require' ? { rejectUnauthorized: false } : {}),
    ...(tls === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

/**
 * A pool that gives up connections which owe an answer, and never throws at nobody. While the server is away one caller at
 * a time finds out whether it still is: all others are told at once, and wait for nothing.
 */
export class PatientPool implements PostgresPool {
  readonly options = {};
  private readonly pool: pg.Pool;
  private readonly patience: Patience;
  /** What the last one to ask was told; null: it answers. */
  private away: StoreAwayError | null = null;
  private isAsked = false;

  constructor(config: pg.ClientConfig, size: number, patience: Patience) {
    this.pool = new pg.Pool({ ...config, max: size });
    this.patience = patience;
    // A connection may be cut while nobody uses it, or between two statements: the next statement tells.
    this.pool.on('error', () => {});
    this.pool.on('connect', (client) => void client.on('error', () => {}));
  }

  async connect(): Promise<PostgresPoolClient> {
    if (this.away !== null && this.isAsked) throw this.away;
    this.isAsked = true;
    try {
      const client = await this.pool.connect();
      const released = (): void => void (this.isAsked = false);
      return new PatientClient(client, this.patience.answer, (away) => this.told(away), released);
    } catch (error) {
      const away = asAway(error);
      this.told(away instanceof StoreAwayError ? away : null);
      throw away;
    }
  }

  private told(away: StoreAwayError | null): void {
    this.away = away;
    this.isAsked = false;
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}

class PatientClient implements PostgresPoolClient {
  private readonly client: pg.PoolClient;
  private readonly patience: Milliseconds;
  private readonly told: (away: StoreAwayError | null) => void;
  private readonly released: () => void;
  private isLost = false;

  /** @param told whether the server is away, after each statement @param released also where there was none */
  constructor(
    client: pg.PoolClient,
    patience: Milliseconds,
    told: (away: StoreAwayError | null) => void,
    released: () => void,
  ) {
    this.client = client;
    this.patience = patience;
    this.told = told;
    this.released = released;
  }

  query(...given: readonly unknown[]): never {
    return this.ask(given[0] as string, given[1] as readonly unknown[]) as never;
  }

  release(destroy = false): void {
    this.client.release(destroy || this.isLost);
    this.released();
  }

  private async ask(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<unknown>> {
    try {
      const asked = () => this.client.query(sql, parameters as unknown[]);
      const answer = await patiently(this.client, this.patience, asked);
      this.told(null);
      return answer as never;
    } catch (error) {
      const failure = asAway(error, sql === 'commit');
      const away = failure instanceof StoreAwayError ? failure : null;
      this.isLost ||= away !== null;
      // A lock that was waited for in vain is a matter of this statement.
      this.told(error instanceof pg.DatabaseError ? null : away);
      throw failure;
    }
  }
}

/** Where the answer does not come the connection is ended, which rejects what waits for it. */
export async function patiently<T>(
  client: Pick<pg.Client, 'end'>,
  patience: Milliseconds,
  ask: () => Promise<T>,
): Promise<T> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    client.end().catch(() => {});
  }, patience);
  try {
    return await ask();
  } catch (error) {
    throw isLate ? new Error(`it gave no answer within ${patience} ms`) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** By their SQLSTATE: connections, shutdown, start, too many connections, no disk, read-only replicas, waiting too long. */
const AWAY = /^(?:08|57P|53|25006|57014|55P03|25P03|28)/;

/** As `StoreAwayError` where it is not about the statement. */
export function asAway(error: unknown, isCommit = false): Error {
  if (error instanceof pg.DatabaseError && !AWAY.test(error.code ?? '')) return error;
  if (error instanceof StoreAwayError && !isCommit) return error;
  return new StoreAwayError(reasonOf(error), { cause: error, isUncertain: isCommit });
}

/** Where a name has several addresses, none of which answers, the error itself says nothing. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  const { message } = error as Error;
  if (message === 'The server does not support SSL connections')
    return 'it does not support TLS; add sslmode=disable to the URL of the store if that is as it should be';
  return message;
}
