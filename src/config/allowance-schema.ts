import { z } from 'zod';
import { BUDGET_PERIODS, type Allowance, type BudgetConfig, type RateConfig } from '../core/limits.ts';
import { share, wholeNumber } from './units.ts';
import { notation, strict, told } from './zod-kit.ts';

const PER: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const TIMES: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6 };

/** `600/m`, `200k/m`, `1.5M/h`. */
const rate = () =>
  notation('rate', 'must be a rate', 'write an amount above 0 per time: 600/m, 200k/m, 1M/d', (text) => {
    const [, digits, times = '', per] = /^(\d+(?:\.\d+)?)([kM]?)\/(s|m|h|d)$/.exec(text) ?? [];
    const amount = Number(digits) * TIMES[times]!;
    return per !== undefined && amount > 0 ? ({ amount, per: PER[per]! } satisfies RateConfig) : null;
  });

/** `50 USD/month`, `5 USD/day rolling`. */
const budget = () =>
  notation('budget', 'must be a budget', 'write an amount per period: 50 USD/month, 5 USD/day rolling', (text) => {
    const [, usd, period, rolling] = /^(\d+(?:\.\d+)?) ?USD\/(\w+)( rolling)?$/.exec(text) ?? [];
    const per = BUDGET_PERIODS.find((each) => each === period);
    if (per === undefined) return null;
    return { usd: Number(usd), per, isRolling: rolling !== undefined } satisfies BudgetConfig;
  });

const limits = strict({
  requests: rate().optional().describe('Requests per time, e.g. `600/m`.'),
  tokens: rate().optional().describe('Tokens per time, e.g. `200k/m`.'),
  concurrent: wholeNumber(1, 1_000_000).optional().describe('Requests at one time.'),
});

/** Of whoever may use something: keys, teams. */
export const allowance = {
  limits: limits.optional().describe('Not enforced by this version.'),
  budget: z
    .union([budget(), z.array(budget())], {
      error: told('must be a budget or a list of them', 'write an amount per period: 50 USD/month, 5 USD/day rolling'),
    })
    .optional()
    .describe('E.g. `50 USD/month` or `5 USD/day rolling`; a list: all of them hold. Not enforced by this version.'),
  onCounterFailure: z
    .union(
      [z.literal('closed'), strict({ local: share().describe('Of each limit, for this gateway alone; 0 to 1.') })],
      {
        error: told('is neither closed nor a share', 'write closed, or e.g. { local: 0.5 }'),
      },
    )
    .prefault('closed')
    .describe(
      'While the shared counters cannot be reached: `closed` refuses, `{ local: 0.5 }` grants a part. Not enforced by this version.',
    ),
};

interface AllowanceFile {
  readonly limits?: z.output<typeof limits> | undefined;
  readonly budget?: BudgetConfig | BudgetConfig[] | undefined;
  readonly onCounterFailure: 'closed' | { readonly local: number };
}

export function toAllowance({ limits: given = {}, budget: budgets = [], onCounterFailure }: AllowanceFile): Allowance {
  const { requests = null, tokens = null, concurrent = null } = given;
  return {
    limits: { requests, tokens, concurrent },
    budgets: Array.isArray(budgets) ? budgets : [budgets],
    onCounterFailure:
      onCounterFailure === 'closed' ? { kind: 'closed' } : { kind: 'local', share: onCounterFailure.local },
  };
}

/** As it is declared, for people to read and to declare again. */
export function describeAllowance({ limits: { requests, tokens, concurrent }, budgets, onCounterFailure }: Allowance) {
  return {
    limits: {
      ...(requests === null ? {} : { requests: rateText(requests) }),
      ...(tokens === null ? {} : { tokens: rateText(tokens) }),
      ...(concurrent === null ? {} : { concurrent }),
    },
    budget: budgets.map(({ usd, per, isRolling }) => `${usd} USD/${per}${isRolling ? ' rolling' : ''}`),
    onCounterFailure: onCounterFailure.kind === 'closed' ? ('closed' as const) : { local: onCounterFailure.share },
  };
}

function rateText({ amount, per }: RateConfig): string {
  const unit = Object.keys(PER).find((each) => PER[each] === per)!;
  const times = ['M', 'k'].find((each) => Number.isInteger(amount / TIMES[each]!)) ?? '';
  return `${amount / TIMES[times]!}${times}/${unit}`;
}
