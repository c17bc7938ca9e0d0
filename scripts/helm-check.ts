/**
 * Checks the Helm chart and the Compose example: `test/helm`, with tools that Go builds into a cache folder on the first run.
 * Where there is no Go, or no time left to build with it, it says so and passes; else whatever goes wrong fails.
 */
import { spawnSync } from 'node:child_process';
import { COMPOSE, goTool, hasGo, HELM, KUBECONFORM, OutOfTimeError } from './helm/go-tools.ts';
import { kubernetesSchemas } from './helm/kubernetes-schemas.ts';

function main(): number {
  if (!hasGo()) {
    console.log('helm:check is skipped: there is no Go here to build helm with (https://go.dev/dl/)');
    return 0;
  }
  const began = performance.now();
  try {
    for (const tool of [HELM, KUBECONFORM, COMPOSE]) goTool(tool);
    kubernetesSchemas();
  } catch (error) {
    if (!(error instanceof OutOfTimeError)) throw error;
    console.log('helm:check is skipped: helm could not be built in the time that was left; run it by itself, once');
    return 0;
  }
  console.log(`helm:check: tools and schemas are at hand after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return spawnSync('vitest', ['run', '--config', 'vitest.helm.config.ts'], { stdio: 'inherit' }).status ?? 1;
}

process.exitCode = main();
