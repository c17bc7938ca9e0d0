import { isDeepStrictEqual } from 'node:util';
import type { PolicyCase } from './config/policy-cases.ts';
import type { ModelCall } from './core/call.ts';
import type { Config } from './core/config.ts';
import { GatewayError } from './core/errors.ts';
import { Exchange } from './core/exchange.ts';
import { JsonDocument } from './core/json-document.ts';
import { protocolOf } from './core/operation.ts';
import type { PromptRef } from './core/rollout.ts';
import { configKeyId, type KeySettings } from './core/keys.ts';
import type { Principal } from './core/principal.ts';
import { ANONYMOUS, toPrincipal } from './identify/principal.ts';
import { choicesOf, readFields } from './ingress/read-call.ts';
import { BodyEdits } from './policy/body-changes.ts';
import { PolicyFacts } from './policy/facts.ts';
import { PolicyJudge } from './policy/judge.ts';
import type { RuleSet } from './policy/rule-set.ts';
import { BUILT_IN_RULES } from './redact/redactor.ts';

/** What policies make of a case. */
interface CaseOutcome {
  readonly decision: string;
  /** Of the policy that refused; empty where none did. */
  readonly rule: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly model: string;
  readonly prompt: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly applied: readonly string[];
}

/** A case that no request could be. */
export class CaseError extends Error {
  override readonly name = 'CaseError';
}

/** @param rules null: the configuration has no policies @throws CaseError */
export function judgeCase(given: PolicyCase, rules: RuleSet | null, config: Config): CaseOutcome {
  const facts = toFacts(given, config);
  const { exchange } = facts;
  const judge = rules === null ? null : new PolicyJudge(rules, facts);
  const result = judge === null ? passed(facts.call) : follow(judge, facts, given);
  const decisions = exchange.policies ?? [];
  const last = decisions.findLast(({ decision }) => REFUSALS.has(decision));
  return {
    decision: result.isRefused ? (last?.decision === 'exclude' ? 'deny' : (last?.decision ?? 'deny')) : 'pass',
    rule: result.isRefused ? (last?.rule ?? '') : '',
    body: result.body,
    model: result.model,
    prompt: promptName(judge?.prompt ?? null),
    tags: exchange.tags ?? {},
    applied: decisions.map(({ rule, decision }) => `${rule}:${decision}`),
  };
}

function promptName(prompt: PromptRef | null): string {
  return prompt === null ? '' : `${prompt.name}@${prompt.version}`;
}

const REFUSALS: ReadonlySet<string> = new Set(['deny', 'approval_required', 'error', 'exclude']);

/** What a case expects and what came, of each field in which they differ. */
export interface Difference {
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Empty where all is as expected. */
export function differences(expect: PolicyCase['expect'], outcome: CaseOutcome): readonly Difference[] {
  return Object.entries(expect)
    .filter(([, expected]) => expected !== undefined)
    .map(([field, expected]) => ({ field, expected, actual: outcome[field as keyof CaseOutcome] }))
    .filter(({ expected, actual }) => !isDeepStrictEqual(expected, actual));
}

interface Followed {
  readonly isRefused: boolean;
  readonly body: Readonly<Record<string, unknown>>;
  readonly model: string;
}

function passed(call: ModelCall): Followed {
  return { isRefused: false, body: {}, model: call.model ?? '' };
}

/** Along the moments of a request's life, as far as the case tells of them. */
function follow(judge: PolicyJudge, facts: PolicyFacts, { target, response }: PolicyCase): Followed {
  let call = facts.call;
  const refused = (): Followed => ({ ...passed(call), isRefused: true });
  try {
    call = judge.judgeRequest();
    judge.judgeRedacted();
    const edits = target === undefined ? judge.edits : judge.judgeTarget(target.provider, target.model);
    if (!(edits instanceof BodyEdits)) return refused();
    if (response !== undefined) judge.judgeReply({ language: response.language, isRefusal: response.refusal });
    return { ...passed(call), body: edits.over(null, call.document, facts.exchange.operation) ?? {} };
  } catch (error) {
    if (error instanceof GatewayError) return refused();
    throw error;
  }
}

function toFacts(given: PolicyCase, config: Config): PolicyFacts {
  const wall = given.time === undefined ? Date.now() : Date.parse(given.time);
  const exchange = new Exchange('case', given.operation, protocolOf(given.operation), 0, wall);
  const principal = caller(given, config);
  exchange.attackScore = given.attack;
  addFindings(exchange, given.redaction);
  if (given.response !== undefined) {
    exchange.finishReason = given.response.finish_reason;
    exchange.replyBytes = given.response.bytes;
    exchange.usage = { inputTokens: 0, outputTokens: given.response.output_tokens, cachedInputTokens: 0 };
    exchange.provider = given.target?.provider ?? '';
    exchange.upstreamModel = given.target?.model ?? '';
  }
  const call = toCall(given, principal);
  exchange.choices = choicesOf(call.document);
  return new PolicyFacts(exchange, principal, call, wall);
}

function addFindings(exchange: Exchange, findings: PolicyCase['redaction']): void {
  for (const [rule, count] of Object.entries(findings)) {
    const category = BUILT_IN_RULES.find(({ id }) => id === rule)?.category ?? 'custom';
    for (let i = 0; i < count; i++) exchange.found('request', { rule, category, action: 'report', start: 0, end: 0 });
  }
}

/** @throws CaseError where the configuration has no such key or team */
function caller({ name: caseName, key }: PolicyCase, { keys, teams }: Config): Principal {
  if (key === undefined) return ANONYMOUS;
  const known = typeof key === 'string' ? keys.find(({ name }) => name === key) : { ...MADE_UP, ...key };
  if (known === undefined) throw unknown(caseName, 'key', key as string);
  const byName = new Map(teams.map((team) => [team.name, team]));
  const principal = toPrincipal(configKeyId(known.name), known, byName);
  if (principal === null) throw unknown(caseName, 'team', known.team!);
  return principal;
}

const MADE_UP: KeySettings = {
  name: '',
  owner: null,
  team: null,
  models: ['*'],
  allowArmOverride: false,
  metadata: {},
  redaction: null,
  expiresAt: null,
  limits: { requests: null, tokens: null, concurrent: null },
  budgets: [],
  onCounterFailure: { kind: 'closed' },
};

function unknown(caseName: string, what: 'key' | 'team', name: string): CaseError {
  return new CaseError(`the case "${caseName}" names the ${what} "${name}", which the configuration does not have`);
}

function toCall({ name, request, metadata }: PolicyCase, principal: Principal): ModelCall {
  try {
    const document = JsonDocument.parse(JSON.stringify(request));
    const fields = readFields(document, JSON.stringify(metadata), principal);
    return { ...fields, bytes: Buffer.from(document.text), encoding: null, path: '' };
  } catch (error) {
    throw new CaseError(`the request of the case "${name}" cannot be read: ${(error as Error).message}`);
  }
}
