import type { Environment } from '../../src/config/environment.ts';
import { parseConfig, type LoadedConfig } from '../../src/config/load.ts';
import { ConfigError, type Problem } from '../../src/config/problem.ts';

/** The text with what it lacks to be a whole configuration behind it, where it moves no line. */
export function whole(text: string): string {
  const [, provider] = /^providers:\s*\{?\s*(\w+):/m.exec(text) ?? [];
  const hasModels = /^(models|passthrough):/m.test(text);
  return [
    text,
    ...(provider === undefined ? ['providers: { sim: { type: simulator } }'] : []),
    ...(hasModels ? [] : [`passthrough: { provider: ${provider ?? 'sim'} }`]),
  ].join('\n');
}

/** A configuration from text that stands in for the file `test.yaml`. */
export function parse(text: string, environment: Environment = {}): LoadedConfig {
  return parseConfig(Buffer.from(text), 'test.yaml', environment);
}

/** As `parse`, of a text that says no more than what a test is about. */
export function load(text: string, environment: Environment = {}): LoadedConfig {
  return parse(whole(text), environment);
}

/** The problems of a text that must be refused. */
export function problemsOf(text: string, environment: Environment = {}): readonly Problem[] {
  return refusalOf(() => parse(text, environment));
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
