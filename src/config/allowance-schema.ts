import { z } from 'zod';
import type { Allowance, BudgetConfig, CounterFailure, RateConfig } from '../core/limits.ts';
import { budgetLimit, counterFailure, rateLimit, wholeNumber } from './units.ts';
import { strict, told } from './zod-kit.ts';

export const rates = {
  requests: rateLimit().optional().describe('Requests per time, e.g. `600/m`.'),
  tokens: rateLimit().optional().describe('Tokens per time, input and output together, e.g. `200k/m`.'),
  concurrent: wholeNumber(1, 1_000_000).optional().describe('Requests at one time, streams to their last byte.'),
};

/** Both would be counted under one name, each request twice. */
function eachWindowOnce({ value, issues }: { readonly value: readonly BudgetConfig[]; issues: z.core.$ZodRawIssue[] }) {
  value.forEach(({ per, isRolling }, index) => {
    if (value.findIndex((other) => other.per === per && other.isRolling === isRolling) === index) return;
    const window = `${per}${isRolling ? ' rolling' : ''}`;
    const message = told(`is a second budget for the same window (${window})`, 'keep the lower of the two');
    issues.push({ code: 'custom', path: [index], message, input: undefined });
  });
}

export const money = {
  budget: z
    .union([budgetLimit(), z.array(budgetLimit()).check(eachWindowOnce)], {
      error: told(
        'must be a budget, or a list of them',
        'write an amount per period: 50 USD/month, 20 USD/day rolling',
      ),
    })
    .optional()
    .describe('One or several of `50 USD/month`, `5 USD/day rolling`; all of them hold.'),
  onCounterFailure: counterFailure()
    .prefault('closed')
    .describe(
      'While the shared counters are down: `closed` answers 503; `25%`: this gateway grants such a share alone.',
    ),
};

/** What a key or a team may use. */
export const allowance = { limits: strict(rates).optional().describe('How much at most.'), ...money };

interface RatesFile {
  readonly requests?: RateConfig | undefined;
  readonly tokens?: RateConfig | undefined;
  readonly concurrent?: number | undefined;
}

interface AllowanceFile {
  readonly limits?: RatesFile | undefined;
  readonly budget?: BudgetConfig | BudgetConfig[] | undefined;
  readonly onCounterFailure: CounterFailure;
}

export function toAllowance({ limits = {}, budget: budgets = [], onCounterFailure }: AllowanceFile): Allowance {
  const { requests = null, tokens = null, concurrent = null } = limits;
  return {
    limits: { requests, tokens, concurrent },
    budgets: Array.isArray(budgets) ? budgets : [budgets],
    onCounterFailure,
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
    // 0.29 * 100 is 28.999… to the machine.
    onCounterFailure:
      onCounterFailure.kind === 'closed' ? 'closed' : `${Number((onCounterFailure.share * 100).toPrecision(12))}%`,
  };
}

const PER = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const TIMES = { M: 1e6, k: 1e3 };

function rateText({ amount, per }: RateConfig): string {
  const unit = Object.entries(PER).find(([, each]) => each === per)![0];
  const [letter, times] = Object.entries(TIMES).find(([, each]) => Number.isInteger(amount / each)) ?? ['', 1];
  return `${amount / times}${letter}/${unit}`;
}
