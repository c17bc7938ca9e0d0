import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../src/core/stores.ts';
import { openStores } from '../../src/store/open-stores.ts';

const TTL = 15_000;
const RENEWED = TTL / 4;
const HOUR = 3_600_000;

let directory: string;
let opened: Stores[];
let elapsed: number;

/** A gateway of the store whose wall clock is ahead by so much. */
async function gateway(ahead: number): Promise<Stores> {
  const clock = { now: () => elapsed, wall: () => Date.UTC(2026, 0, 1) + elapsed + ahead };
  const stores = await openStores(`sqlite:${join(directory, 'sluice.db')}`, clock);
  opened.push(stores);
  return stores;
}

async function holds({ leases }: Stores, holder: string): Promise<boolean> {
  return (await leases.acquire('controller', holder, TTL)) !== null;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-lease-'));
  [opened, elapsed] = [[], 0];
});

afterEach(async () => {
  await Promise.all(opened.map((stores) => stores.close()));
  rmSync(directory, { recursive: true, force: true });
});

describe('a lease of a clock that is ahead', () => {
  it.each([12_000, HOUR])('by %i ms stays with its holder as long as it is renewed', async (ahead) => {
    const [fast, slow] = [await gateway(ahead), await gateway(0)];
    expect(await holds(fast, 'fast')).toBe(true);
    for (let turn = 0; turn < 40; turn++) {
      elapsed += RENEWED;
      expect(await holds(slow, 'slow')).toBe(false);
      expect(await holds(fast, 'fast')).toBe(true);
    }
  });

  it('changes hands once at most while two hold it in turns', async () => {
    const [slow, fast] = [await gateway(0), await gateway(HOUR)];
    const holders: string[] = [];
    for (let turn = 0; turn < 40; turn++) {
      elapsed += RENEWED;
      if (await holds(slow, 'slow')) holders.push('slow');
      if (await holds(fast, 'fast')) holders.push('fast');
    }
    expect(holders.slice(2)).toEqual(Array.from({ length: 39 }, () => 'fast'));
  });

  it('is free once nobody has renewed it for its time', async () => {
    const [fast, slow] = [await gateway(HOUR), await gateway(0)];
    await holds(fast, 'fast');
    expect(await holds(slow, 'slow')).toBe(false);
    elapsed += TTL;
    expect(await holds(slow, 'slow')).toBe(false);
    elapsed += 1;
    expect(await slow.leases.acquire('controller', 'slow', TTL)).toMatchObject({ holder: 'slow', token: 2 });
    expect(await holds(slow, 'slow')).toBe(true);
  });

  it('is not free before it runs out where it is ahead by no more than clocks may be', async () => {
    const [fast, slow] = [await gateway(9_000), await gateway(0)];
    await holds(fast, 'fast');
    await holds(slow, 'slow');
    elapsed += TTL + 8_999;
    expect(await holds(slow, 'slow')).toBe(false);
    elapsed += 1;
    expect(await holds(slow, 'slow')).toBe(true);
  });
});
