import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningRedis, startRedis } from '../../scripts/redis-server.ts';
import { systemClock } from '../../src/core/clock.ts';
import {
  type BudgetClaim,
  type Counters,
  CountersUnavailableError,
  type PlaceClaim,
  type RateClaim,
  type Reservation,
} from '../../src/core/counters.ts';
import { openCounters } from '../../src/counters/open-counters.ts';
import { SharedOrLocal } from '../../src/counters/shared-or-local.ts';
import { redisForTests } from '../support/redis.ts';

const HALF = { localShare: 0.5 };
const LIMIT = 1_000_000;
const WINDOW = { kind: 'rolling', length: 24 * 3_600_000, parts: 24 } as const;
const budget: BudgetClaim = { kind: 'budget', counter: 'b', limit: LIMIT, amount: 10, window: WINDOW, whenDown: HALF };
const place: PlaceClaim = { kind: 'place', counter: 'p', limit: 100, whenDown: HALF };
const closed: RateClaim = { kind: 'rate', counter: 'r', limit: 1_000_000, per: 60_000, amount: 1 };

const installed = redisForTests('a Redis that goes away');

describe.skipIf(installed === null)('a Redis that goes away', () => {
  let redis: RunningRedis;
  let shared: Counters;
  let counters: SharedOrLocal;
  let told: string[];

  beforeEach(async () => {
    redis = await startRedis(installed!);
    shared = openCounters(redis.url, systemClock);
    told = [];
    counters = new SharedOrLocal(shared, systemClock, {
      down: () => void told.push('down'),
      up: () => void told.push('up'),
      decidedAlone: (how) => void (told.at(-1) === how || told.push(how)),
      lost: (count) => void told.push(`lost ${count}`),
    });
  });
  afterEach(async () => {
    await counters.close();
    await redis.stop();
  });

  const ofId = (id: string): Reservation => ({ id, claims: [budget, place], expiresIn: 60_000 });

  /** Requests one after the other, until something has been told. @returns how many were granted */
  async function serveUntil(isOver: () => boolean, name: string, spent: number): Promise<number> {
    let granted = 0;
    for (let request = 0; !isOver(); request++) {
      const reservation = ofId(`${name}-${request}`);
      if ((await counters.reserve(reservation)).isGranted) {
        granted++;
        await counters.settle(reservation, [spent, 0]);
      }
      await setImmediate();
    }
    return granted;
  }

  const count = (turns: number) => () => turns-- === 0;

  it('killed in the middle and started again: a local share meanwhile, and the money is charged to the new one', async () => {
    await shared.check();
    await serveUntil(count(50), 'before', 1);
    expect((await shared.peek([budget]))[0]!.remaining).toBe(LIMIT - 50);
    const open = ofId('open');
    await counters.reserve(open);
    await redis.kill();
    expect(await serveUntil(() => told.includes('local'), 'local', 2)).toBe(1);
    expect(await serveUntil(count(20), 'more', 2)).toBe(20);
    await expect(counters.reserve({ ...ofId('closed'), claims: [closed] })).rejects.toThrow(CountersUnavailableError);
    await counters.settle(open, [7, 0]);
    redis = await startRedis(installed!, Number(new URL(redis.url).port));
    const later = await serveUntil(() => told.includes('up'), 'later', 3);
    // It kept nothing on disk: what was spent before the kill is forgotten, what was settled since is charged.
    await settled();
    expect((await shared.peek([budget, place])).map(({ remaining }) => remaining)).toEqual([
      LIMIT - 21 * 2 - 7 - later * 3,
      100,
    ]);
    expect(told.filter((line) => line !== 'local')).toEqual(['down', 'closed', 'up']);
  });

  it('hangs: nobody waits for it for long, and it is used again when it goes on, by the same or a new connection', async () => {
    await shared.check();
    const held = ofId('held');
    await counters.reserve(held);
    process.kill(redis.pid, 'SIGSTOP');
    await serveUntil(() => told.includes('local'), 'hung', 1);
    for (let failures = 0; failures < 16; failures++)
      await expect(shared.check()).rejects.toThrow(CountersUnavailableError);
    process.kill(redis.pid, 'SIGCONT');
    await serveUntil(() => told.includes('up'), 'hung-later', 0);
    await counters.settle(held, [5, 0]);
    await settled();
    const [budgetState, placeState] = await shared.peek([budget, place]);
    expect(placeState!.remaining).toBe(100);
    expect(LIMIT - budgetState!.remaining).toBeGreaterThanOrEqual(6);
    expect(LIMIT - budgetState!.remaining).toBeLessThan(30);
  });

  it('is not there yet: the gateway starts, and uses it when it comes', async () => {
    const { url } = redis;
    await redis.kill();
    const late = openCounters(url, systemClock);
    await expect(late.check()).rejects.toThrow(CountersUnavailableError);
    redis = await startRedis(installed!, Number(new URL(url).port));
    await untilReady(late);
    expect((await late.reserve(ofId('first'))).isGranted).toBe(true);
    await late.close();
  });

  /** What local reservations are owed is told in the background. */
  async function settled(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) await shared.check();
  }
});

async function untilReady(counters: Counters): Promise<void> {
  for (;;) {
    try {
      return await counters.check();
    } catch {
      await setImmediate();
    }
  }
}
