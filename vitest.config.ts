import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'bench/test/**/*.test.ts'],
    // Loading the SDKs takes longer than most tests: see `vitest.clients.config.ts`.
    exclude: ['test/clients/**'],
    // Tests share no state but modules, which are stateless: one worker serves many files.
    isolate: false,
    // One worker more than cores, as some tests wait for leases and retries; the default leaves a core idle.
    maxWorkers: availableParallelism() + 1,
    // Processes that tests start read and compile what an earlier one did.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/sluice-tests', import.meta.url)) },
    // For machines that are busy with other things: no test measures time by the clock on the wall.
    testTimeout: 20_000,
  },
});
