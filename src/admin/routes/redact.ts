import { z } from 'zod';
import { REDACTION_ACTIONS } from '../../core/redaction.ts';
import { defineRoute, json } from '../route.ts';

export const redactRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/redact',
    summary: 'What redaction would make of a text; a rule with the action `block` answers `secret_detected`',
    body: z.strictObject({ text: z.string(), direction: z.enum(['request', 'response']).default('request') }),
    replies: {
      200: {
        description: 'The text as it would go on.',
        schema: z.strictObject({
          text: z.string(),
          findings: z.array(
            z.strictObject({
              rule: z.string(),
              category: z.string(),
              start: z.int().describe('In UTF-16 units of the text sent.'),
              end: z.int(),
              action: z.enum(REDACTION_ACTIONS),
            }),
          ),
        }),
      },
    },
    handle: ({ redactor }, { body }) => json(redactor().redactText(body.text, body.direction)),
  }),
];
