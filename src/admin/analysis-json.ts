import { z } from 'zod';
import type { Analysis, ShadowBudget } from '../core/analysis.ts';
import type { Rollout } from '../core/rollout.ts';

const effectSchema = z
  .strictObject({
    estimate: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    quantile: z.number().optional(),
  })
  .describe('Relative change: 0.25 is 25 % more. The bounds hold at all times together with 95 %.');

const countsSchema = z.strictObject({
  arm: z.string(),
  units: z.number(),
  events: z.number().nullable().describe('Null where values are compared.'),
});

const metricSchema = z.strictObject({
  role: z.enum(['guard', 'watch', 'goal', 'shadow', 'srm']),
  metric: z.string(),
  segment: z.string().nullable().describe('`metadata.language=fr`; null: all traffic.'),
  state: z.enum(['crossed', 'harmless', 'changed', 'better', 'gathering']),
  margin: z.number().nullable().describe('Accepted ratio: 1.25 for `+25%`.'),
  eValue: z.number().describe('Evidence of harm beyond the margin, or of a change.'),
  threshold: z.number().describe('What it must reach.'),
  harmlessness: z.number().nullable().describe('Evidence that it is within its margin.'),
  harmlessThreshold: z.number().nullable(),
  effect: effectSchema,
  counts: z.tuple([countsSchema, countsSchema]).describe('The arm compared with first.'),
  unitsToGo: z.number().nullable().describe('Until it is shown to be harmless, by the median.'),
  samples: z.array(z.string()).describe('Ids of requests that show it; of a shadow, those whose copies do.'),
});

const budgetSchema = z
  .strictObject({
    usd: z.number().describe('For the period.'),
    spentUsd: z.number().describe('With what is set aside for copies under way.'),
    remainingUsd: z.number(),
    resetsAt: z.iso.datetime().describe('When the period is over.'),
  })
  .describe('What copies may cost in the hour, day, week or month of now, by the calendar in UTC.');

export const analysisSchema = z.strictObject({
  rollout: z.string(),
  revision: z.int(),
  epoch: z.int(),
  at: z.iso.datetime(),
  decision: z.enum(['none', 'hold', 'advance', 'promote', 'rollback']),
  reason: z.string(),
  summary: z.string().describe('What is so, and why, in a sentence.'),
  next: z.string().nullable().describe('What comes next, in a sentence.'),
  minutesToGo: z.number().nullable(),
  requests: z.int().describe('Judged.'),
  units: z.array(z.strictObject({ arm: z.string(), units: z.int() })),
  requestRate: z.number().describe('Judged requests a second, over the last five minutes.'),
  unitRate: z
    .number()
    .nullable()
    .describe('Of a canary: new sticky units a second, over the last five minutes, which evidence is gathered from.'),
  warnings: z.array(z.string()),
  metrics: z.array(metricSchema),
  budget: budgetSchema.nullable().describe('Of a shadow with a budget.'),
});

/** @param budget as it is now, which is newer than the analysis */
export function analysisJson(analysis: Analysis, budget: ShadowBudget | null): unknown {
  const at = new Date(analysis.at).toISOString();
  if (budget === null) return { ...analysis, at, budget };
  const { isSpent, usd } = budget;
  const [spentUsd, remainingUsd] = [rounded(budget.spentUsd), rounded(budget.remainingUsd)];
  const resetsAt = new Date(budget.resetsAt).toISOString();
  const until = `${resetsAt.slice(0, 16).replace('T', ' ')} UTC`;
  const notice = isSpent ? `The budget is spent until ${until}: no copies are sent. ` : '';
  return {
    ...analysis,
    at,
    summary: `${notice}${analysis.summary}`,
    budget: { usd, spentUsd, remainingUsd, resetsAt },
  };
}

/** To a millionth of a dollar: a sum of many small amounts ends in noise. */
function rounded(usd: number): number {
  return Number(usd.toFixed(6));
}

/** Before anything was judged. */
export function nothingJudged({ spec, revision, state, updatedAt }: Rollout): Analysis {
  return {
    rollout: spec.name,
    revision,
    epoch: state.epoch,
    at: updatedAt,
    decision: 'none',
    reason: 'gathering',
    summary: 'Nothing was judged yet: no controller has looked at it since it started.',
    next: null,
    minutesToGo: null,
    requests: 0,
    units: [],
    requestRate: 0,
    unitRate: null,
    warnings: [],
    metrics: [],
  };
}

export const regressionSchema = z.strictObject({
  route: z.string(),
  metric: z.string(),
  segment: z.string().nullable(),
  kind: z.string().nullable().optional().describe('Of a mix: the kind that grew most.'),
  isActive: z.boolean(),
  since: z.iso.datetime().nullable(),
  logE: z.number().describe('Natural logarithm of what the change detector has reached.'),
  threshold: z.number().describe('Of the logarithm.'),
  baseline: z.number().nullable(),
  recent: z.number().nullable(),
  effect: effectSchema,
  samples: z.array(z.string()),
});

const sideSchema = z.strictObject({
  requestId: z.string(),
  model: z.string().nullable(),
  error: z.boolean(),
  refusal: z.boolean().nullable(),
  invalidJson: z.boolean().nullable(),
  latencyMs: z.number().nullable(),
  outputTokens: z.int().nullable(),
  costUsd: z.number().nullable(),
  finishReason: z.string().nullable(),
});

export const pairSchema = z.strictObject({ at: z.iso.datetime(), primary: sideSchema, shadow: sideSchema });
