import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import type { ProviderConfig } from '../../src/core/config.ts';
import { Exchange } from '../../src/core/exchange.ts';
import type { Operation } from '../../src/core/operation.ts';
import { PROVIDERS } from '../../src/providers/registry.ts';
import type { UpstreamRequest } from '../../src/upstream/attempt.ts';
import { RetryBudget } from '../../src/upstream/retry-budget.ts';
import type { Candidate, SendContext } from '../../src/upstream/attempt-once.ts';
import { Upstream } from '../../src/upstream/upstream.ts';

/** A clock that stands until the test moves it. */
export class FakeClock implements Clock {
  time = 1_000;
  epoch = Date.UTC(2026, 0, 1);
  now = (): number => this.time;
  wall = (): number => this.epoch;
}

export interface Overrides {
  readonly retries?: Partial<ProviderConfig['retries']>;
  readonly timeouts?: Partial<ProviderConfig['timeouts']>;
  readonly failures?: number;
  readonly allowAddresses?: readonly string[];
}

export function providerConfig(
  name: string,
  { retries = {}, timeouts = {}, failures = 5, allowAddresses = [] }: Overrides = {},
): ProviderConfig {
  return {
    name,
    type: 'openai',
    baseUrl: null,
    key: { kind: 'none' },
    api: 'chat',
    tellsTrace: true,
    headers: {},
    timeouts: { connect: 5_000, firstByte: 60_000, reply: 60_000, idle: 60_000, total: 60_000, ...timeouts },
    retries: { attempts: 1, statuses: [429, 502, 503, 529], maxWait: 1_000, ...retries },
    circuitBreaker: { failures, ejection: 30_000, maxEjection: 300_000 },
    maxConnections: 16,
    allowAddresses,
    azure: null,
    vertex: null,
    simulator: null,
  };
}

export function openUpstream(url: string, clock: Clock, name = 'first', overrides: Overrides = {}): Upstream {
  const upstream = new Upstream(providerConfig(name, overrides), PROVIDERS.openai, url, clock);
  onTestFinished(() => upstream.dispatcher.destroy());
  return upstream;
}

export function post(more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    headers: ['content-type', 'application/json'],
    body: Buffer.from('{"model":"m"}'),
    firstByteTimeout: 60_000,
    idleTimeout: 60_000,
    queueTimeout: null,
    ...more,
  };
}

export function candidate(upstream: Upstream, more: Partial<Candidate> = {}): Candidate {
  const label = `${upstream.config.name}-model`;
  return {
    upstream,
    label,
    model: label,
    retryAttempts: upstream.config.retries.attempts,
    load: null,
    hedge: null,
    translation: null,
    hidesUsage: false,
    translated: null,
    request: () => post(),
    ...more,
  };
}

export function newExchange(operation: Operation = 'chat'): Exchange {
  return new Exchange('request-1', operation, 'openai', 0, 0);
}

/** `attempts` collects what was told of each attempt. */
export function sendContext(
  clock: Clock,
  minimum = 3,
): SendContext & { readonly attempts: string[]; readonly hedges: string[] } {
  const [attempts, hedges]: [string[], string[]] = [[], []];
  return {
    clock,
    retryBudget: new RetryBudget({ fraction: 0.2, minimum }, () => 1),
    // The shortest back-off.
    random: () => 0,
    attempted: (provider, label, result) => attempts.push(`${provider} ${label} ${result}`),
    attempts,
    seconds: null,
    hedged: (_route, result) => hedges.push(result),
    hedges,
  };
}
