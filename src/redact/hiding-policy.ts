import type { DirectionActions, RedactionPolicy } from '../core/redaction.ts';

/**
 * For what is kept of requests and replies: whatever a policy looks for in either direction is masked in both, also what it
 * only reports. Nothing is blocked, as it has been said already, and nothing comes back.
 */
export function hidingPolicy(policy: RedactionPolicy): RedactionPolicy {
  const categories = Object.entries(policy.categories).map(([name, actions]) => [name, hiding(actions)]);
  const overrides = Object.entries(policy.overrides).map(([rule, actions]) => [rule, hidingChange(actions)]);
  const restore = Object.keys(policy.restore).map((name) => [name, 'nowhere']);
  return {
    ...policy,
    categories: Object.fromEntries(categories) as RedactionPolicy['categories'],
    overrides: Object.fromEntries(overrides) as RedactionPolicy['overrides'],
    rules: policy.rules.map((rule) => ({ ...rule, ...hiding(rule) })),
    restore: Object.fromEntries(restore) as RedactionPolicy['restore'],
    // What they found in the request was replaced before it was sent; a reply is never shown to them.
    detectors: [],
  };
}

function hiding({ request, response }: DirectionActions): DirectionActions {
  const action = request === 'allow' && response === 'allow' ? 'allow' : 'mask';
  return { request: action, response: action };
}

/** A rule that is let be in one direction only is hidden as its category is. */
function hidingChange({ request, response }: Partial<DirectionActions>): Partial<DirectionActions> {
  if (request === 'allow' && response === 'allow') return { request, response };
  const isLookedFor = [request, response].some((action) => action !== undefined && action !== 'allow');
  return isLookedFor ? { request: 'mask', response: 'mask' } : {};
}
