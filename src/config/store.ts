import { resolve as absolutePath } from 'node:path';
import type { AuditConfig, SpoolConfig } from '../core/config.ts';
import { isPostgresUrl } from '../core/store-url.ts';
import type { ConfigFile } from './schema.ts';

/** Relative paths are taken from the working directory, once, so that a later change of it moves nothing. */
export function toStore(store: string): string {
  const path = store.slice('sqlite:'.length);
  return path === ':memory:' || !store.startsWith('sqlite:') ? store : `sqlite:${absolutePath(path)}`;
}

/** What belongs to a store and is a file: beside its own, or where the default store would be. Null: there is none. */
function besideStore(store: string, suffix: string): string | null {
  if (isPostgresUrl(store)) return absolutePath(`./data/${suffix}`);
  const path = toStore(store).slice('sqlite:'.length);
  return path === ':memory:' ? null : `${path}.${suffix}`;
}

export function toSpool({ spool: { directory, maxBytes }, store }: ConfigFile): SpoolConfig {
  return { directory: directory === undefined ? besideStore(store, 'spool') : absolutePath(directory), maxBytes };
}

export function toAudit({ audit, store }: ConfigFile): AuditConfig {
  const { spool, checkpoints, ...rest } = audit;
  return {
    ...rest,
    spool: spool === undefined ? besideStore(store, 'audit-spool') : absolutePath(spool),
    checkpoints: checkpoints === undefined ? null : absolutePath(checkpoints),
  };
}
