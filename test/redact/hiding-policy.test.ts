import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_REDACTION } from '../../src/config/redaction.ts';
import { REDACTION_ACTIONS, REDACTION_CATEGORIES, type RedactionPolicy } from '../../src/core/redaction.ts';
import { hidingPolicy } from '../../src/redact/hiding-policy.ts';

const action = fc.constantFrom(...REDACTION_ACTIONS);
const actions = fc.record({ request: action, response: action });

const policies: fc.Arbitrary<RedactionPolicy> = fc
  .record({
    categories: fc.record(Object.fromEntries(REDACTION_CATEGORIES.map((name) => [name, actions]))),
    overrides: fc.dictionary(
      fc.constantFrom('pii.email', 'secret.github_pat'),
      fc.record({ request: action, response: action }, { requiredKeys: [] }),
    ),
    rules: fc.array(
      actions.map((each) => ({ id: 'custom.x', pattern: 'x', ...each })),
      { maxLength: 2 },
    ),
  })
  .map((parts) => ({ ...DEFAULT_REDACTION, ...parts }) as unknown as RedactionPolicy);

test('what either direction looks for is masked in both; what neither does is let be', () => {
  fc.assert(
    fc.property(policies, (policy) => {
      const hidden = hidingPolicy(policy);
      for (const name of REDACTION_CATEGORIES) {
        const { request, response } = policy.categories[name];
        const expected = request === 'allow' && response === 'allow' ? 'allow' : 'mask';
        expect(hidden.categories[name]).toEqual({ request: expected, response: expected });
      }
      for (const [index, rule] of policy.rules.entries()) {
        const expected = rule.request === 'allow' && rule.response === 'allow' ? 'allow' : 'mask';
        expect(hidden.rules[index]).toEqual({ ...rule, request: expected, response: expected });
      }
    }),
    { seed: 7 },
  );
});

test('a rule with actions of its own is masked where it is looked for; nothing is blocked and nothing comes back', () => {
  fc.assert(
    fc.property(policies, (policy) => {
      const hidden = hidingPolicy(policy);
      for (const [id, own] of Object.entries(policy.overrides)) {
        const told = Object.values(own);
        const isLetBe = told.length === 2 && told.every((each) => each === 'allow');
        const expected = told.some((each) => each !== 'allow')
          ? { request: 'mask', response: 'mask' }
          : isLetBe
            ? own
            : {};
        expect(hidden.overrides[id]).toEqual(expected);
      }
      expect(new Set(Object.values(hidden.restore))).toEqual(new Set(['nowhere']));
      expect(hidden.detectors).toEqual([]);
    }),
    { seed: 8 },
  );
});
