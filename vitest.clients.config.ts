import { defineConfig } from 'vitest/config';

/** The SDKs that apps use, against every kind of provider: loading them takes longer than most tests. */
export default defineConfig({
  test: {
    include: ['test/clients/*.test.ts'],
    isolate: false,
    maxWorkers: '100%',
    testTimeout: 60_000,
  },
});
