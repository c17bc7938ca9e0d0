import { appendFileSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditWriter } from '../../src/audit/audit-writer.ts';
import { CheckpointFile } from '../../src/audit/checkpoint-file.ts';
import { ORIGIN, signCheckpoint, splitNotes } from '../../src/audit/checkpoint.ts';
import { ChainWriter } from '../../src/audit/chain-writer.ts';
import { NoteSigner } from '../../src/audit/signed-note.ts';
import { Spool } from '../../src/audit/spool.ts';
import { openTestChain, recordsOf, SIGNER, temporaryFolder, type TestChain } from './support.ts';

const LOG = new NoteSigner(Buffer.alloc(32, 5), ORIGIN);
const noteOf = (size: number, signer = LOG): string => signCheckpoint(signer, size, Buffer.alloc(32, size), 0);

describe('the file of checkpoints', () => {
  it('cuts a last note that was not written to its end, wherever it was torn, and says how much', () => {
    const path = join(temporaryFolder(), 'kept.txt');
    const [first, second, third] = [noteOf(1), noteOf(2), noteOf(3)];
    const bytes = Buffer.from(`${first}\n${second}`, 'utf8');
    const whole = Buffer.byteLength(first, 'utf8') + 1;
    for (let torn = 1; torn < bytes.length - whole; torn++) {
      writeFileSync(path, bytes.subarray(0, whole + torn));
      const file = new CheckpointFile(path);
      file.add(third);
      expect(file.write()).toBe(torn);
      expect(splitNotes(readFileSync(path, 'utf8'))).toEqual([first, third]);
    }
  });

  it('leaves alone what is whole, and what somebody else has written there', () => {
    const path = join(temporaryFolder(), 'kept.txt');
    for (const before of ['', `${noteOf(1)}\n`, noteOf(1), 'Dear diary', `${noteOf(1)}\nDear diary\n`]) {
      writeFileSync(path, before);
      const file = new CheckpointFile(path);
      file.add(noteOf(2));
      expect(file.write()).toBe(0);
      expect(readFileSync(path, 'utf8')).toBe(`${before}${noteOf(2)}\n`);
    }
  });

  it('tells the newest of one log', () => {
    const path = join(temporaryFolder(), 'kept.txt');
    const other = new NoteSigner(Buffer.alloc(32, 6), ORIGIN);
    writeFileSync(path, [noteOf(1), noteOf(9, other), noteOf(2)].map((note) => `${note}\n`).join(''));
    expect(new CheckpointFile(path).newest(LOG.verifier.name)).toEqual([noteOf(1), noteOf(2)]);
  });
});

/** A writer that keeps checkpoints in a file, begun on the chain as it is now. */
function writerOn(chain: TestChain, path: string): { audit: AuditWriter; told: string[] } {
  const told: string[] = [];
  const audit = new AuditWriter({
    chain: new ChainWriter(chain.store, SIGNER, { entries: 1, time: 60_000 }, chain.clock),
    spool: null,
    checkpointFile: new CheckpointFile(path),
    clock: chain.clock,
    host: 'here',
    tell: (level, message) => void told.push(`${level}: ${message}`),
    drained: () => {},
    checkpointTrouble: () => {},
  });
  return { audit, told };
}

describe('at its start the writer compares the store with the checkpoints that were kept', () => {
  const begin = async (chain: TestChain, path: string): Promise<string[]> => {
    const { audit, told } = writerOn(chain, path);
    await audit.checkKept(chain.store, SIGNER.verifier);
    return told;
  };

  it('and says nothing where they are the same, or there are none', async () => {
    const chain = await openTestChain();
    const path = join(temporaryFolder(), 'kept.txt');
    writeFileSync(path, '');
    expect(await begin(chain, path)).toEqual([]);
    await writerOn(chain, path).audit.write(recordsOf(3), false);
    expect(await begin(chain, path)).toEqual([]);
    expect((await chain.entries()).length).toBe(3);
  });

  it('and tells, also in the trail, where an older copy of the store was put in its place', async () => {
    const chain = await openTestChain();
    const folder = temporaryFolder();
    const [path, copy] = [join(folder, 'kept.txt'), join(folder, 'copy.db')];
    const { audit } = writerOn(chain, path);
    await audit.write(recordsOf(2), false);
    chain.database.exec(`vacuum into '${copy}'`);
    await audit.write(recordsOf(3), false);
    const older = await openTestChain(1, copy);
    expect(await begin(older, path)).toEqual([
      'error: the audit trail is not the one that audit.checkpoints tells of: see `sluice audit verify`',
    ]);
    expect((await older.entries()).at(-1)).toMatchObject({
      kind: 'audit.rolled_back',
      detail: { checkpointSize: 5, storeSize: 2 },
    });
    expect((await older.verify()).ok).toBe(true);
    expect((await older.verify(readFileSync(path, 'utf8'))).ok).toBe(false);
  });

  it('and tells where another chain of the same length stands there', async () => {
    const folder = temporaryFolder();
    const [path, elsewhere] = [join(folder, 'kept.txt'), join(folder, 'elsewhere.txt')];
    const [chain, other] = [await openTestChain(), await openTestChain()];
    await writerOn(chain, path).audit.write(recordsOf(4), false);
    await writerOn(other, elsewhere).audit.write(recordsOf(4), false);
    expect((await begin(other, path)).length).toBe(1);
    expect((await other.entries()).at(-1)).toMatchObject({ kind: 'audit.rolled_back' });
  });
});

describe('the spool', () => {
  const owner = { host: 'here', pid: process.pid, start: 'now' };

  it('of a thread that died is gone on with by the next, but for its torn end', () => {
    const folder = join(temporaryFolder(), 'spool');
    const [first, second] = [recordsOf(3), recordsOf(2)];
    new Spool(folder, owner).append(first);
    appendFileSync(join(folder, readdirSync(folder)[0]!), '{"id":"torn');
    const next = new Spool(folder, owner);
    expect(next.isEmpty).toBe(false);
    next.append(second);
    expect(next.read()).toEqual([...first, ...second]);
    next.clear();
    expect([next.isEmpty, readdirSync(folder)]).toEqual([true, []]);
  });

  it('whose file somebody removed is written again', () => {
    const folder = join(temporaryFolder(), 'spool');
    const spool = new Spool(folder, owner);
    const [first, second] = [recordsOf(3), recordsOf(2)];
    spool.append(first);
    rmSync(folder, { recursive: true });
    spool.touch();
    spool.append(second);
    expect(new Spool(folder, owner).read()).toEqual([...first, ...second]);
    rmSync(folder, { recursive: true });
    spool.clear();
    expect([spool.isEmpty, existsSync(folder)]).toEqual([true, false]);
  });

  it('that another process takes over at the same time is no fault', () => {
    const folder = join(temporaryFolder(), 'spool');
    new Spool(folder, { ...owner, pid: 4_194_305, start: 'before' }).append(recordsOf(2));
    const spools = ['a', 'b'].map((start) => new Spool(folder, { ...owner, start }));
    const [one, other] = spools.map((spool) => spool.abandoned(0));
    expect(one).toHaveLength(1);
    for (const left of [...one!, ...other!]) spools[0]!.remove(left);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('with a torn end is repaired once, whoever takes it over', async () => {
    const chain = await openTestChain();
    const folder = join(temporaryFolder(), 'spool');
    new Spool(folder, { ...owner, pid: 4_194_305, start: 'before' }).append(recordsOf(2));
    const [name] = readdirSync(folder);
    const path = join(folder, name!);
    appendFileSync(path, '{"id":"torn');
    copyFileSync(path, `${path}.copy`);
    for (const start of ['a', 'b']) {
      copyFileSync(`${path}.copy`, path);
      const audit = new AuditWriter({
        chain: new ChainWriter(chain.store, SIGNER, { entries: 1_000, time: 60_000 }, chain.clock),
        spool: new Spool(folder, { ...owner, start }),
        checkpointFile: new CheckpointFile(null),
        clock: chain.clock,
        host: 'here',
        tell: () => {},
        drained: () => {},
        checkpointTrouble: () => {},
      });
      await audit.tick();
    }
    expect((await chain.entries()).map(({ kind }) => kind)).toEqual([
      'test.entry',
      'test.entry',
      'audit.spool_repaired',
    ]);
  });
});
