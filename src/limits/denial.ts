import type { BudgetClaim, ClaimState } from '../core/counters.ts';
import { GatewayError } from '../core/errors.ts';
import type { Milliseconds } from '../core/units.ts';
import { NANO_PER_USD, type NamedClaim } from './subject.ts';

/** A place is free when another request ends, which nobody can tell. */
const PLACE_RETRY_SECONDS = 1;

/** The answer to a request that does not fit. @param wall Unix time */
export function denial({ claim, kind, subject }: NamedClaim, state: ClaimState, wall: Milliseconds): GatewayError {
  const { label } = subject;
  if (claim.kind === 'budget') return budgetDenial(claim, label, state, wall);
  if (claim.kind === 'place')
    return new GatewayError(
      'rate_limit_exceeded',
      `The limit of ${claim.limit} requests at one time (${label}) is reached; try again when one has ended.`,
      { retryAfterSeconds: PLACE_RETRY_SECONDS },
    );
  if (state.retryAfter === null) return tooLarge(claim.amount, claim.limit, kind, label);
  const retryAfterSeconds = Math.max(1, Math.ceil(state.retryAfter / 1000));
  return new GatewayError(
    'rate_limit_exceeded',
    `The limit of ${claim.limit} ${kind} per ${span(claim.per)} (${label}) is reached: ${state.remaining} are left, ${claim.amount} are asked for. Try again in ${retryAfterSeconds} s.`,
    { retryAfterSeconds },
  );
}

function tooLarge(amount: number, limit: number, kind: string, label: string): GatewayError {
  return new GatewayError(
    'rate_limit_exceeded',
    `The request may take ${amount} ${kind}, more than the limit of ${limit} (${label}) ever allows; make it shorter, or ask for less output.`,
    { shouldRetry: false },
  );
}

function budgetDenial(claim: BudgetClaim, label: string, state: ClaimState, wall: Milliseconds): GatewayError {
  const { amount, limit } = claim;
  const worst = `The request may cost up to ${usd(amount)} USD`;
  if (amount > limit)
    return new GatewayError(
      'insufficient_quota',
      `${worst}, more than the budget of ${usd(limit)} USD (${label}); make it shorter, or ask for less output.`,
    );
  const until = new Date(wall + state.resetAfter).toISOString().slice(0, 16);
  return new GatewayError(
    'insufficient_quota',
    `${worst}, and ${usd(state.remaining)} USD are left of the budget of ${usd(limit)} USD (${label}); all of it is free again at ${until}Z.`,
  );
}

/** To a hundredth of a cent, and the first figures of what is less. */
function usd(nano: number): string {
  const dollars = nano / NANO_PER_USD;
  return dollars === 0 || dollars >= 0.01 ? String(Math.round(dollars * 10_000) / 10_000) : dollars.toPrecision(2);
}

const SPANS: readonly (readonly [Milliseconds, string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
];

const span = (per: Milliseconds): string => SPANS.find(([length]) => length === per)?.[1] ?? `${per} ms`;
