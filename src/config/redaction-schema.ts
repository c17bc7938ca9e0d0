import { z } from 'zod';
import { REDACTION_ACTIONS, RESTORE_SCOPES } from '../core/redaction.ts';
import { detector } from './detector-schema.ts';
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

const category = (description: string) => actions.optional().describe(description);

const categories = {
  secrets: category(
    'Keys and tokens of known form, passwords and tokens by the name they are assigned to. Default: placeholder, mask.',
  ),
  cards: category('Payment card numbers. Default: placeholder, report.'),
  ibans: category('Bank account numbers. Default: placeholder, report.'),
  national_ids: category('National identity and tax numbers. Default: placeholder, report.'),
  emails: category('E-mail addresses. Default: allow, allow.'),
  phones: category('Telephone numbers. Default: allow, allow.'),
  ips: category('Public IP addresses. Default: allow, allow.'),
  generic_secrets: category('Values that look like secrets without a known form. Default: report, report.'),
};

const scope = z.enum(RESTORE_SCOPES).meta({ title: 'scope' }).optional();

const restore = strict({
  secrets: scope.describe('Default: tool_arguments.'),
  cards: scope,
  ibans: scope,
  national_ids: scope,
  emails: scope,
  phones: scope,
  ips: scope,
  generic_secrets: scope.describe('Default: tool_arguments.'),
  custom: scope.describe('Of rules of your own.'),
}).describe(
  'Where a reply gets the values back that placeholders stand for; never in a URL. Default: everywhere, but secrets.',
);

/** Of a route or a key: what it changes of `redaction`. */
export const redactionChange = strict({
  ...categories,
  rules: z
    .array(
      strict({
        id: name().describe('Of a bundled rule, or of one of `redaction.rules`.'),
        request: action.optional().describe('From the caller to the provider.'),
        response: action.optional().describe('Back.'),
      }),
    )
    .prefault([])
    .describe('Single rules, over their category.'),
  restore: restore.prefault({}),
});

/** `redaction`: what is done with what is found, by category and direction. */
export const redaction = strict({
  ...categories,
  rules: z
    .array(
      strict({
        id: name().describe('Dotted and stable, e.g. `custom.ticket`: the same in headers and metrics.'),
        pattern: z
          .string()
          .min(1)
          .optional()
          .describe(
            'A regular expression without look-around or back-references. Left out: the rule is the bundled one of this id.',
          ),
        request: action
          .optional()
          .describe("From the caller to the provider. Default: placeholder; of a bundled rule, its category's."),
        response: action.optional().describe("Back. Default: report; of a bundled rule, its category's."),
        examples: z
          .array(z.string().min(1))
          .prefault([])
          .describe('Texts in which the pattern must find something: tried at load.'),
        nearMisses: z.array(z.string().min(1)).prefault([]).describe('Texts in which it must find nothing.'),
      }),
    )
    .prefault([])
    .describe(
      'Patterns of your own, on a linear-time engine (one that is not linear is refused), and actions of single bundled rules.',
    ),
  allow: z.array(z.string().min(1)).prefault([]).describe('Whole values that are never findings.'),
  failure: z
    .enum(['open', 'closed'])
    .prefault('open')
    .describe(
      'What becomes of a body that cannot be inspected: JSON that is none, an unknown compression, text that is not UTF-8, ' +
        'a form whose parts cannot be told apart, events of unknown form. open: it passes, as far as it can be read inspected, and is counted. closed: it is refused.',
    ),
  detectors: z
    .array(detector)
    .prefault([])
    .describe('Services that are asked about requests, for what no rule can know: names, addresses.'),
  restore: restore.prefault({}),
});
