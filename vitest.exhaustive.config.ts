import { defineConfig } from 'vitest/config';

/** The long simulations and oracles with all their runs. `npm test` makes a seeded part of them: see `test/support/runs.ts`. */
export default defineConfig({
  test: {
    include: [
      'test/judge/false-alarms.test.ts',
      'test/judge/goal.test.ts',
      'test/judge/paired.test.ts',
      'test/judge/regression/false-alarms.test.ts',
      'test/redact/linear.test.ts',
      'test/redact/split-oracle.test.ts',
    ],
    env: { SLUICE_TEST_EXHAUSTIVE: '1' },
    isolate: false,
    maxWorkers: '100%',
    testTimeout: 120_000,
  },
});
