import { defineConfig } from 'vitest/config';

/** The Helm chart, rendered, and the Compose example: with tools that `npm run helm:check` builds first. */
export default defineConfig({
  test: {
    include: ['test/helm/*.helm.ts'],
    isolate: false,
    testTimeout: 60_000,
  },
});
