import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { SentBatch } from '../../src/core/stores.ts';
import { Outbox } from '../../src/outbox/outbox.ts';
import { LineSpool } from '../../src/spool/line-spool.ts';
import { runsOf } from '../support/runs.ts';

/** Of a process that cannot be. */
const GONE = 4_194_305;
const REST = 1_000;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-outbox-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A store that takes each batch once; it may be away, and it may be lost after it has written. */
class FakeStore {
  readonly taken: string[] = [];
  how: 'well' | 'away' | 'lost' = 'well';
  private readonly newest = new Map<string, number>();

  send = async (batches: readonly SentBatch[]): Promise<void> => {
    if (this.how === 'away') throw new Error('away');
    for (const { id, batch } of batches) {
      if (id.number <= (this.newest.get(id.sender) ?? 0)) continue;
      this.newest.set(id.sender, id.number);
      this.taken.push(batch);
    }
    if (this.how === 'lost') throw new Error('lost');
  };
}

let time = 0;
const clock = { now: () => time, wall: () => time };

function outboxOf(store: FakeStore, directory: string | null, { pid = process.pid, start = 'a', maxBytes = 1e6 } = {}) {
  const owner = { host: 'here', pid, start };
  const spool = directory === null ? null : new LineSpool(directory, owner, { maxBytes, isDurable: false });
  const told: string[] = [];
  const tell = (_: string, message: string) => void told.push(message);
  const deps = { what: 'outcomes', send: store.send, spool, clock, tell };
  return { outbox: new Outbox(deps, spool?.name ?? start), told };
}

beforeEach(() => {
  time = 1_000_000;
});

describe('the outbox', () => {
  it('sends at once while the store is well, and writes nothing to the disk', async () => {
    const [store, place] = [new FakeStore(), folder()];
    const { outbox } = outboxOf(store, place);
    for (const batch of ['1', '2']) await outbox.append(batch);
    expect([store.taken, readdirSync(place)]).toEqual([['1', '2'], []]);
    expect(outbox.state()).toEqual({ bytes: 0, spooled: 0, reason: null });
  });

  it('keeps on disk what the store cannot take, says why, and sends all in order once it is back', async () => {
    const [store, place] = [new FakeStore(), folder()];
    const { outbox, told } = outboxOf(store, place);
    await outbox.append('1');
    store.how = 'away';
    for (const batch of ['2', '3']) await outbox.append(batch);
    expect(outbox.state()).toEqual({ bytes: 8, spooled: 2, reason: 'away' });
    store.how = 'well';
    await outbox.append('4');
    await outbox.tick();
    expect(store.taken).toEqual(['1']);
    time += REST;
    await outbox.tick();
    await outbox.append('5');
    expect(store.taken).toEqual(['1', '2', '3', '4', '5']);
    expect(outbox.state()).toEqual({ bytes: 0, spooled: 3, reason: null });
    expect(readdirSync(place)).toEqual([]);
    expect(told).toEqual(['outcomes wait for the store', 'what waited on disk for the store is there']);
  });

  it('sends what a killed process has left, but for a line that was not written to its end', async () => {
    const [store, place] = [new FakeStore(), folder()];
    const before = outboxOf(store, place, { pid: GONE });
    store.how = 'lost';
    await before.outbox.append('1');
    await before.outbox.append('2');
    appendFileSync(join(place, readdirSync(place)[0]!), '3 torn');
    store.how = 'well';
    const { outbox, told } = outboxOf(store, place, { start: 'b' });
    await outbox.tick();
    await outbox.tick();
    expect(store.taken).toEqual(['1', '2']);
    expect([readdirSync(place), told]).toEqual([[], ['what another process left on disk for the store is there']]);
  });

  it('refuses what neither the store nor the disk takes, and takes it when it is offered again', async () => {
    const store = new FakeStore();
    store.how = 'away';
    const { outbox } = outboxOf(store, folder(), { maxBytes: 10 });
    await outbox.append('12345');
    await expect(outbox.append('67890')).rejects.toThrow('the spool is full (10 bytes)');
    const without = outboxOf(store, null).outbox;
    await expect(without.append('1')).rejects.toThrow('away');
    store.how = 'well';
    time += REST;
    await outbox.tick();
    await outbox.append('67890');
    await without.append('1');
    expect(store.taken).toEqual(['12345', '67890', '1']);
  });

  it('brings every batch once and in order, whatever the store does and whenever the process is killed', async () => {
    const step = fc.constantFrom('append', 'append', 'tick', 'well', 'away', 'lost', 'kill');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const [store, place] = [new FakeStore(), mkdtempSync(join(tmpdir(), 'sluice-outbox-'))];
        let [starts, count] = [0, 0];
        let { outbox } = outboxOf(store, place, { pid: GONE, start: 's0' });
        for (const each of [...steps, 'well', 'kill', 'tick'] as const) {
          if (each === 'append') await outbox.append(String(++count));
          else if (each === 'tick') await outbox.tick();
          else if (each === 'kill')
            ({ outbox } = outboxOf(store, place, { pid: GONE + ++starts, start: `s${starts}` }));
          else store.how = each;
          time += REST;
        }
        const numbers = store.taken.map(Number);
        expect(numbers.toSorted((one, other) => one - other)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
        expect(readdirSync(place)).toEqual([]);
        rmSync(place, { recursive: true });
      }),
      { seed: 41, numRuns: runsOf(150) },
    );
  });
});
