import type { Clock } from '../core/clock.ts';
import type { Counters } from '../core/counters.ts';
import { MemoryCounters } from './memory-counters.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisCounters } from './redis-counters.ts';

/**
 * @param url `memory:`, `redis://…` or `rediss://…`, as the configuration has it. Redis need not be there yet: `check` tells
 * @throws Error for another URL
 */
export function openCounters(url: string, clock: Clock): Counters {
  if (url === 'memory:') return new MemoryCounters(clock);
  if (/^rediss?:\/\//.test(url)) return new RedisCounters(new RedisConnection(url));
  throw new Error('Counters are memory:, redis://HOST:PORT or rediss://HOST:PORT.');
}
