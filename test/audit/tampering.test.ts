import { describe, expect, it } from 'vitest';
import { linkHash } from '../../src/audit/chain.ts';
import { verifyStore } from '../../src/audit/audit-reader.ts';
import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import { leafHash, MerkleFrontier } from '../../src/audit/merkle.ts';
import { DamagedStoreError, type AuditStore } from '../../src/core/audit.ts';
import { sampleOf } from '../support/runs.ts';
import { openTestChain, recordOf, recordsOf, SIGNER, type TestChain } from './support.ts';

/** Nine entries, a checkpoint after each third. */
async function chainOfNine(): Promise<TestChain> {
  const chain = await openTestChain(3);
  for (let group = 0; group < 3; group++) await chain.writer.append(recordsOf(3), false);
  return chain;
}

/** The exhaustive run turns each one. */
function bitsOf(text: string): readonly number[] {
  return sampleOf(Array.from({ length: Buffer.byteLength(text) * 8 }, (_, bit) => bit));
}

function flipped(text: string, bit: number): string {
  const bytes = Buffer.from(text, 'utf8');
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return bytes.toString('latin1');
}

type Row = Readonly<Record<string, string | number>>;

/** All that the head can say, made anew for entries that were changed: what an owner of the file would do. */
function rewriteFrom(chain: TestChain, entries: readonly string[]): void {
  const { database } = chain;
  database.exec('delete from audit_entries; delete from audit_checkpoints');
  const tree = new MerkleFrontier();
  let hash = '0'.repeat(64);
  for (const entry of entries) {
    hash = linkHash(hash, entry);
    tree.add(leafHash(entry));
    const { kind, id, phase } = JSON.parse(entry) as Record<string, string>;
    database
      .prepare('insert into audit_entries values (?, ?, ?, ?, ?, ?)')
      .run(tree.size, kind, id, phase, entry, hash);
  }
  database
    .prepare(
      'update audit_head set size = ?, hash = ?, frontier = ?, checkpoints = 0, checkpoints_hash = ?, checkpoint_size = 0, checkpoint_at = 0',
    )
    .run(tree.size, hash, tree.toHex().join(' '), '0'.repeat(64));
}

describe('a chain that nobody has touched', () => {
  it('is found whole, with each of its checkpoints, also where it is empty', async () => {
    const chain = await openTestChain(3);
    expect(await chain.verify()).toMatchObject({ ok: true, entries: 0, checkpoints: 0, problem: null });
    for (let group = 0; group < 3; group++) await chain.writer.append(recordsOf(3), false);
    expect(await chain.verify(await chain.kept())).toMatchObject({
      ok: true,
      entries: 9,
      checkpoints: 3,
      keptCheckpoints: 3,
      problem: null,
    });
  });

  it('has the numbers from 1 without gaps, and the time and texts of its records', async () => {
    const chain = await openTestChain();
    const records = [recordOf({ subject: 'ÄÖ \u0000 \ud83d\ude00' }), recordOf({ detail: { n: [1, null, 'x'] } })];
    await chain.writer.append(records, false);
    const entries = await chain.entries();
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2]);
    for (const [index, { subject, detail, at, id }] of entries.entries())
      expect({ subject, detail, at, id }).toEqual({
        subject: records[index]!.subject,
        detail: records[index]!.detail,
        at: '2026-01-31T12:00:00.000Z',
        id: records[index]!.id,
      });
  });

  it('takes what no JSON can say as near as it can, instead of stopping', async () => {
    const chain = await openTestChain();
    await chain.writer.append([recordOf({ actor: 'half \ud800', detail: { n: Number.NaN, b: 1n } as never })], false);
    expect((await chain.entries())[0]).toMatchObject({ actor: 'half \ufffd', detail: { n: 'NaN', b: '1' } });
    expect((await chain.verify()).ok).toBe(true);
  });
});

describe('verification finds', () => {
  it('every bit that is turned in an entry, its hash or what helps to find it, and names the entry', async () => {
    const chain = await chainOfNine();
    for (const seq of [1, 5, 9]) {
      const row = chain.database.prepare('select * from audit_entries where seq = ?').get(seq) as Row;
      for (const column of ['entry', 'hash', 'kind', 'id', 'phase']) {
        const text = String(row[column]);
        const set = chain.database.prepare(`update audit_entries set ${column} = ? where seq = ?`);
        for (const bit of bitsOf(text)) {
          set.run(flipped(text, bit), seq);
          const { ok, problem } = await chain.verify();
          expect([ok, problem?.seq], `${column} of ${seq}, bit ${bit}`).toEqual([false, seq]);
        }
        set.run(text, seq);
      }
    }
    expect((await chain.verify()).ok).toBe(true);
  }, 60_000);

  it.each([1, 2, 5, 8])('entry %i removed', async (seq) => {
    const chain = await chainOfNine();
    chain.database.prepare('delete from audit_entries where seq = ?').run(seq);
    expect(await chain.verify()).toMatchObject({ ok: false, problem: { seq, what: 'is missing' } });
  });

  it.each([1, 3, 9])('the tail cut off after all but %i', async (cut) => {
    const chain = await chainOfNine();
    chain.database.prepare('delete from audit_entries where seq > ?').run(9 - cut);
    const { problem } = await chain.verify();
    expect(problem).toEqual({ seq: 9 - cut + 1, what: 'is cut off: the chain had 9 entries' });
  });

  it('entries that changed places', async () => {
    const chain = await chainOfNine();
    chain.database.exec(`
      update audit_entries set seq = -1 where seq = 4;
      update audit_entries set seq = 4 where seq = 5;
      update audit_entries set seq = 5 where seq = -1`);
    expect((await chain.verify()).problem?.seq).toBe(4);
  });

  it.each([-5, 0, 10, 11])('an entry put in at %i', async (seq) => {
    const chain = await chainOfNine();
    chain.database
      .prepare('insert into audit_entries select ?, kind, id, phase, entry, hash from audit_entries where seq = 9')
      .run(seq);
    expect((await chain.verify()).problem?.seq).toBe(seq);
  });

  it('an entry put in between, with all behind it moved on', async () => {
    const chain = await chainOfNine();
    chain.database.exec(`
      update audit_entries set seq = -seq where seq >= 4;
      update audit_entries set seq = 1 - seq where seq < 0;
      insert into audit_entries select 4, kind, id, phase, entry, hash from audit_entries where seq = 3`);
    expect((await chain.verify()).problem?.seq).toBe(4);
  });

  it('every bit that is turned in the head', async () => {
    const chain = await chainOfNine();
    const row = chain.database.prepare('select * from audit_head').get() as Row;
    for (const column of ['hash', 'frontier', 'checkpoints_hash']) {
      const text = String(row[column]);
      const set = chain.database.prepare(`update audit_head set ${column} = ?`);
      for (const bit of bitsOf(text)) {
        set.run(flipped(text, bit));
        expect((await chain.verify()).ok, `${column}, bit ${bit}`).toBe(false);
      }
      set.run(text);
    }
    for (const column of ['size', 'checkpoints', 'checkpoint_size', 'checkpoint_at'])
      for (const change of [-1, 1]) {
        chain.database.exec(`update audit_head set ${column} = ${column} + ${change}`);
        expect((await chain.verify()).ok, `${column} ${change}`).toBe(false);
        chain.database.exec(`update audit_head set ${column} = ${column} - ${change}`);
      }
    expect((await chain.verify()).ok).toBe(true);
  }, 60_000);

  it.each([
    ['audit_entries', 'seq', ['kind', 'id', 'phase', 'entry', 'hash']],
    ['audit_checkpoints', 'size', ['note']],
    ['audit_head', 'size', ['size', 'hash', 'frontier', 'checkpoints', 'checkpoints_hash', 'checkpoint_size']],
  ])('in %s what is of another type, though it reads the same', async (table, key, columns) => {
    const chain = await chainOfNine();
    for (const column of columns) {
      const row = chain.database.prepare(`select * from ${table} where ${key} = 9`).get() as Row;
      const set = chain.database.prepare(`update ${table} set ${column} = ?`);
      const whole = chain.database.prepare(`select * from ${table}`).all();
      set.run(Buffer.from(String(row[column]), 'utf8'));
      expect([column, (await chain.verify()).ok]).toEqual([column, false]);
      chain.database.exec(`delete from ${table}`);
      for (const each of whole as Row[]) {
        const values = Object.values(each);
        chain.database.prepare(`insert into ${table} values (${values.map(() => '?').join(', ')})`).run(...values);
      }
    }
    expect((await chain.verify()).ok).toBe(true);
  });

  it('an entry that the database itself cannot read, and names it', async () => {
    const chain = await chainOfNine();
    const damaged: AuditStore = {
      ...chain.store,
      head: () => chain.store.head(),
      checkpoints: (after, limit) => chain.store.checkpoints(after, limit),
      entries: async (query) => {
        const page = await chain.store.entries(query);
        if (page.some(({ seq }) => seq === 6)) throw new DamagedStoreError('database disk image is malformed');
        return page;
      },
    };
    expect((await verifyStore(damaged, SIGNER.verifier, '')).problem).toEqual({
      seq: 6,
      what: 'cannot be read: the store is damaged',
    });
    chain.database.exec('drop table audit_checkpoints');
    expect((await chain.verify()).problem).toEqual({
      seq: null,
      what: 'the store is damaged: no such table: audit_checkpoints',
    });
  });

  it('a head that is gone', async () => {
    const chain = await chainOfNine();
    chain.database.exec('delete from audit_head');
    expect((await chain.verify()).problem).toEqual({ seq: null, what: 'the head of the chain is missing' });
    await expect(chain.writer.append(recordsOf(1), false)).rejects.toThrow('The head of the audit trail is missing');
  });

  it('every bit that is turned in a checkpoint', async () => {
    const chain = await chainOfNine();
    const { note } = chain.database.prepare('select note from audit_checkpoints where size = 6').get() as {
      note: string;
    };
    const set = chain.database.prepare('update audit_checkpoints set note = ? where size = 6');
    for (const bit of bitsOf(note)) {
      const bytes = Buffer.from(note, 'utf8');
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      set.run(bytes.toString('utf8'));
      expect((await chain.verify()).problem?.what, `bit ${bit}`).toMatch(/^the checkpoint at 6 entries has no valid/);
    }
  }, 60_000);

  it.each([3, 6, 9])('the checkpoint at %i removed', async (size) => {
    const chain = await chainOfNine();
    chain.database.prepare('delete from audit_checkpoints where size = ?').run(size);
    expect((await chain.verify()).problem?.what).toMatch(/^there were 3 checkpoints, and 2 are left/);
  });

  it('a checkpoint put in, and one at another place', async () => {
    const chain = await chainOfNine();
    const note = signCheckpoint(SIGNER, 12, Buffer.alloc(32), 0);
    chain.database.prepare('insert into audit_checkpoints values (12, ?)').run(note);
    expect((await chain.verify()).problem?.what).toBe('the checkpoint at 12 entries was put in');
    chain.database.exec(
      'delete from audit_checkpoints where size = 12; update audit_checkpoints set size = 5 where size = 6',
    );
    expect((await chain.verify()).problem?.what).toBe('the checkpoint of 6 entries stands at 5');
  });

  it('a chain that was written anew and signed by another key', async () => {
    const chain = await chainOfNine();
    const entries = (await chain.entries()).map(({ entry }) => entry.replace('tester', 'nobody'));
    rewriteFrom(chain, entries);
    const note = signCheckpoint(SIGNER, 9, Buffer.alloc(32), 0).replace('\u2014 test', '\u2014 fake');
    chain.database.prepare('insert into audit_checkpoints values (9, ?)').run(note);
    chain.database.exec(`update audit_head set checkpoints = 1, checkpoint_size = 9`);
    expect((await chain.verify()).problem?.what).toMatch(/has no valid signature/);
  });
});

describe('a chain that its owner wrote anew, checkpoints and all', () => {
  it('looks whole by itself, and is found out by a checkpoint that was kept elsewhere', async () => {
    const chain = await chainOfNine();
    const kept = await chain.kept();
    const entries = (await chain.entries()).map(({ entry, seq }) =>
      seq === 5 ? entry.replace('tester', 'nobody') : entry,
    );
    rewriteFrom(chain, entries);
    expect((await chain.verify()).ok).toBe(true);
    const { problem, keptCheckpoints } = await chain.verify(kept);
    expect(keptCheckpoints).toBe(1);
    expect(problem).toMatchObject({ seq: 4 });
    expect(problem?.what).toMatch(
      /^or one up to 6 was changed: the checkpoint that was kept .* at 6 entries has another root/,
    );
  });

  it('with its tail cut off is found out by a checkpoint over more', async () => {
    const chain = await chainOfNine();
    const kept = await chain.kept();
    rewriteFrom(
      chain,
      (await chain.entries()).slice(0, 6).map(({ entry }) => entry),
    );
    expect((await chain.verify()).ok).toBe(true);
    expect((await chain.verify(kept)).problem).toMatchObject({
      seq: 7,
      what: expect.stringMatching(/^is cut off: the checkpoint of .* is over 9 entries/) as string,
    });
  });

  it('is not accused where only a checkpoint that was kept is torn, and the torn one is named', async () => {
    const chain = await chainOfNine();
    const kept = await chain.kept();
    const { ok, problem, keptCheckpoints } = await chain.verify(kept.slice(0, -20));
    expect({ ok, seq: problem?.seq, keptCheckpoints }).toEqual({ ok: false, seq: null, keptCheckpoints: 2 });
    expect(problem?.what).toMatch(/^the checkpoint 3 that was kept is not one that/);
  });

  it('a file that holds no checkpoints of this key is no proof', async () => {
    const chain = await chainOfNine();
    expect((await chain.verify('nothing')).problem?.what).toMatch(/^the checkpoint 1 that was kept is not one that/);
  });
});
