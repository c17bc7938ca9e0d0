import { findRedis, type Installed } from '../../scripts/redis-server.ts';

/** Null where none can be had: one line says why, and what needs it is skipped. */
export function redisForTests(what: string): Installed | null {
  const found = findRedis();
  if (typeof found !== 'string') return found;
  process.stderr.write(`SKIPPED: ${what}: ${found}\n`);
  return null;
}
