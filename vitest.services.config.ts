import { defineConfig } from 'vitest/config';

/** Tests against servers that are not ours (Redis; where none can be had they are skipped, and say so), and of processes that are killed. */
export default defineConfig({
  test: {
    include: ['test/**/*.service.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
