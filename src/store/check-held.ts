import type { Transaction } from 'kysely';
import { LeaseLostError, type Lease } from '../core/stores.ts';
import type { Tables } from './tables.ts';

/** First in its transaction: the write that checks the lease locks it, so that nobody takes it before the end. @throws LeaseLostError */
export async function checkHeld(transaction: Transaction<Tables>, { name, holder, token }: Lease): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable('leases')
    .set({ holder })
    .where('name', '=', name)
    .where('holder', '=', holder)
    .where('token', '=', token)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw new LeaseLostError(name);
}
