import { defineConfig } from 'vitest/config';

/** Every rule on all its texts with all other rules switched on. `npm test` proves the same of each alone. */
export default defineConfig({
  test: {
    include: ['test/redact/*.slow.ts'],
    isolate: false,
    maxWorkers: '100%',
    testTimeout: 120_000,
  },
});
