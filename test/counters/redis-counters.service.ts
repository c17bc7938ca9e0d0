import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningRedis, startRedis } from '../../scripts/redis-server.ts';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { RedisConnection } from '../../src/counters/redis-connection.ts';
import { RedisCounters } from '../../src/counters/redis-counters.ts';
import { describeWithRedis } from '../support/redis.ts';
import { follow, histories, START } from './histories.ts';

describeWithRedis('counters on Redis', (installed) => {
  let redis: RunningRedis;
  let connection: RedisConnection;
  const clock = { time: START, now: () => clock.time, wall: () => clock.time };

  beforeAll(async () => {
    redis = await startRedis(installed);
    connection = new RedisConnection(redis.url);
  });
  afterAll(async () => {
    await connection.close();
    await redis.stop();
  });

  describe('by a clock that the test sets', () => {
    it('answer as the model does, and as counters in memory do, in every number', async () => {
      await fc.assert(
        fc.asyncProperty(histories(150), async (steps) => {
          const space = randomUUID();
          clock.time = START;
          const shared = await follow(new RedisCounters(connection, () => clock.time), clock, steps, space);
          clock.time = START;
          expect(await follow(new MemoryCounters(clock), clock, steps, space)).toEqual(shared);
        }),
        { numRuns: 400, seed: 9 },
      );
    });
  });
});
