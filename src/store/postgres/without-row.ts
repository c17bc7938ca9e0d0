import * as pg from 'pg';

/** For the log, which tells all that an error holds: besides its message Postgres quotes the row, and what was said in it. */
export function withoutRow(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  return new Error(`Postgres refuses the records: ${error.message} (${error.code ?? 'no code'})`);
}
