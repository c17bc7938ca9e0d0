import { defineConfig } from 'vitest/config';

/** The scenarios of `examples/`: real time passes in them, so they are a task of their own. */
export default defineConfig({
  test: {
    include: ['test/examples/*.slow.ts'],
    testTimeout: 120_000,
  },
});
