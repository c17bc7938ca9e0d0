import type { PolicyConfig } from '../core/policy.ts';
import { RuleIndex } from './rule-index.ts';
import { toRule } from './rule.ts';
import { MOMENTS, type Moment, type VariablePath } from './variables.ts';

/** The policies of a configuration, compiled once, in the order of the file. */
export interface RuleSet {
  readonly at: Readonly<Record<Moment, RuleIndex>>;
  /** Some rule reads it. */
  reads(path: VariablePath): boolean;
}

/** Null: there are none. @throws ConditionError */
export function compileRules(policies: readonly PolicyConfig[]): RuleSet | null {
  if (policies.length === 0) return null;
  const rules = policies.map(toRule);
  const at = Object.fromEntries(
    MOMENTS.map((moment) => [moment, new RuleIndex(rules.filter((rule) => rule.moment === moment))]),
  );
  const read = new Set(rules.flatMap((rule) => [...rule.reads]));
  return Object.freeze({
    at: Object.freeze(at as unknown as RuleSet['at']),
    reads: (path: VariablePath) => read.has(path),
  });
}
