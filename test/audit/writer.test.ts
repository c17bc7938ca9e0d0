import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditWriter, type AuditWriterDeps } from '../../src/audit/audit-writer.ts';
import { CheckpointFile } from '../../src/audit/checkpoint-file.ts';
import { ChainWriter } from '../../src/audit/chain-writer.ts';
import { Spool } from '../../src/audit/spool.ts';
import type { AuditRecord } from '../../src/core/audit.ts';
import { openTestChain, recordOf, recordsOf, SIGNER, temporaryFolder, type TestChain } from './support.ts';

const OWNER = { host: 'here', pid: process.pid, start: 'now' };

interface TestWriter extends TestChain {
  readonly folder: string;
  readonly spool: Spool;
  readonly told: string[];
  readonly troubles: (string | null)[];
  /** Null: the store works. */
  fault: string | null;
  audit: AuditWriter;
}

/** A writer whose chain fails on wish. @param change of its parts */
async function openWriter(
  change: Partial<AuditWriterDeps> = {},
  every = { entries: 1_000, time: 60_000 },
): Promise<TestWriter> {
  const chain = await openTestChain();
  const folder = join(temporaryFolder(), 'spool');
  const spool = new Spool(folder, OWNER);
  const state = { fault: null as string | null, told: [] as string[], troubles: [] as (string | null)[] };
  const store = {
    ...chain.store,
    head: () => chain.store.head(),
    exclusively: <T>(work: Parameters<typeof chain.store.exclusively<T>>[0]) =>
      state.fault === null ? chain.store.exclusively(work) : Promise.reject(new Error(state.fault)),
  };
  const audit = new AuditWriter({
    chain: new ChainWriter(store as never, SIGNER, every, chain.clock),
    spool,
    checkpointFile: new CheckpointFile(null),
    clock: chain.clock,
    host: 'here',
    tell: (level, message) => void state.told.push(`${level}: ${message}`),
    drained: (count) => void state.told.push(`drained ${count}`),
    checkpointTrouble: (reason) => void state.troubles.push(reason),
    ...change,
  });
  return Object.assign(state, { ...chain, folder, spool, audit });
}

const subjects = (records: readonly AuditRecord[]): string[] => records.map(({ id }) => id);

describe('the writer', () => {
  it('puts a group into the chain, in order', async () => {
    const test = await openWriter();
    const records = recordsOf(7);
    expect(await test.audit.write(records, false)).toEqual({ place: 'chain', reason: null });
    expect((await test.entries()).map(({ id }) => id)).toEqual(subjects(records));
  });

  it('spools what the store cannot take, and takes it into the chain first when it can', async () => {
    const test = await openWriter();
    const [first, second, third] = [recordsOf(3), recordsOf(2), recordsOf(2)];
    test.fault = 'database is locked';
    expect(await test.audit.write(first, false)).toEqual({ place: 'spool', reason: 'database is locked' });
    expect(await test.audit.write(second, false)).toMatchObject({ place: 'spool' });
    expect(await test.entries()).toEqual([]);
    test.fault = null;
    test.clock.time += 1_000;
    expect(await test.audit.write(third, false)).toEqual({ place: 'chain', reason: null });
    expect((await test.entries()).map(({ id }) => id)).toEqual(subjects([...first, ...second, ...third]));
    expect(readdirSync(test.folder)).toEqual([]);
    expect(test.told).toEqual([
      'error: the audit trail cannot be written',
      'drained 5',
      'info: audit entries that waited in the spool are in the chain',
    ]);
    expect((await test.verify()).ok).toBe(true);
  });

  it('asks a store that is away only once a second', async () => {
    let attempts = 0;
    const failing = { append: () => Promise.reject(new Error(`away ${++attempts}`)) } as never;
    const test = await openWriter({ chain: failing });
    for (let group = 0; group < 5; group++) await test.audit.write(recordsOf(1), false);
    expect(attempts).toBe(1);
    test.clock.time += 1_000;
    expect(await test.audit.write(recordsOf(1), false)).toMatchObject({ reason: 'away 2' });
  });

  it('takes the spool into the chain by itself', async () => {
    const test = await openWriter();
    test.fault = 'disk is full';
    await test.audit.write(recordsOf(2), false);
    test.fault = null;
    test.clock.time += 1_000;
    await test.audit.tick();
    expect(await test.entries()).toHaveLength(2);
  });

  it('tells where neither takes them', async () => {
    const test = await openWriter({ spool: null });
    test.fault = 'disk is full';
    await expect(test.audit.write(recordsOf(1), false)).rejects.toThrow('disk is full');
  });

  it('writes nothing twice that was written before its answer was lost', async () => {
    const test = await openWriter();
    const records = recordsOf(4);
    await test.audit.write(records.slice(0, 2), false);
    await test.audit.write([...records, records[3]!], true);
    expect((await test.entries()).map(({ id }) => id)).toEqual(subjects(records));
    const id = recordOf({ phase: 'intent' }).id;
    await test.audit.write([recordOf({ id, phase: 'intent' }), recordOf({ id, phase: 'outcome' })], true);
    await test.audit.write([recordOf({ id, phase: 'outcome' })], true);
    expect(await test.entries()).toHaveLength(6);
  });

  it('leaves an intent whose outcome was never written as one of which nobody knows how it ended', async () => {
    const test = await openWriter();
    const done = recordOf({ phase: 'intent' });
    const outcome = recordOf({ id: done.id, phase: 'outcome', detail: { result: 'done' } });
    await test.audit.write([done, recordOf({ phase: 'intent' }), outcome], false);
    expect((await test.entries()).map(({ phase, result }) => [phase, result])).toEqual([
      ['intent', 'done'],
      ['intent', 'unknown'],
      ['outcome', null],
    ]);
  });

  it('signs after so many entries, after so long, and at the end; nothing where nothing is new', async () => {
    const test = await openWriter({}, { entries: 5, time: 60_000 });
    const sizes = async () => (await test.store.checkpoints(0, 100)).map(({ size }) => size);
    await test.audit.write(recordsOf(1), false);
    await test.audit.write(recordsOf(4), false);
    expect(await sizes()).toEqual([1]);
    await test.audit.write(recordsOf(1), false);
    expect(await sizes()).toEqual([1, 6]);
    await test.audit.write(recordsOf(1), false);
    test.clock.time += 59_999;
    await test.audit.tick();
    expect(await sizes()).toEqual([1, 6]);
    test.clock.time += 1;
    await test.audit.tick();
    await test.audit.tick();
    expect(await sizes()).toEqual([1, 6, 7]);
    await test.audit.write(recordsOf(1), false);
    await test.audit.close();
    await test.audit.close();
    expect(await sizes()).toEqual([1, 6, 7, 8]);
    expect(await test.verify(await test.kept())).toMatchObject({ ok: true, keptCheckpoints: 4 });
  });

  it('keeps checkpoints for their file until it can be written', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'later', 'checkpoints.txt');
    const test = await openWriter({ checkpointFile: new CheckpointFile(path) }, { entries: 1, time: 60_000 });
    await test.audit.write(recordsOf(1), false);
    await test.audit.write(recordsOf(1), false);
    expect(test.troubles).toEqual([expect.stringMatching(/^ENOENT/)]);
    mkdirSync(join(folder, 'later'));
    await test.audit.tick();
    expect(test.troubles.at(-1)).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe(await test.kept());
  });
});

describe('a spool that another process has left', () => {
  /** As it would have written it. */
  const leave = (folder: string, name: string, text: string): string => {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const lines = (records: readonly AuditRecord[]): string =>
    records.map((each) => `${JSON.stringify(each)}\n`).join('');
  /** Above what Linux gives. */
  const DEAD = 2 ** 22 + 1;

  it.each([
    ['is of a process that is gone', `here_${DEAD}_before.jsonl`],
    ['is of this very process number, by an earlier start', `here_${process.pid}_before.jsonl`],
  ])('is taken over where it %s', async (_, name) => {
    const test = await openWriter();
    const records = recordsOf(3);
    leave(test.folder, name, lines(records));
    await test.audit.tick();
    expect((await test.entries()).map(({ id }) => id)).toEqual(subjects(records));
    expect(readdirSync(test.folder)).toEqual([]);
  });

  it('is left alone while its process lives, here or on another machine', async () => {
    const test = await openWriter();
    const alive = leave(test.folder, `here_${process.ppid}_x.jsonl`, lines(recordsOf(1)));
    const remote = leave(test.folder, 'there_1_x.jsonl', lines(recordsOf(1)));
    const at = (ago: number): void =>
      utimesSync(remote, new Date(test.clock.wall() - ago), new Date(test.clock.wall() - ago));
    at(59_000);
    await test.audit.tick();
    expect([existsSync(alive), existsSync(remote)]).toEqual([true, true]);
    at(61_000);
    await test.audit.tick();
    expect([existsSync(alive), existsSync(remote)]).toEqual([true, false]);
    expect(await test.entries()).toHaveLength(1);
  });

  it('is cut at any byte without losing a whole line, and what was cut is told in the log and recorded', async () => {
    const test = await openWriter();
    const records = recordsOf(3);
    const text = lines(records);
    const ends = [...text.matchAll(/\n/g)].map(({ index }) => index + 1);
    for (let cut = 0; cut <= text.length; cut += 13) {
      test.database.exec("delete from audit_entries; update audit_head set size = 0, frontier = ''");
      leave(test.folder, `here_${DEAD}_before.jsonl`, text.slice(0, cut));
      await test.audit.tick();
      const whole = ends.filter((end) => end <= cut);
      const rest = cut - (whole.at(-1) ?? 0);
      const entries = await test.entries();
      expect(entries.filter(({ kind }) => kind === 'test.entry').map(({ id }) => id)).toEqual(
        subjects(records.slice(0, whole.length)),
      );
      expect(entries.filter(({ kind }) => kind === 'audit.spool_repaired').map(({ detail }) => detail)).toEqual(
        rest === 0 ? [] : [{ cutBytes: rest, unreadableLines: 0 }],
      );
    }
    expect(
      test.told.filter((each) => each.startsWith('warn: an audit spool ended in the middle')).length,
    ).toBeGreaterThan(10);
  });

  it('counts whole lines that are no entries', async () => {
    const test = await openWriter();
    leave(test.folder, `here_${DEAD}_before.jsonl`, `{"id":1}\nnonsense\n${lines(recordsOf(1))}`);
    await test.audit.tick();
    expect((await test.entries()).at(-1)!.detail).toEqual({ cutBytes: 0, unreadableLines: 2 });
  });

  it('that cannot be read stops nothing', async () => {
    const test = await openWriter();
    rmSync(test.folder, { recursive: true, force: true });
    writeFileSync(test.folder, '');
    await test.audit.tick();
    expect(await test.audit.write(recordsOf(1), false)).toMatchObject({ place: 'chain' });
    expect(test.told).toEqual(['error: the audit spool cannot be read']);
  });
});
