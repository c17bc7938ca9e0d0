import { findPostgres, type InstalledPostgres } from '../../scripts/postgres-server.ts';

/** Null where none can be had: one line says why, and what needs it is skipped. */
export function postgresForTests(what: string): InstalledPostgres | null {
  const found = findPostgres();
  if (typeof found !== 'string') return found;
  process.stderr.write(`SKIPPED: ${what}: ${found}\n`);
  return null;
}
