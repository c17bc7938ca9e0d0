import { z } from 'zod';
import type { PolicyConfig } from '../core/policy.ts';
import { bodyFields } from './body-fields.ts';
import { labelValue, name, promptReference } from './names.ts';
import type { Issues } from './problem.ts';
import { yesOrNo } from './units.ts';
import { strict, told } from './zod-kit.ts';

const globs = () => z.array(z.string().min(1));
const ADVICE = { model: 'use `route`', system: 'use `prompt`' };

export const policy = strict({
  name: name().describe('Stands in metrics, records, the log and in the message of a denial.'),
  when: z
    .string()
    .min(1, told('is empty', 'write a CEL expression, or leave it out: then the policy always applies'))
    .optional()
    .describe('A CEL expression of type bool; left out: always. See docs/policies.md for its variables.'),
  enforce: yesOrNo().prefault(true).describe('false: what it would do is counted and logged, and not done.'),
  deny: z
    .string()
    .min(1, told('is empty', 'write the message that callers get'))
    .optional()
    .describe('Refuses the call (403 `policy_denied`) with this message.'),
  approve: yesOrNo().prefault(false).describe('true: answers 403 `approval_required`.'),
  require: z
    .array(z.string().min(1))
    .prefault([])
    .describe('Names of metadata that the call must bring; refused with the first one that is missing.'),
  set: bodyFields('policy', z.json(), ADVICE)
    .prefault({})
    .describe("Top-level fields of the request body to set; they replace the caller's and an arm's."),
  cap: bodyFields('policy', z.number(), ADVICE)
    .prefault({})
    .describe('The most that fields of the request body may be. A bound of the output that is not given is set.'),
  route: z.string().min(1).optional().describe('The call is routed as if it asked for this model name.'),
  prompt: promptReference()
    .optional()
    .describe("`name@version` of an entry under `prompts`: replaces the caller's system prompt, and an arm's."),
  tag: z
    .record(z.string().min(1), labelValue())
    .prefault({})
    .describe("Joined to the request's metadata for rollouts, records and the log."),
  tools: strict({
    allow: globs().optional().describe('Names or globs; a call with any other tool is refused.'),
    deny: globs().prefault([]).describe('Names or globs; a call with such a tool is refused.'),
  })
    .optional()
    .describe('Which tools a call may bring.'),
});

type PolicyFile = z.output<typeof policy>;

/** What the schema cannot see is judged by `check-policies.ts`, which knows CEL. */
export function resolvePolicies(policies: readonly PolicyFile[], issues: Issues): PolicyConfig[] {
  const first = new Map<string, number>();
  for (const [index, { name: given }] of policies.entries()) {
    const earlier = first.get(given);
    if (earlier === undefined) first.set(given, index);
    else
      issues.add(['policies', index, 'name'], `is the same as "policies[${earlier}].name"`, 'give each its own name');
  }
  return policies.map(toPolicy);
}

function toPolicy({ when, deny, route, prompt, tools, ...rest }: PolicyFile): PolicyConfig {
  return {
    ...rest,
    when: when ?? null,
    deny: deny ?? null,
    route: route ?? null,
    prompt: prompt ?? null,
    tools: tools === undefined ? null : { allow: tools.allow ?? null, deny: tools.deny },
  };
}
