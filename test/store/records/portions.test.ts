import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import { portions } from '../../../src/store/records/portions.ts';
import { withoutRow } from '../../../src/store/postgres/without-row.ts';
import { StoreAwayError } from '../../../src/core/stores.ts';
import { recordOf } from './record-fixture.ts';

const said = (length: number) => recordOf({ content: { request: 'x'.repeat(length), reply: null } });
const sizes = (lengths: readonly number[]) => [...portions(lengths.map(said))].map(({ length }) => length);

const MIB = 1024 * 1024;

test('a batch is one portion, unless much was said in it', () => {
  expect(sizes(Array.from({ length: 1_000 }, () => 0))).toEqual([1_000]);
  expect(sizes([6 * MIB, 6 * MIB, 6 * MIB, 1, 1])).toEqual([2, 3]);
});

test('portions are all of the batch, in its order, and none is empty, however large one record is', () => {
  expect(sizes([])).toEqual([]);
  expect(sizes([20 * MIB, 1, 20 * MIB])).toEqual([1, 1, 1]);
  const batch = [said(9 * MIB), recordOf(), said(9 * MIB)];
  expect([...portions(batch)].flat()).toEqual(batch);
});

test('of what Postgres refuses the log gets the reason, and nothing of the row', () => {
  const refused = Object.assign(new DatabaseError('value out of range', 1, 'error'), {
    code: '22003',
    detail: 'Failing row contains (secret).',
    where: 'JSON data, line 1: secret',
  });
  const told = withoutRow(refused) as Error;
  expect(told.message).toBe('Postgres refuses the records: value out of range (22003)');
  expect(JSON.stringify({ ...told, stack: told.stack })).not.toContain('secret');
  const away = new StoreAwayError('no route', { cause: refused });
  expect(withoutRow(away)).toBe(away);
});
