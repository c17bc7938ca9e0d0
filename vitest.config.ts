import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { bundledThreads } from './test/support/bundled-threads.ts';

export default defineConfig({
  plugins: [bundledThreads()],
  test: {
    include: ['test/**/*.test.ts', 'bench/test/**/*.test.ts'],
    // Loading the SDKs takes longer than most tests: see `vitest.clients.config.ts`.
    exclude: ['test/clients/**'],
    // Tests share no state but modules, which are stateless: one worker serves many files.
    isolate: false,
    // One worker more than cores, as some tests wait for leases and retries; the default leaves a core idle.
    maxWorkers: availableParallelism() + 1,
    // For machines that are busy with other things: no test measures time by the clock on the wall.
    testTimeout: 20_000,
  },
});
