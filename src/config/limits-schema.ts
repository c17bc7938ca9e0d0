import { z } from 'zod';
import { labelValue, METADATA_NAME, name } from './names.ts';
import { budgetLimit, counterFailure, rateLimit, wholeNumber } from './units.ts';
import { strict, told } from './zod-kit.ts';

const rates = {
  requests: rateLimit().optional().describe('Requests per time, e.g. `600/m`.'),
  tokens: rateLimit().optional().describe('Tokens per time, input and output together, e.g. `200k/m`.'),
  concurrent: wholeNumber(1, 1_000_000).optional().describe('Requests at one time, streams to their last byte.'),
};

const money = {
  budget: z
    .union([budgetLimit(), z.array(budgetLimit()).min(1, told('is empty', 'write at least one budget'))], {
      error: told(
        'must be a budget, or a list of them',
        'write an amount per period: 50 USD/month, 20 USD/day rolling',
      ),
    })
    .optional()
    .describe('One or several of `50 USD/month`, `5 USD/day rolling`.'),
  onCounterFailure: counterFailure()
    .prefault('closed')
    .describe(
      'While the shared counters are down: `closed` answers 503; `25%`: this gateway grants such a share alone.',
    ),
};

/** What a key or a team may use. */
export const allowance = { limits: strict(rates).optional().describe('How much at most.'), ...money };

export const team = strict({
  name: name().describe('Stands in metrics.'),
  models: z.array(z.string().min(1)).prefault(['*']).describe('Model names or globs that its keys may use at most.'),
  ...allowance,
  metadata: z.record(z.string(), labelValue()).prefault({}).describe("Joined to the metadata of its keys' requests."),
});

const match = z
  .object({
    model: z.string().min(1).optional().describe('The model name that the app asked for; `*` matches any text.'),
    provider: z.string().min(1).optional().describe('The provider that the request goes to first.'),
  })
  .catchall(labelValue().describe('`metadata.NAME`: a metadata value of the request; `*` matches any text.'))
  .check((context) => {
    for (const key of Object.keys(context.value)) {
      if (key === 'model' || key === 'provider' || METADATA_NAME.test(key)) continue;
      const message = told('is not a condition', 'match by model, provider or metadata.NAME');
      context.issues.push({ code: 'custom', path: [key], message, input: undefined });
    }
  });

export const limitRule = strict({
  name: name().describe('Stands in metrics and messages.'),
  match: match.prefault({}).describe('Which requests it is for; left out: all.'),
  by: z
    .array(
      z
        .string()
        .regex(
          /^(?:metadata\..+|key|team|model|provider)$/,
          told('is nothing to count by', 'use key, team, model, provider or metadata.NAME'),
        ),
    )
    .prefault([])
    .describe('Counted apart for each value of these; left out: one count for all.'),
  ...rates,
  ...money,
});
