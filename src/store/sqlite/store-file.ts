import { statSync, type BigIntStats } from 'node:fs';

const PREFIX = 'sqlite:';
const MEMORY = ':memory:';

/**
 * Watches that the file of a store that was opened is still the one at its path. Where somebody removed it or put another in
 * its place, everything goes on in the old one, and is lost with the process: nothing else tells.
 * @param url as in the configuration; other stores have no file
 * @returns what is wrong; null: nothing
 */
export function watchStoreFile(url: string): () => string | null {
  const path = url.slice(PREFIX.length);
  if (!url.startsWith(PREFIX) || path === MEMORY) return () => null;
  const opened = statSync(path, { bigint: true });
  return () => {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found !== undefined && isSame(found, opened)
      ? null
      : `the store's file was removed or replaced (${path}): what is written now is lost with this process`;
  };
}

const isSame = (one: BigIntStats, other: BigIntStats): boolean => one.ino === other.ino && one.dev === other.dev;
