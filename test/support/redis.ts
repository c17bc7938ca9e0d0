import { describe } from 'vitest';
import { findRedis, type Installed } from '../../scripts/redis-server.ts';

const found = findRedis();

/** A suite that needs a Redis; skipped, with one line that says why, where there is none. */
export function describeWithRedis(name: string, suite: (redis: Installed) => void): void {
  if (typeof found !== 'string') {
    describe(name, () => suite(found));
    return;
  }
  process.stderr.write(`SKIPPED: ${name}: ${found}\n`);
  describe.skip(name, () => undefined);
}
