import { defineConfig } from 'vitest/config';

/** Dashboards and alert rules, tried on gateways that a Prometheus scrapes; where none can be had they are skipped, and say so. */
export default defineConfig({
  test: {
    include: ['test/operations/**/*.live.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
