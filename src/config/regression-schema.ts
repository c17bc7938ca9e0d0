import { z } from 'zod';
import type { RegressionConfig } from '../core/config.ts';
import { notation, strict, told } from './zod-kit.ts';
import { longDuration, wholeNumber, yesOrNo } from './units.ts';

/** Not watched. */
const OFF = Infinity;

/** The ratio that is accepted, from `+25%`: 1.25. */
const growth = (fallback: string, meaning: string) =>
  notation('margin', 'must be a margin', 'write how much more is accepted, e.g. +25%, or off', (text) => {
    if (text === 'off') return OFF;
    const [, percent] = /^\+?(\d+(?:\.\d+)?) ?%$/.exec(text) ?? [];
    return percent === undefined ? null : 1 + Number(percent) / 100;
  })
    .prefault(fallback)
    .describe(meaning);

/** The Jensen-Shannon distance of two mixes that have nothing in common, in natural logarithms. */
const MAX_DISTANCE = Math.sqrt(Math.LN2);

const distance = (meaning: string) =>
  notation('distance', 'must be a distance', 'write a number above 0 and below 0.83, e.g. 0.1, or off', (text) => {
    if (text === 'off') return OFF;
    const value = /^(?:0|0?\.\d+)$/.test(text) ? Number(text) : 0;
    return value > 0 && value < MAX_DISTANCE ? value : null;
  })
    .prefault('0.1')
    .describe(meaning);

const guard = strict({
  error_rate: growth('+50%', 'Share of failed requests. Rates also have half a percentage point.'),
  truncation_rate: growth('+50%', 'Share of replies that broke off.'),
  refusal_rate: growth('+50%', 'Share of refusals.'),
  invalid_json: growth('+50%', 'Share of structured replies that are not valid.'),
  ttft: growth('+25%', 'Time to the first token.'),
  latency: growth('+25%', 'Duration.'),
  cost: growth('+25%', 'Cost per request.'),
  output_tokens: growth('+25%', 'Length of the replies, up or down.'),
  input_tokens: growth('+25%', 'Length of the prompts, up or down.'),
  finish_reason: distance('Jensen-Shannon distance of the mixes of finish reasons.'),
  language: distance("Jensen-Shannon distance of the mixes of the prompts' languages."),
});

const segment = z
  .string()
  .regex(/^(?:metadata\..+|key|language)$/, told('is not a segment', 'use metadata.NAME, key or language'));

/** What watches a route where no rollout is under way. */
export const regression = strict({
  enabled: yesOrNo().prefault(true).describe('Compare the traffic of each route with its own past.'),
  guard: guard
    .prefault({})
    .describe('How far recent traffic may be from its baseline before it is told of; `off`: not watched.'),
  segments: z
    .array(segment)
    .prefault([])
    .describe('Judged apart as well: `metadata.NAME`, `key` or `language`; 32 values per route.'),
  baseline: longDuration()
    .prefault('24h')
    .describe('How far back the baseline reaches. What lasts longer becomes the baseline.'),
  falseAlarmEvery: longDuration()
    .prefault('30d')
    .describe('One false alarm per metric and route in so long at most, in the mean; shorter finds changes sooner.'),
  minimum: strict({
    requests: wholeNumber(20, 1_000_000).prefault(200).describe('At least so many requests.'),
    time: longDuration()
      .prefault('10m')
      .describe('At least so long. A tenth of it, at most a minute, is what is judged as one.'),
  })
    .prefault({})
    .describe('What is learnt of a route before it is judged.'),
});

export function toRegression({ guard, ...settings }: z.output<typeof regression>): RegressionConfig {
  const watched = Object.entries(guard).filter(([, margin]) => margin !== OFF);
  return { ...settings, guard: Object.fromEntries(watched) };
}
