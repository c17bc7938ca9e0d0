import type { ClaimState } from '../core/counters.ts';
import type { Protocol } from '../core/operation.ts';
import type { Milliseconds } from '../core/units.ts';
import type { ClaimKind, NamedClaim } from './subject.ts';

const RATES = ['requests', 'tokens'] as const satisfies readonly ClaimKind[];

/**
 * How the caller's rates stand, in the header names of its protocol, names and values in turn: of several limits of one
 * kind the one of which least is left. Anthropic's clients get both.
 * @source https://platform.openai.com/docs/guides/rate-limits, https://docs.anthropic.com/en/api/rate-limits
 */
export function limitHeaders(
  claims: readonly NamedClaim[],
  states: readonly ClaimState[],
  protocol: Protocol,
  wall: Milliseconds,
): readonly string[] {
  const headers: string[] = [];
  for (const kind of RATES) {
    const index = tightest(claims, states, kind);
    if (index < 0) continue;
    const { limit } = claims[index]!.claim;
    const { remaining, resetAfter } = states[index]!;
    addOpenAi(headers, OPENAI[kind], limit, remaining, resetAfter);
    if (protocol === 'anthropic') addAnthropic(headers, kind, limit, remaining, wall + resetAfter);
  }
  return headers;
}

function tightest(claims: readonly NamedClaim[], states: readonly ClaimState[], kind: ClaimKind): number {
  let found = -1;
  for (let index = 0; index < claims.length; index++) {
    if (claims[index]!.kind !== kind) continue;
    if (found < 0 || states[index]!.remaining < states[found]!.remaining) found = index;
  }
  return found;
}

/** Made once. */
const OPENAI = { requests: openAiNames('requests'), tokens: openAiNames('tokens') } as const;

function openAiNames(kind: string) {
  return {
    limit: `x-ratelimit-limit-${kind}`,
    remaining: `x-ratelimit-remaining-${kind}`,
    reset: `x-ratelimit-reset-${kind}`,
  };
}

function addOpenAi(
  headers: string[],
  names: ReturnType<typeof openAiNames>,
  limit: number,
  remaining: number,
  resetAfter: Milliseconds,
): void {
  headers.push(names.limit, String(limit));
  headers.push(names.remaining, String(remaining));
  headers.push(names.reset, goDuration(resetAfter));
}

function addAnthropic(headers: string[], kind: string, limit: number, remaining: number, resetAt: Milliseconds): void {
  headers.push(`anthropic-ratelimit-${kind}-limit`, String(limit));
  headers.push(`anthropic-ratelimit-${kind}-remaining`, String(remaining));
  headers.push(
    `anthropic-ratelimit-${kind}-reset`,
    `${new Date(Math.ceil(resetAt / 1000) * 1000).toISOString().slice(0, 19)}Z`,
  );
}

/** As Go prints a duration, which is how OpenAI writes them: `120ms`, `1s`, `1.5s`, `6m0s`, `1h0m30s`. */
export function goDuration(milliseconds: Milliseconds): string {
  const whole = Math.ceil(milliseconds);
  if (whole < 1000) return whole === 0 ? '0s' : `${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor((whole % 3_600_000) / 60_000);
  const seconds = `${(whole % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
