import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { openCounters } from '../../src/counters/open-counters.ts';
import { RedisCounters } from '../../src/counters/redis-counters.ts';

describe('where counters are', () => {
  it('is told by a URL', async () => {
    expect(openCounters('memory:', systemClock)).toBeInstanceOf(MemoryCounters);
    for (const url of ['redis://127.0.0.1:1', 'rediss://127.0.0.1:1']) {
      const counters = openCounters(url, systemClock);
      expect(counters).toBeInstanceOf(RedisCounters);
      await expect(counters.check()).rejects.toThrow('cannot be reached');
      await counters.close();
    }
  });

  it('is not told by another URL, which is not quoted: it may hold a password', () => {
    expect(() => openCounters('http://user:secret@host', systemClock)).toThrow(
      'Counters are memory:, redis://HOST:PORT or rediss://HOST:PORT.',
    );
  });
});
