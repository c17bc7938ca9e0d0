import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@redis/client';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningRedis, startRedis } from '../../scripts/redis-server.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Claim, Counters } from '../../src/core/counters.ts';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { openCounters } from '../../src/counters/open-counters.ts';
import { RedisConnection } from '../../src/counters/redis-connection.ts';
import { RedisCounters } from '../../src/counters/redis-counters.ts';
import { redisForTests } from '../support/redis.ts';
import { countersSuite } from './counters-suite.ts';
import { HAMMERED, type HammerReport } from './hammer.ts';
import { follow, histories, START } from './histories.ts';

type Admin = ReturnType<typeof createClient>;

const PROCESSES = 16;
const run = promisify(execFile);

const installed = redisForTests('counters on Redis');

describe.skipIf(installed === null)('counters on Redis', () => {
  let redis: RunningRedis;
  let connection: RedisConnection;
  let counters: Counters;
  let client: Admin;

  beforeAll(async () => {
    redis = await startRedis(installed!);
    connection = new RedisConnection(redis.url);
    counters = openCounters(redis.url, systemClock);
    client = createClient({ url: redis.url });
    await client.connect();
  });
  afterAll(async () => {
    await connection.close();
    await counters.close();
    await client.close();
    await redis.stop();
  });

  describe('by a clock that the test sets', () => {
    const clock = { time: START, now: () => clock.time, wall: () => clock.time };
    const open = () => {
      clock.time = START;
      return { counters: new RedisCounters(connection, () => clock.time), clock, space: randomUUID() };
    };

    it('answer as the model does, and as counters in memory do, in every number', async () => {
      await fc.assert(
        fc.asyncProperty(histories(150), async (steps) => {
          const { counters, space } = open();
          const shared = await follow(counters, clock, steps, space);
          clock.time = START;
          expect(await follow(new MemoryCounters(clock), clock, steps, space)).toEqual(shared);
        }),
        { numRuns: 1000, seed: 9 },
      );
    });

    countersSuite(open, 200);

    it('throw away what has left a rolling budget', async () => {
      const { counters, space } = open();
      const window = { kind: 'rolling', length: 600_000, parts: 10 } as const;
      const claim: Claim = { kind: 'budget', counter: `${space}rolls`, limit: 1_000, amount: 1, window };
      for (let spent = 0; spent < 50; spent++) {
        await counters.settle({ id: `${space}${spent}`, claims: [claim], expiresIn: 1 }, [1]);
        clock.time += 60_000;
      }
      await counters.peek([claim]);
      const key = (await client.keys(`*${space}rolls*`)).find((each) => !each.endsWith(':o'));
      expect(await client.hLen(key!)).toBeLessThanOrEqual(11);
    });
  });

  describe('by the clock of the server', () => {
    const place: Claim = { kind: 'place', counter: 'own-clock', limit: 1 };
    const free = async () => (await counters.peek([place]))[0]!.remaining;

    it('give a place back when its gateway has crashed, and keep it while it is renewed', async () => {
      const [crashed, alive] = ['crashed', 'alive'].map((id) => ({ id, claims: [place], expiresIn: 100 }));
      expect((await counters.reserve(crashed!)).isGranted).toBe(true);
      expect(await free()).toBe(0);
      await vi.waitFor(async () => expect((await counters.reserve(alive!)).isGranted).toBe(true), { timeout: 10_000 });
      await counters.renew([crashed!, alive!], 600_000);
      const [member] = await client.zRangeWithScores('{sluice}p:own-clock', 0, -1);
      expect(member!.value).toBe('alive');
      expect(member!.score).toBeGreaterThan(Date.now() + 300_000);
      await counters.settle(alive!, [0]);
      expect(await free()).toBe(1);
    });

    it('ask once a decision, and have the script when the server has forgotten it', async () => {
      await client.sendCommand(['SCRIPT', 'FLUSH']);
      expect(await free()).toBe(1);
      await client.sendCommand(['CONFIG', 'RESETSTAT']);
      const claims = Object.values(HAMMERED).map((claim) => ({ ...claim, counter: `once-${claim.counter}` }));
      await counters.reserve({ id: 'once', claims, expiresIn: 1000 });
      const stats = await client.sendCommand<string>(['INFO', 'commandstats']);
      expect(stats).toMatch(/cmdstat_evalsha:calls=1,/);
    });

    const DAY = 86_400_000;
    const rolling = (counter: string, length = 600_000): Claim => {
      return { kind: 'budget', counter, limit: 100, amount: 10, window: { kind: 'rolling', length, parts: 10 } };
    };
    const lives = async (part: string): Promise<number[]> =>
      Promise.all((await client.keys(`*${part}*`)).map((key) => client.pTTL(key)));

    it('keep a key for the longest of what stands in it, and for longer where that is renewed', async () => {
      const claims: Claim[] = [{ kind: 'place', counter: 'long-p', limit: 9 }, rolling('long-b')];
      const long = { id: 'long', claims, expiresIn: 1_000 };
      await counters.reserve(long);
      await counters.renew([long], DAY);
      await counters.reserve({ id: 'short', claims, expiresIn: 1 });
      const places = await lives('long-p');
      const budgets = await lives('long-b');
      expect([places.length, budgets.length]).toEqual([1, 2]);
      for (const life of [...places, ...budgets]) expect(life).toBeGreaterThan(DAY);
    });

    it('count as free what the server has thrown away', async () => {
      await counters.reserve({ id: 'evicted', claims: [rolling('evicted')], expiresIn: DAY });
      expect((await counters.peek([rolling('evicted')]))[0]!.remaining).toBe(90);
      await client.del((await client.keys('*evicted*:o'))[0]!);
      expect((await counters.peek([rolling('evicted')]))[0]!.remaining).toBe(100);
    });

    it('keep nothing of a limit of nothing', async () => {
      const none: Claim = { kind: 'rate', counter: 'none', limit: 0, per: 60_000, amount: 0 };
      await counters.settle({ id: 'of none', claims: [none], expiresIn: 1 }, [5]);
      expect(await client.keys('*r:none*')).toEqual([]);
    });

    it('leave nothing for ever: every key has an end, and stands under one hash tag', async () => {
      const keys = await client.keys('*');
      expect(keys.length).toBeGreaterThan(10);
      expect(keys.filter((key) => !key.startsWith('{sluice}'))).toEqual([]);
      const ends = await Promise.all(keys.map((key) => client.pTTL(key)));
      expect(ends.filter((end) => end < 0)).toEqual([]);
    });

    it(`give ${PROCESSES} processes together exactly what there is`, async () => {
      const script = join(import.meta.dirname, 'hammer.ts');
      const names = Array.from({ length: PROCESSES }, (_, index) => `process-${index}`);
      const outputs = await Promise.all(names.map((name) => run(process.execPath, [script, redis.url, name])));
      const reports = outputs.map(({ stdout }) => JSON.parse(stdout) as HammerReport);
      const total = (kind: keyof HammerReport) => reports.reduce((sum, report) => sum + report[kind], 0);
      expect(total('places')).toBe(50);
      expect(total('rate')).toBe(333);
      expect(total('reserved')).toBe(810);
      const spent = total('spent');
      const room = HAMMERED.spent.limit - spent;
      expect(room).toBeGreaterThanOrEqual(0);
      const claims = Object.values(HAMMERED);
      expect((await counters.peek(claims)).map(({ remaining }) => remaining)).toEqual([
        0,
        1,
        1_000_000_007 % 1_234_567,
        room,
      ]);
    });
  });
});
