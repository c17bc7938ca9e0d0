import type { ModelCall } from '../../src/core/call.ts';
import { Exchange } from '../../src/core/exchange.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import { protocolOf, type Operation } from '../../src/core/operation.ts';
import type { PolicyConfig } from '../../src/core/policy.ts';
import type { Principal } from '../../src/core/principal.ts';
import { ANONYMOUS } from '../../src/identify/principal.ts';
import { PolicyFacts } from '../../src/policy/facts.ts';

/** Saturday, 21 November 2026, 13:05 UTC. */
export const WALL = Date.UTC(2026, 10, 21, 13, 5);

export interface FactsOptions {
  readonly body?: object;
  readonly operation?: Operation;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly key?: Partial<Principal>;
}

export function factsOf({ body = {}, operation = 'chat', metadata = {}, key = {} }: FactsOptions = {}): PolicyFacts {
  const exchange = new Exchange('id', operation, protocolOf(operation), 0, WALL);
  const document = JsonDocument.parse(JSON.stringify(body));
  const fields = body as { model?: string; stream?: boolean; user?: string };
  const call: ModelCall = {
    model: fields.model ?? null,
    stream: fields.stream ?? false,
    user: fields.user ?? null,
    metadata: new Map(Object.entries(metadata)),
    document,
    bytes: Buffer.from(document.text),
    encoding: null,
    path: '/v1/chat/completions',
  };
  const principal: Principal = { ...ANONYMOUS, id: 'config:app', name: 'app', isAnonymous: false, ...key };
  return new PolicyFacts(exchange, principal, call, WALL);
}

export function policyOf(given: Partial<PolicyConfig>): PolicyConfig {
  return {
    name: 'rule',
    when: null,
    enforce: true,
    deny: null,
    approve: false,
    require: [],
    set: {},
    cap: {},
    route: null,
    prompt: null,
    tag: {},
    tools: null,
    ...given,
  };
}
