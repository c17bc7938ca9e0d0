import { accessSync, constants, mkdirSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import type { Stores } from './core/stores.ts';
import { Outbox } from './outbox/outbox.ts';
import { LineSpool } from './spool/line-spool.ts';
import { thisProcess } from './spool/this-process.ts';

interface OutboxParts {
  readonly stores: Stores;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The way of outcomes to the store. @throws Error where a shared store has no place on disk to wait for it */
export function openOutbox({ stores, config, clock, log }: OutboxParts): Outbox {
  const { directory, maxBytes } = config.spool;
  if (stores.isShared) {
    checkPlace('spool.directory', directory);
    checkPlace('audit.spool', config.audit.spool);
  }
  const spool = directory === null ? null : new LineSpool(directory, thisProcess(), { maxBytes, isDurable: false });
  const send = stores.evidence.appendOnce.bind(stores.evidence);
  const tell = (level: 'info' | 'error', message: string, detail: object): void => log[level](detail, message);
  return new Outbox({ what: 'outcomes', send, spool, clock, tell }, spool?.name ?? randomUUID());
}

/** Better now than when the store is away. */
function checkPlace(setting: string, directory: string | null): void {
  if (directory === null) return;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new Error(
      `${setting} cannot be used: ${(error as Error).message}; name a directory that this process may write.`,
      { cause: error },
    );
  }
}
