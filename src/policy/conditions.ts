import { LRUCache } from 'lru-cache';
import { checkCondition } from './cel/check.ts';
import { compileCondition, type Condition } from './cel/compile.ts';
import type { PolicyFacts } from './facts.ts';

/** Of rollouts, which come and go through the API. */
const compiled = new LRUCache<string, Condition>({ max: 1000 });

/** Whether a condition that was checked before holds; one that cannot be judged does not. */
export function conditionHolds(text: string, facts: PolicyFacts): boolean {
  let condition = compiled.get(text);
  if (condition === undefined) compiled.set(text, (condition = compileCondition(checkCondition(text))));
  try {
    return condition.holds(facts);
  } catch {
    return false;
  }
}
