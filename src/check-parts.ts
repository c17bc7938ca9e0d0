import type { Issues, Path } from './config/problem.ts';
import type { Config, ProviderConfig } from './core/config.ts';
import { REDACTION_CATEGORIES, type CustomRule, type RedactionPolicy } from './core/redaction.ts';
import { createRedactor } from './redact/redactor.ts';
import { checkProfile, parseFault } from './simulator/simulator.ts';

/** What only the parts themselves can judge, told with its place in the file before anything of it is in force. */
export function checkParts(config: Config, issues: Issues): void {
  for (const [index, rule] of config.redaction.rules.entries()) {
    attempt(
      issues,
      ['redaction', 'rules', index, 'pattern'],
      'write a pattern that needs bounded text and linear time',
      () => createRedactor(policyOf(rule), Buffer.alloc(32)),
    );
  }
  for (const provider of config.providers) checkSimulator(provider, issues);
}

function checkSimulator({ name, simulator }: ProviderConfig, issues: Issues): void {
  for (const [model, profile] of Object.entries(simulator?.profiles ?? {})) {
    attempt(issues, ['providers', name, 'profiles', model], 'correct the field', () => checkProfile(profile));
  }
  for (const [index, fault] of (simulator?.faults ?? []).entries()) {
    attempt(issues, ['providers', name, 'faults', index], 'write one of the kinds, e.g. cut:0.1', () =>
      parseFault(fault),
    );
  }
}

function policyOf(rule: CustomRule): RedactionPolicy {
  const allow = { request: 'allow', response: 'allow' } as const;
  const categories = Object.fromEntries(REDACTION_CATEGORIES.map((category) => [category, allow]));
  return { categories: categories as RedactionPolicy['categories'], rules: [rule], allow: [] };
}

function attempt(issues: Issues, path: Path, fix: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    issues.add(path, `is refused: ${(error as Error).message}`, fix);
  }
}
