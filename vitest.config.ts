import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'bench/test/**/*.test.ts'],
    // Tests share no state but modules, which are stateless: one worker serves many files.
    isolate: false,
    // For machines that are busy with other things: no test measures time by the clock on the wall.
    testTimeout: 20_000,
  },
});
