import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect, type DatabaseConnection, type Driver } from 'kysely';
import type { Milliseconds } from '../../core/units.ts';
import type { Backend } from '../backend.ts';
import type { Tables } from '../tables.ts';

/** The driver waits on the caller's thread, so a lock held for longer is an error rather than a stalled gateway. */
export const SERVING: Milliseconds = 100;
/** Another process that starts on the same file may migrate it meanwhile, on a slow disk or a busy machine. */
export const STARTING: Milliseconds = 10_000;
const OWNER_ONLY = 0o600;

const PREFIX = 'sqlite:';
const MEMORY = ':memory:';

export interface SqliteBackend extends Backend {
  /** From now on, for somebody else's lock. */
  waitAtMost(time: Milliseconds): void;
}

/** @param url `sqlite:PATH` or `sqlite::memory:` @throws Error that names the store and the cause */
export function openSqliteUrl(url: string, busyTimeout?: Milliseconds): SqliteBackend {
  if (!url.startsWith(PREFIX))
    throw new Error(`The store "${url}" is not supported: write sqlite:PATH, sqlite::memory: or postgres://….`);
  try {
    return openSqlite(pathOf(url), busyTimeout);
  } catch (error) {
    throw new Error(`The store "${url}" cannot be opened: ${(error as Error).message}`, { cause: error });
  }
}

export function isMemory(url: string): boolean {
  return pathOf(url) === MEMORY;
}

export function pathOf(url: string): string {
  return url.startsWith(PREFIX) ? url.slice(PREFIX.length) : url;
}

/**
 * @param path a file, made with its directory where missing, or `:memory:`
 * @param busyTimeout how long a lock is waited for, on the caller's thread
 */
export function openSqlite(path: string, busyTimeout: Milliseconds = SERVING): SqliteBackend {
  if (path !== MEMORY) prepareFile(path);
  const database = new Database(path, { timeout: busyTimeout });
  // FULL: in WAL mode anything less may lose the last commits in a power failure.
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  const db = new Kysely<Tables>({ dialect: new ForgivingDialect(database) });
  return {
    db,
    // Not in the transaction: one that has read before its first write cannot wait for the lock.
    prepareMigrations: (createTable) => createTable(db),
    // A write that changes nothing takes the write lock before anything is read.
    lockMigrations: async (transaction) => {
      await transaction.updateTable('sluice_migrations').set({ id: 0 }).where('id', '=', 0).execute();
    },
    addSequentialId: (table) => table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement()),
    // There is one writer at a time.
    lockSequence: async () => {},
    // Processes of a file look by themselves.
    tell: async () => {},
    waitAtMost: (time) => void database.pragma(`busy_timeout = ${time}`),
  };
}

/** For those who look and must change nothing, not even the schema. @throws Error where there is no such file */
export function openSqliteReadOnly(path: string): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: new SqliteDialect({ database: new Database(path, { readonly: true, fileMustExist: true }) }),
  });
}

/**
 * A disk that is full ends a transaction by itself; rolling it back then fails, and that error would hide the first.
 * @source https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
 */
class ForgivingDialect extends SqliteDialect {
  private readonly database: Database.Database;

  constructor(database: Database.Database) {
    super({ database });
    this.database = database;
  }

  override createDriver(): Driver {
    const driver = super.createDriver();
    const rollback = driver.rollbackTransaction.bind(driver);
    driver.rollbackTransaction = async (connection: DatabaseConnection) => {
      if (this.database.inTransaction) await rollback(connection);
    };
    return driver;
  }
}

/** The file holds the key of key hashes: for its owner only. SQLite gives its `-wal` and `-shm` files the same mode. */
function prepareFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', OWNER_ONLY));
  const { mode, uid } = statSync(path);
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) chmodSync(path, OWNER_ONLY);
}
