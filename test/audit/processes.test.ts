import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { verifyStore } from '../../src/audit/audit-reader.ts';
import { ORIGIN } from '../../src/audit/checkpoint.ts';
import { NoteSigner } from '../../src/audit/signed-note.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openAuditEvidence } from '../../src/store/open-audit-store.ts';
import { openStores } from '../../src/store/open-stores.ts';
import { temporaryFolder } from './support.ts';

const SCRIPT = join(import.meta.dirname, 'keep-auditing.ts');

function start(path: string, name: string, most: number): ChildProcess {
  const child = spawn(process.execPath, [SCRIPT, path, name, String(most)], { stdio: ['pipe', 'pipe', 'inherit'] });
  // A test that fails leaves none that goes on.
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The subjects that the process says are durable; it is killed after so many. */
async function durable(child: ChildProcess, killAfter = Infinity): Promise<string[]> {
  const exited = once(child, 'exit');
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line !== 'ready') told.push(line);
    if (told.length >= killAfter) child.kill('SIGKILL');
  }
  await exited;
  return told;
}

interface Found {
  readonly ok: boolean;
  readonly checkpoints: number;
  readonly kinds: readonly string[];
  readonly intents: readonly string[];
}

async function look(path: string): Promise<Found> {
  const { store, seed } = await openAuditEvidence(path);
  const { ok, checkpoints } = await verifyStore(store, new NoteSigner(seed!, ORIGIN).verifier, '');
  const rows = await store.entries({ after: 0, limit: 1_000_000 });
  await store.close();
  const intents = rows.filter(({ phase }) => phase === 'intent');
  const subjects = intents.map(({ entry }) => (JSON.parse(entry) as { subject: string }).subject);
  return { ok, checkpoints, kinds: [...new Set(rows.map(({ kind }) => kind))], intents: subjects };
}

const spoolOf = (path: string): string[] => {
  const folder = `${path}.audit-spool`;
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
};

it('kill -9 at any moment loses nothing that was acknowledged, and the chain is whole', async () => {
  const path = join(temporaryFolder(), 'sluice.db');
  const told: string[] = [];
  for (const [round, killAfter] of [1, 3, 40, 117, 260].entries())
    told.push(...(await durable(start(path, `round${round}`, 1e9), killAfter)));
  const { ok, intents, checkpoints } = await look(path);
  expect(ok).toBe(true);
  expect(told.filter((subject) => !intents.includes(subject))).toEqual([]);
  expect(new Set(intents).size).toBe(intents.length);
  expect(checkpoints).toBeGreaterThan(3);
}, 60_000);

it('processes of one store write one chain', async () => {
  const path = join(temporaryFolder(), 'sluice.db');
  const told = await Promise.all([durable(start(path, 'a', 300)), durable(start(path, 'b', 300))]);
  // Where one held the store for long the other may have left entries in its spool, which the next process takes over.
  told.push(await durable(start(path, 'c', 10)));
  const { ok, intents } = await look(path);
  expect(ok).toBe(true);
  expect(told.map(({ length }) => length)).toEqual([300, 300, 10]);
  expect(intents.toSorted()).toEqual(told.flat().toSorted());
  // Each in its own order, and neither after all of the other.
  for (const name of ['a', 'b', 'c']) {
    const own = intents.filter((subject) => subject.startsWith(name)).map((subject) => Number(subject.split(':')[1]));
    expect(own).toEqual(own.toSorted((one, other) => one - other));
  }
}, 60_000);

it('kill -9 while the store is away leaves a spool that the next process takes over, its torn end cut and told', async () => {
  const path = join(temporaryFolder(), 'sluice.db');
  await (await openStores(`sqlite:${path}`, systemClock)).close();
  const lock = new Database(path);
  const child = start(path, 'locked', 1e9);
  await once(child.stdout!, 'data');
  lock.exec('begin exclusive');
  child.stdin!.write('\n');
  const told = await durable(child, 57);
  lock.exec('rollback');
  lock.close();
  const [spool, ...more] = spoolOf(path);
  expect(more).toEqual([]);
  expect(readFileSync(spool!, 'utf8')).toContain(`"subject":"${told[0]}"`);
  appendFileSync(spool!, '{"id":"torn","kind":"test');
  await durable(start(path, 'next', 10));
  const { ok, kinds, intents } = await look(path);
  expect(ok).toBe(true);
  expect(told.filter((subject) => !intents.includes(subject))).toEqual([]);
  expect(kinds.toSorted()).toEqual(['audit.spool_repaired', 'test.action']);
  expect(spoolOf(path)).toEqual([]);
}, 60_000);
