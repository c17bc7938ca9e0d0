import type { RedactionChange, RedactionPolicy } from '../core/redaction.ts';

/** A policy with what a route or a key changes of it. */
export function changedPolicy(policy: RedactionPolicy, change: RedactionChange): RedactionPolicy {
  const categories = { ...policy.categories };
  for (const [name, actions] of Object.entries(change.categories)) {
    const category = name as keyof typeof categories;
    categories[category] = { ...categories[category], ...actions };
  }
  const overrides = { ...policy.overrides };
  for (const [id, actions] of Object.entries(change.rules)) overrides[id] = { ...overrides[id], ...actions };
  return {
    ...policy,
    categories,
    overrides,
    rules: policy.rules.map((rule) => ({ ...rule, ...change.rules[rule.id] })),
    detectors: policy.detectors.map((detector) => ({
      ...detector,
      entities: detector.entities.map((entity) => ({ ...entity, ...change.rules[entity.rule] })),
    })),
    restore: { ...policy.restore, ...change.restore },
  };
}
