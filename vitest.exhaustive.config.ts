import { defineConfig } from 'vitest/config';

/** The long simulations and oracles with all their runs. `npm test` makes a seeded part of them: see `test/support/runs.ts`. */
export default defineConfig({
  test: {
    include: [
      'test/audit/tampering.test.ts',
      'test/config/robustness.test.ts',
      'test/counters/memory-counters.test.ts',
      'test/identify/stored-keys-model.test.ts',
      'test/judge/false-alarms.test.ts',
      'test/judge/goal.test.ts',
      'test/judge/paired.test.ts',
      'test/judge/regression/false-alarms.test.ts',
      'test/outbox/outbox.test.ts',
      'test/redact/json-numbers.test.ts',
      'test/redact/linear.test.ts',
      'test/redact/split-oracle.test.ts',
      'test/spool/line-spool.test.ts',
      'test/translate/openai/properties.test.ts',
    ],
    env: { SLUICE_TEST_EXHAUSTIVE: '1' },
    isolate: false,
    maxWorkers: '100%',
    testTimeout: 120_000,
  },
});
