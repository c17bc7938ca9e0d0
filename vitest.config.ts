import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'bench/test/**/*.test.ts'],
    // Tests share no state but modules, which are stateless: one worker serves many files.
    isolate: false,
    // One worker per core; the default leaves one core idle, which on two cores is half the machine.
    maxWorkers: '100%',
    // For machines that are busy with other things: no test measures time by the clock on the wall.
    testTimeout: 20_000,
  },
});
