import { z } from 'zod';
import { money, rates } from './allowance-schema.ts';
import { labelValue, METADATA_NAME, name } from './names.ts';
import { strict, told } from './zod-kit.ts';

const match = z
  .object({
    model: z
      .string()
      .min(1)
      .optional()
      .describe('The model that the app asked for, or that the request goes to first; `*` matches any text.'),
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
