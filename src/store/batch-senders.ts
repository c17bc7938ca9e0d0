import type { Transaction } from 'kysely';
import type { BatchId } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Tables } from './tables.ts';

/** A spool that is found later than this is taken as if it were new. */
const REMEMBERED: Milliseconds = 90 * 24 * 3_600_000;

/** Marks the batch as taken. First in its transaction: two that bring the same one wait for each other. */
export async function isFirstTime(
  transaction: Transaction<Tables>,
  { sender, number: newest }: BatchId,
  at: Milliseconds,
): Promise<boolean> {
  const row = await transaction
    .insertInto('batch_senders')
    .values({ sender, newest, at })
    .onConflict((conflict) =>
      conflict.column('sender').doUpdateSet({ newest, at }).where('batch_senders.newest', '<', newest),
    )
    .returning('newest')
    .executeTakeFirst();
  return row !== undefined;
}

/** Those that have sent nothing for long: processes end. */
export async function forgetSenders(transaction: Transaction<Tables>, now: Milliseconds): Promise<void> {
  await transaction
    .deleteFrom('batch_senders')
    .where('at', '<', now - REMEMBERED)
    .execute();
}
