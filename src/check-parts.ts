import { checkMatch, checkPolicies } from './check-policies.ts';
import type { Issues, Path } from './config/problem.ts';
import { DEFAULT_REDACTION } from './config/redaction.ts';
import type { Config, ProviderConfig } from './core/config.ts';
import { REDACTION_CATEGORIES, type CustomRule, type RedactionChange, type RedactionPolicy } from './core/redaction.ts';
import { BUILT_IN_RULES, createRedactor } from './redact/redactor.ts';
import { checkProfile, parseFault } from './simulator/simulator.ts';

/** What only the parts themselves can judge, told with its place in the file before anything of it is in force. */
export function checkParts(config: Config, issues: Issues, warnings: Issues): void {
  for (const [index, rule] of config.redaction.rules.entries()) checkRule(rule, rule.index ?? index, issues);
  checkRuleIds(config, issues);
  if (issues.list.length === 0) warnOfIdleEntries(config.redaction, warnings);
  for (const provider of config.providers) checkSimulator(provider, issues);
  checkPolicies(config, issues);
  for (const [index, { match }] of config.rollouts.entries())
    if (match.when !== undefined) checkMatch(match.when, ['rollouts', index, 'match', 'when'], issues);
}

function checkRule(rule: CustomRule, index: number, issues: Issues): void {
  const path = ['redaction', 'rules', index];
  attempt(issues, [...path, 'pattern'], 'write a pattern that can match, in bounded text and linear time', () => {
    const redactor = createRedactor(policyOf(rule), Buffer.alloc(32));
    const isFound = (text: string): boolean => redactor.redactText(text, 'request').findings.length > 0;
    for (const [i, text] of (rule.examples ?? []).entries())
      if (!isFound(text))
        issues.add([...path, 'examples', i], 'is not found by the pattern', 'correct the pattern, or the example');
    for (const [i, text] of (rule.nearMisses ?? []).entries())
      if (isFound(text))
        issues.add([...path, 'nearMisses', i], 'is found by the pattern', 'narrow the pattern, or remove the text');
  });
}

const LITERAL = /^[\w -]*$/;
/** What makes rules find a value that they do not know by its form: `%` stands for it. */
const CONTEXTS = ['%', 'password = "%"', 'api_token: %', 'https://user:%@host.example.com/', 'Authorization: Bearer %'];

/** An entry that no rule would find is a typing error, or is left of a rule that is gone; so is a rule for one entry. */
function warnOfIdleEntries(policy: RedactionPolicy, warnings: Issues): void {
  if (policy.allow.length === 0) return;
  for (const [i, { pattern, index = i }] of policy.rules.entries())
    if (LITERAL.test(pattern) && policy.allow.includes(pattern))
      warnings.add(
        ['redaction', 'rules', index, 'pattern'],
        'finds nothing but a value of redaction.allow: it does nothing',
        'remove the rule, or the value',
      );
  const redactor = createRedactor({ ...reporting(policy), allow: [] }, Buffer.alloc(32));
  for (const [index, value] of policy.allow.entries()) {
    const isFound = CONTEXTS.some((context) => {
      const start = context.indexOf('%');
      const { findings } = redactor.redactText(
        context.replace('%', () => value),
        'request',
      );
      return findings.some((finding) => finding.start === start && finding.end === start + value.length);
    });
    if (!isFound)
      warnings.add(
        ['redaction', 'allow', index],
        'is a value that no rule finds: it does nothing',
        'correct or remove it',
      );
  }
}

/** A test of values stops at none, whatever is switched off where. */
function reporting(policy: RedactionPolicy): RedactionPolicy {
  const report = { request: 'report', response: 'report' } as const;
  const categories = Object.fromEntries(REDACTION_CATEGORIES.map((category) => [category, report]));
  return {
    ...policy,
    categories: categories as RedactionPolicy['categories'],
    overrides: {},
    rules: policy.rules.map((rule) => ({ ...rule, ...report })),
  };
}

/** Actions of rules that do not exist would be a protection that nobody has. */
function checkRuleIds({ redaction, routes, keys }: Config, issues: Issues): void {
  const fix = UNKNOWN_RULE_FIX;
  for (const id of Object.keys(redaction.overrides))
    if (!BUNDLED.has(id)) issues.add(['redaction', 'rules'], `names the rule "${id}", which does not exist`, fix);
  const own = redaction.rules.map(({ id }) => id);
  for (const id of own)
    if (BUNDLED.has(id))
      issues.add(['redaction', 'rules'], `gives the bundled rule "${id}" a pattern`, 'choose another id');
  const isRule = (id: string): boolean => BUNDLED.has(id) || own.includes(id);
  for (const id of idsOfDetectors(redaction))
    if (isRule(id))
      issues.add(['redaction', 'detectors'], `gives what it finds the id of the rule "${id}"`, 'choose another id');
  for (const { name, redaction: change } of routes)
    checkRedactionChange(change, redaction, ['models', name, 'redaction', 'rules'], issues);
  for (const [index, { redaction: change }] of keys.entries())
    checkRedactionChange(change, redaction, ['keys', index, 'redaction', 'rules'], issues);
}

const BUNDLED: ReadonlySet<string> = new Set(BUILT_IN_RULES.map(({ id }) => id));
const UNKNOWN_RULE_FIX = 'write the id of a bundled rule, e.g. secret.github_pat, or give the rule a pattern';

/** What a route or a key changes of the policy. */
export function checkRedactionChange(
  change: RedactionChange | null,
  policy: RedactionPolicy,
  path: Path,
  issues: Issues,
): void {
  const found = idsOfDetectors(policy);
  const own = new Set(policy.rules.map(({ id }) => id));
  for (const [id, { response = 'allow' }] of Object.entries(change?.rules ?? {})) {
    if (!BUNDLED.has(id) && !own.has(id) && !found.has(id))
      issues.add(path, `names the rule "${id}", which does not exist`, UNKNOWN_RULE_FIX);
    if (found.has(id) && response !== 'allow')
      issues.add(path, `wants "${id}" in replies, about which no detector is asked`, 'remove response');
  }
}

function idsOfDetectors({ detectors }: RedactionPolicy): ReadonlySet<string> {
  return new Set(detectors.flatMap(({ entities }) => entities.map(({ rule }) => rule)));
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
  return {
    ...DEFAULT_REDACTION,
    categories: categories as RedactionPolicy['categories'],
    rules: [{ ...rule, request: 'report' }],
  };
}

function attempt(issues: Issues, path: Path, fix: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    issues.add(path, `is refused: ${(error as Error).message}`, fix);
  }
}
