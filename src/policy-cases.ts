import { isDeepStrictEqual } from 'node:util';
import type { PolicyCase } from './config/policy-cases.ts';
import type { ModelCall } from './core/call.ts';
import type { Config } from './core/config.ts';
import { GatewayError } from './core/errors.ts';
import { Exchange } from './core/exchange.ts';
import { JsonDocument } from './core/json-document.ts';
import { protocolOf } from './core/operation.ts';
import type { PromptRef } from './core/rollout.ts';
import type { Principal } from './core/principal.ts';
import { BodyEdits } from './policy/body-changes.ts';
import { PolicyFacts } from './policy/facts.ts';
import { PolicyJudge } from './policy/judge.ts';
import type { RuleSet } from './policy/rule-set.ts';
import { BUILT_IN_RULES } from './redact/redactor.ts';

/** What policies make of a case. */
export interface CaseOutcome {
  readonly decision: string;
  /** Of the policy that refused; empty where none did. */
  readonly rule: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly model: string;
  readonly prompt: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly applied: readonly string[];
}

/** @param rules null: the configuration has no policies */
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
  const principal = toPrincipal(given.key, config);
  exchange.attackScore = given.attack;
  addFindings(exchange, given.redaction);
  if (given.response !== undefined) {
    exchange.finishReason = given.response.finish_reason;
    exchange.replyBytes = given.response.bytes;
    exchange.usage = { inputTokens: 0, outputTokens: given.response.output_tokens, cachedInputTokens: 0 };
    exchange.provider = given.target?.provider ?? '';
    exchange.upstreamModel = given.target?.model ?? '';
  }
  return new PolicyFacts(exchange, principal, toCall(given, principal), wall);
}

function addFindings(exchange: Exchange, findings: PolicyCase['redaction']): void {
  for (const [rule, count] of Object.entries(findings)) {
    const category = BUILT_IN_RULES.find(({ id }) => id === rule)?.category ?? 'custom';
    for (let i = 0; i < count; i++) exchange.found('request', { rule, category, action: 'report', start: 0, end: 0 });
  }
}

function toPrincipal(key: PolicyCase['key'], config: Config): Principal {
  const known = typeof key === 'string' ? config.keys.find(({ name }) => name === key) : key;
  const name = typeof key === 'string' ? key : (key?.name ?? 'anonymous');
  return {
    id: key === undefined ? 'anonymous' : `config:${name}`,
    team: null,
    allowances: [],
    redaction: null,
    expiresAt: null,
    name,
    isAnonymous: key === undefined,
    allowArmOverride: false,
    metadata: known?.metadata ?? {},
    modelNames: [],
    mayUse: () => true,
  };
}

function toCall({ request, metadata }: PolicyCase, principal: Principal): ModelCall {
  const document = JsonDocument.parse(JSON.stringify(request));
  const text = (name: string): string | null => document.string(document.member(document.root, name));
  return {
    model: text('model'),
    stream: document.isTrue(document.member(document.root, 'stream')),
    user: text('user'),
    metadata: new Map([...Object.entries(metadata), ...Object.entries(principal.metadata)]),
    document,
    bytes: Buffer.from(document.text),
    encoding: null,
    path: '',
  };
}
