import { z } from 'zod';
import { REDACTION_ACTIONS } from '../core/redaction.ts';
import { name } from './names.ts';
import { strict, told } from './zod-kit.ts';

const action = z.enum(REDACTION_ACTIONS).meta({ title: 'action' });

/** Both directions at once, or one by one; a direction that is left out keeps the category's default. */
const actions = z.union(
  [
    action,
    strict({
      request: action.optional().describe('From the caller to the provider.'),
      response: action.optional().describe('Back.'),
    }),
  ],
  {
    error: told(
      'must be an action or a map of actions',
      `write { request: ACTION, response: ACTION } with ${REDACTION_ACTIONS.join(', ')}`,
    ),
  },
);

const NO_DETECTOR = 'Not enforced by this version: it has no detector for them.';

const category = (description: string) => actions.optional().describe(description);

/** `redaction`: what is done with what is found, by category and direction. */
export const redaction = strict({
  secrets: category('Keys and tokens of known form. Default: placeholder, mask.'),
  cards: category('Payment card numbers. Default: placeholder, report.'),
  ibans: category('Bank account numbers. Default: placeholder, report.'),
  national_ids: category(`National identity numbers. ${NO_DETECTOR}`),
  emails: category('E-mail addresses. Default: allow, allow.'),
  phones: category(`Telephone numbers. ${NO_DETECTOR}`),
  ips: category(`IP addresses. ${NO_DETECTOR}`),
  generic_secrets: category(`Values that look like secrets without a known form. ${NO_DETECTOR}`),
  rules: z
    .array(
      strict({
        id: name().describe('Dotted and stable, e.g. `custom.ticket`: the same in headers and metrics.'),
        pattern: z.string().min(1).describe('A regular expression without look-around or back-references.'),
        request: action.prefault('placeholder').describe('From the caller to the provider.'),
        response: action.prefault('report').describe('Back.'),
      }),
    )
    .prefault([])
    .describe('Patterns of your own, on a linear-time engine; one that is not linear is refused.'),
  allow: z.array(z.string().min(1)).prefault([]).describe('Whole values that are never findings.'),
});
