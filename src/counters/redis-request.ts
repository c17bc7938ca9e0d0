import type { BudgetClaim, Claim, ClaimState, Decision, Reservation } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { partLength } from './account.ts';
import { EXPIRED_KEPT, SETTLED_KEPT } from './keeping.ts';
import { rateScale } from './rate.ts';

/** What the script is asked. */
export interface RedisRequest {
  readonly keys: readonly string[];
  readonly argument: string;
}

/** One hash tag: a cluster keeps all of it on one server, where the script can reach it. */
const TAG = '{sluice}';
const LETTERS = { rate: 'r', place: 'p', budget: 'b' } as const;
const NUMBERS_OF_A_STATE = 3;

/** @param now tests only: otherwise the server's clock counts */
export function reserveRequest({ id, claims, expiresIn }: Reservation, now: Milliseconds | null): RedisRequest {
  return request([idKey(id), ...claims.map(claimKey)], now, {
    call: 'reserve',
    id,
    expiresIn,
    claims: claims.map(encodeClaim),
  });
}

export function settleRequest({ id, claims }: Reservation, actual: readonly number[], now: Milliseconds | null) {
  return request([idKey(id), ...claims.map(claimKey)], now, {
    call: 'settle',
    id,
    actual,
    claims: claims.map(encodeClaim),
  });
}

export function renewRequest(list: readonly Reservation[], expiresIn: Milliseconds, now: Milliseconds | null) {
  return request(
    list.flatMap(({ id, claims }) => [idKey(id), ...claims.map(claimKey)]),
    now,
    {
      call: 'renew',
      expiresIn,
      reservations: list.map(({ id, claims }) => ({ id, claims: claims.map(encodeClaim) })),
    },
  );
}

export function peekRequest(claims: readonly Claim[], now: Milliseconds | null): RedisRequest {
  return request(claims.map(claimKey), now, { call: 'peek', claims: claims.map(encodeClaim) });
}

export function readDecision(reply: readonly number[]): Decision {
  const refusedBy = reply[0]!;
  return { isGranted: refusedBy < 0, refusedBy, states: readStates(reply) };
}

export function readStates(reply: readonly number[]): ClaimState[] {
  const states: ClaimState[] = [];
  for (let at = 1; at < reply.length; at += NUMBERS_OF_A_STATE) {
    const [remaining, resetAfter, retryAfter] = [reply[at]!, reply[at + 1]!, reply[at + 2]!];
    states.push({ remaining, resetAfter, retryAfter: retryAfter < 0 ? null : retryAfter });
  }
  return states;
}

function request(keys: readonly string[], now: Milliseconds | null, asked: object): RedisRequest {
  const clock = now === null ? {} : { now };
  return {
    keys,
    argument: JSON.stringify({ ...asked, ...clock, settledKept: SETTLED_KEPT, expiredKept: EXPIRED_KEPT }),
  };
}

const idKey = (id: string): string => `${TAG}i:${id}`;

const claimKey = ({ kind, counter }: Claim): string => `${TAG}${LETTERS[kind]}:${counter}`;

function encodeClaim(claim: Claim): object {
  if (claim.kind === 'place') return { kind: 'place', limit: claim.limit };
  if (claim.kind === 'budget') return encodeBudget(claim);
  const { kind, limit, per, amount } = claim;
  return { kind, limit, amount, ...rateScale(limit, per) };
}

function encodeBudget({ kind, limit, amount, window }: BudgetClaim): object {
  if (window.kind === 'rolling') return { kind, limit, amount, part: partLength(window), parts: window.parts };
  return { kind, limit, amount, windows: window.windows.map(({ name, end }) => ({ name, stop: end })) };
}
