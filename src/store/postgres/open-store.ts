import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Clock } from '../../core/clock.ts';
import { parsePostgresUrl, storeName, type PostgresSettings } from '../../core/store-url.ts';
import { StoreAwayError, type Stores } from '../../core/stores.ts';
import type { Milliseconds } from '../../core/units.ts';
import type { Backend } from '../backend.ts';
import { migrate } from '../migrate.ts';
import { MIGRATING, SERVING } from './connection.ts';
import { openPostgres } from './open-postgres.ts';
import { PostgresLeaseStore } from './postgres-leases.ts';
import { PostgresSession } from './session.ts';

/** Where all of a system is started at once the store may come last. */
const START_WITHIN: Milliseconds = 30_000;
const AGAIN_AFTER: Milliseconds = 500;
/** A probe waits no longer. */
const CHECK_WITHIN: Milliseconds = 900;
/** The first with which sessions and notifications are as they are used here. */
const OLDEST = 140_000;

type OwnStores = Pick<Stores, 'leases' | 'isShared' | 'watch' | 'beginServing' | 'check' | 'close'>;
type PostgresStore = OwnStores & { readonly backend: Backend };

/** @throws Error that names the store and the cause */
export async function openPostgresStore(url: string, clock: Clock): Promise<PostgresStore> {
  const settings = settingsOf(url);
  try {
    await migrated(settings, clock);
  } catch (error) {
    throw new Error(`The store "${storeName(url)}" cannot be opened: ${(error as Error).message}`, { cause: error });
  }
  const backend = openPostgres(settings, { patience: SERVING, size: settings.pool });
  const session = new PostgresSession(settings);
  return {
    backend,
    leases: new PostgresLeaseStore(backend.db, settings.schema, session),
    isShared: true,
    watch: (listener) => session.watch(listener),
    // Nothing of it waits on the caller's thread.
    beginServing: () => {},
    check: () => answersSoon(backend),
    close: async () => {
      await session.close();
      await backend.db.destroy();
    },
  };
}

/** @throws Error that says what is wrong with it and how to write it */
export function settingsOf(url: string): PostgresSettings {
  const settings = parsePostgresUrl(url);
  if ('problem' in settings) throw new Error(`The URL of the store ${settings.problem}; ${settings.fix}.`);
  return settings;
}

async function migrated(settings: PostgresSettings, clock: Clock): Promise<void> {
  const backend = openPostgres(settings, { patience: MIGRATING, size: 1 });
  try {
    await reachable(backend, clock.now() + START_WITHIN, clock);
    await migrate(backend, clock);
  } finally {
    await backend.db.destroy();
  }
}

/** @throws Error where the server is too old; StoreAwayError where it does not come in time */
async function reachable(backend: Backend, until: Milliseconds, clock: Clock): Promise<void> {
  for (;;) {
    try {
      const { rows } = await sql<{ version: string }>`select current_setting('server_version_num') as version`.execute(
        backend.db,
      );
      const version = Number(rows[0]!.version);
      if (version >= OLDEST) return;
      throw new Error(`it is Postgres ${Math.floor(version / 10_000)}; 14 or newer is needed`);
    } catch (error) {
      if (!(error instanceof StoreAwayError) || isRefusal(error) || clock.now() >= until) throw error;
    }
    await wait(AGAIN_AFTER);
  }
}

/** It is there and does not let us in: waiting does not help. */
function isRefusal({ cause }: StoreAwayError): boolean {
  const { code, message = '' } = (cause ?? {}) as { readonly code?: string; readonly message?: string };
  return /^(?:28|3D)/.test(code ?? '') || /SSL|certificate|SASL|self.signed/i.test(message);
}

async function answersSoon({ db }: Backend): Promise<void> {
  const over = new AbortController();
  const late = wait(CHECK_WITHIN, null, { signal: over.signal, ref: false }).then(() => {
    throw new StoreAwayError(`it gave no answer within ${CHECK_WITHIN} ms`);
  });
  const answer = sql`select 1 from sluice_migrations`.execute(db);
  // Whichever comes second has nobody who waits for it.
  for (const each of [late, answer]) each.catch(() => {});
  try {
    await Promise.race([late, answer]);
  } finally {
    over.abort();
  }
}
