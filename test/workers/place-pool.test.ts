import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InflightLimit } from '../../src/policy/admit.ts';
import { PlaceLease } from '../../src/workers/place-lease.ts';
import { PlacePool } from '../../src/workers/place-pool.ts';

class Holder {
  readonly limit: InflightLimit;
  isSilent = false;
  private readonly lease: PlaceLease;

  constructor(pool: () => PlacePool<Holder>) {
    this.lease = new PlaceLease(() => pool().take(this));
    this.limit = new InflightLimit(this.lease);
  }

  giveBack(): Promise<number> {
    return this.isSilent ? Promise.reject(new Error('busy')) : Promise.resolve(this.lease.giveBack(this.limit.claimed));
  }
}

function open(total: number, count: number) {
  const settings = { total };
  const pool = new PlacePool<Holder>(() => settings.total);
  const holders = Array.from({ length: count }, () => new Holder(() => pool));
  for (const holder of holders) pool.join(holder);
  const enter = async (holder: number): Promise<boolean> => {
    try {
      await holders[holder]!.limit.enter(settings.total);
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'overloaded') return false;
      throw error;
    }
  };
  const seated = (): number => holders.reduce((sum, { limit }) => sum + limit.current, 0);
  return { settings, pool, holders, enter, seated };
}

describe('places in flight of several processes', () => {
  it('seat all there are and no more, wherever requests come and go', async () => {
    const step = fc.record({ holder: fc.nat(2), leaves: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 120 }), async (total, steps) => {
        const { holders, enter, seated } = open(total, 3);
        const wrong: string[] = [];
        for (const { holder, leaves } of steps) {
          const { limit } = holders[holder]!;
          const before = seated();
          if (leaves && limit.current > 0) limit.leave();
          else if ((await enter(holder)) !== before < total) wrong.push(`${holder} at ${before} of ${total}`);
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 300, seed: 21 },
    );
  });

  it('seat no more when many ask at once', async () => {
    const { enter, seated } = open(50, 4);
    const asked = Array.from({ length: 200 }, (_, index) => enter(index % 4));
    const entered = (await Promise.all(asked)).filter(Boolean);
    expect(entered.length).toBe(seated());
    expect(seated()).toBeLessThanOrEqual(50);
    // What a block left over is not lost.
    for (let more = entered.length; more < 50; more++) expect(await enter(more % 4)).toBe(true);
    expect(await enter(0)).toBe(false);
  });

  it('are free again when their process is gone', async () => {
    const { pool, holders, enter } = open(4, 2);
    for (let turn = 0; turn < 4; turn++) expect(await enter(0)).toBe(true);
    expect(await enter(1)).toBe(false);
    pool.leave(holders[0]!);
    expect(await enter(1)).toBe(true);
  });

  it('are not given away where a process does not answer: it may have seated somebody', async () => {
    const { holders, enter } = open(16, 2);
    expect(await enter(0)).toBe(true);
    holders[0]!.isSilent = true;
    let seats = 0;
    while (await enter(1)) seats++;
    expect(seats).toBe(15);
  });

  it('are fewer after a reload that says so, as soon as they are free', async () => {
    const { settings, pool, holders, enter } = open(8, 2);
    for (let turn = 0; turn < 4; turn++) await enter(0);
    settings.total = 4;
    await pool.shrink();
    expect(await enter(1)).toBe(false);
    holders[0]!.limit.leave();
    expect(await enter(1)).toBe(true);
    expect(await enter(1)).toBe(false);
  });
});
