import { z } from 'zod';
import { bodyFields } from './body-fields.ts';
import { METADATA_NAME, labelValue, name, promptReference, target } from './names.ts';
import { budget, duration, longDuration, margin, percent, timeLimit, yesOrNo } from './units.ts';
import { strict, told } from './zod-kit.ts';

const params = bodyFields('rollout', z.json()).describe(
  "Top-level fields of the request body that the arm sets, e.g. `temperature`; they replace the caller's.",
);

const change = {
  target: target().optional().describe("`provider/model`; left out: the route's own."),
  params: params.optional(),
  prompt: promptReference()
    .optional()
    .describe("`name@version` of an entry under `prompts`: replaces the caller's system prompt."),
};

const match = z
  .object({
    model: z.string().min(1).optional().describe('The model name that the app asked for; `*` matches any text.'),
    key: z.string().min(1).optional().describe("The name of the caller's key; `*` matches any text."),
    when: z
      .string()
      .min(1)
      .optional()
      .describe('A CEL expression over `request.*`, `key.*`, `metadata.*` and `time.*`; see docs/policies.md.'),
  })
  .catchall(labelValue().describe('`metadata.NAME`: a metadata value of the request; `*` matches any text.'))
  .check((context) => {
    const given = Object.keys(context.value);
    if (given.length === 0) context.issues.push(issue([], NO_MATCH));
    for (const key of given) {
      if (key === 'model' || key === 'key' || key === 'when' || METADATA_NAME.test(key)) continue;
      context.issues.push(issue([key], told('is not a condition', 'match by model, key or metadata.NAME')));
    }
  })
  .describe('Which requests take part; all conditions that are given must hold.');

const NO_MATCH = told('names no condition', 'match by model, key or metadata.NAME; model: "*" takes every request');

function issue(path: string[], message: string) {
  return { code: 'custom' as const, path, message, input: undefined };
}

const unitSource = z
  .string()
  .regex(
    /^(?:metadata\..+|user|key|request)$/,
    told('is not a source of units', 'use metadata.NAME, user, key or request'),
  );

const segment = z
  .string()
  .regex(/^(?:metadata\..+|key|language)$/, told('is not a segment', 'use metadata.NAME, key or language'));

const step = z.union(
  [
    percent().transform((weight) => ({ weight, min: undefined, max: undefined, pause: false })),
    strict({
      weight: percent(),
      min: duration().optional().describe('Stay at least so long; default: `step.min`.'),
      max: duration().optional().describe('Decide after so long; default: `step.max`.'),
      pause: yesOrNo().prefault(false).describe('Wait here for `resume` or `promote`.'),
    }),
  ],
  {
    error: told(
      'must be a percentage or a step',
      'write a number from 0 to 100 such as 25%, or {weight: 25%, pause: true}',
    ),
  },
);

const steps = z
  .array(step)
  .min(1, told('is empty', 'write the weights to climb, e.g. [5%, 25%, 50%, 100%]'))
  .refine(
    (weights) => weights.every(({ weight }, index) => index === 0 || weight > weights[index - 1]!.weight),
    told('must rise strictly', 'write each weight larger than the one before, e.g. [5%, 25%, 50%, 100%]'),
  );

const guard = strict({
  error_rate: margin().optional().describe('Share of failed requests.'),
  ttft_p95: margin().optional().describe('95th percentile of the time to the first token.'),
  latency_p95: margin().optional().describe('95th percentile of the duration.'),
  refusal_rate: margin().optional().describe('Share of refusals.'),
  invalid_json: margin().optional().describe('Share of structured replies that are not valid.'),
  cost: margin().optional().describe('Cost per request.'),
});

const hold = z.enum(['hold', 'rollback', 'warn']);

const arm = strict({
  weight: percent().describe('Share of the traffic; the weights of all arms add up to 100 % at most.'),
  ...change,
});

/** One rollout: exactly one of `canary`, `arms` and `shadow`; which fields go with which is checked in `rollout.ts`. */
export const rollout = strict({
  name: name().describe('Stands in headers, metrics and URLs.'),
  match: match,
  stable: strict(change).optional().describe("Canary: the side that stays; left out: the route's own."),
  canary: strict(change).optional().describe('Canary: the side that is tried; at least one of target, params, prompt.'),
  arms: z.record(name(), arm).optional().describe('A/B test: two or more arms by name.'),
  shadow: strict({
    target: target().describe('`provider/model` that gets a copy.'),
    sample: percent().prefault('100%').describe('Share of the matching requests that is copied.'),
    budget: budget().optional().describe('What the copies may cost, e.g. `20 USD/day`.'),
    timeout: timeLimit()
      .prefault('30s')
      .describe('A copy that takes longer is given up and counts as an error of the target.'),
  })
    .optional()
    .describe('Shadow traffic: a copy of each sampled request, its reply compared with the real one and thrown away.'),
  sticky: z
    .array(unitSource)
    .min(1, told('is empty', 'name at least one source, e.g. [metadata.conversation, user]'))
    .optional()
    .describe(
      'What stays on one arm: `metadata.NAME`, `user`, `key` or `request`; the first one present, else the request. Default: `[metadata.conversation, user]`.',
    ),
  salt: z.string().min(1).optional().describe("Separates this rollout's assignment from others'; default: its name."),
  steps: steps
    .optional()
    .describe('Canary: the weights it climbs, each a percentage or an object. Default: `[5%, 25%, 50%, 100%]`.'),
  step: strict({
    min: duration().optional().describe('Stay at least so long.'),
    max: duration().optional().describe('Decide after so long.'),
    inconclusive: z.enum(['pause', 'advance', 'rollback']).optional().describe('What to do without a clear answer.'),
  })
    .optional()
    .describe('Canary: how long a step takes.'),
  guard: guard
    .optional()
    .describe('What the canary, or any arm against the first, may be worse by; more rolls it back.'),
  watch: z
    .array(z.enum(['finish_reason', 'output_tokens']))
    .optional()
    .describe('Distributions whose change holds the rollout.'),
  segments: z
    .array(segment)
    .optional()
    .describe('Judged apart as well: `metadata.NAME`, `key`, or `language`, that of the prompt.'),
  on: strict({
    srm: hold.optional().describe('The arms get another share of the units than they should.'),
    no_traffic: hold.optional().describe('An arm gets no traffic.'),
  })
    .optional()
    .describe('What to do when the comparison itself is in doubt.'),
  goal: strict({
    feedback: name().describe('A name sent to `POST /v1/feedback`.'),
    better: z.enum(['higher', 'lower']).prefault('higher').describe('Which values are better.'),
    // oxlint-disable-next-line unicorn/no-thenable -- a word of the file, never awaited
    then: z
      .enum(['announce', 'promote'])
      .prefault('announce')
      .describe('Once an arm is shown to be the best: tell, or give it all of the traffic.'),
  })
    .optional()
    .describe('A/B test: what the arms are compared by.'),
  holdback: strict({
    weight: percent()
      .refine((weight) => weight > 0 && weight < 100, told('holds nothing back', 'write 1% to 5%'))
      .describe('Stays on stable.'),
    for: longDuration().describe('E.g. `24h` or `7d`.'),
  })
    .optional()
    .describe('Canary: after the promotion so much of the traffic stays on stable for so long, to compare with.'),
  layer: strict({
    name: name().describe('What rollouts have in common that are to exclude each other.'),
    from: percent().prefault('0%').describe('Where the range of units begins.'),
    to: percent().prefault('100%').describe('Where it ends; the unit there is not in it.'),
  })
    .optional()
    .describe(
      'Rollouts of one layer exclude each other, each in its range of the units; those of different layers cross.',
    ),
});
