import type { Environment } from '../../src/config/environment.ts';
import { parseConfig, type LoadedConfig } from '../../src/config/load.ts';
import { ConfigError, type Problem } from '../../src/config/problem.ts';

/** A configuration from text that stands in for the file `test.yaml`. */
export function load(text: string, environment: Environment = {}): LoadedConfig {
  return parseConfig(Buffer.from(text), 'test.yaml', environment);
}

/** The problems of a text that must be refused. */
export function problemsOf(text: string, environment: Environment = {}): readonly Problem[] {
  return refusalOf(() => load(text, environment));
}

export function refusalOf(action: () => unknown): readonly Problem[] {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('It was accepted.');
}
