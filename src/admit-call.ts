import type { ModelCall } from './core/call.ts';
import type { ModelFacts } from './core/config.ts';
import type { NanoUsd } from './core/counters.ts';
import { GatewayError } from './core/errors.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { Principal } from './core/principal.ts';
import type { JsonValue } from './core/rollout.ts';
import type { Admission, Grant, Worst } from './limits/admission.ts';
import { CallSize, likelyTokens, worstCost, type Estimate } from './limits/estimate.ts';
import { OutputTally } from './limits/output-tally.ts';
import { NANO_PER_USD, type Amounts, type Subject } from './limits/subject.ts';
import { loadTokenizer, tokenizer, type CountTokens } from './limits/tokenizer.ts';
import type { OpenCall } from './open-calls.ts';
import { costOfExchange } from './outcome/cost.ts';
import type { Plan, PlannedTarget } from './route/plan-targets.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Reserves what the call may take of the limits and budgets that hold for it. Answers at once where nothing is limited, or
 * where the counters are in memory.
 * @param clean the body after redaction
 * @returns the plan, with what makes sure that the output is bounded and its usage told
 * @throws GatewayError `price_unknown`, `rate_limit_exceeded`, `insufficient_quota`, `overloaded`
 */
export function admitCall(
  open: OpenCall,
  admission: Admission,
  principal: Principal,
  plan: Plan,
  call: ModelCall,
  clean: JsonDocument,
): Plan | Promise<Plan> {
  const facts = { model: call.model ?? '', provider: plan.targets[0]!.target.provider, metadata: call.metadata };
  const subjects = open.snapshot.limits.subjectsOf(principal, facts);
  if (subjects.length === 0) return plan;
  const isFree = open.exchange.operation === 'count_tokens';
  if (isFree || !isMetered(subjects)) return granted(open, admission.admit(open.exchange, subjects, null), plan);
  const { exchange, snapshot } = open;
  const { worst, targets } = measure(snapshot, subjects, plan, new CallSize(exchange.operation, clean, principal.id));
  const asksUsage = mustAskUsage(open, call, clean);
  const bounded = asksUsage === null ? targets : targets.map((target) => withParams(target, asksUsage));
  exchange.tally = new OutputTally(exchange.operation);
  exchange.hidesUsage = asksUsage !== null;
  return granted(open, admission.admit(exchange, subjects, worst), { ...plan, targets: bounded });
}

/** Calls that are not read: requests and places only. What they cost cannot be known. */
export function admitUnread(
  open: OpenCall,
  admission: Admission,
  principal: Principal,
  provider: string,
): null | Promise<null> {
  const { exchange, snapshot, incoming } = open;
  const subjects = snapshot.limits.subjectsOf(principal, { model: '', provider, metadata: NO_METADATA });
  if (subjects.length === 0) return null;
  if (!READS.has(incoming.method ?? '') && isMetered(subjects) && snapshot.config.unknownPrice === 'refuse')
    throw new GatewayError(
      'price_unknown',
      'What calls to this endpoint take is not known, and a budget or a limit of tokens is in force; use another key, or set unknownPrice: allow.',
    );
  return granted(open, admission.admit(exchange, subjects, null), null);
}

const NO_METADATA: ReadonlyMap<string, string> = new Map();
/** Methods by which nothing is generated. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

function isMetered(subjects: readonly Subject[]): boolean {
  for (const { countsTokens, budgets } of subjects) if (countsTokens || budgets.length > 0) return true;
  return false;
}

function granted<T>(open: OpenCall, grant: Grant | Promise<Grant>, result: T): T | Promise<T> {
  if (!(grant instanceof Promise)) {
    open.grant = grant;
    return result;
  }
  return grant.then((made) => {
    open.grant = made;
    return result;
  });
}

interface Measured {
  readonly worst: Worst;
  readonly targets: readonly PlannedTarget[];
}

/** The most that any of the targets may take: only one of them answers, and what fails before is not charged for. */
function measure(snapshot: Snapshot, subjects: readonly Subject[], { targets }: Plan, size: CallSize): Measured {
  const hasBudget = subjects.some(({ budgets }) => budgets.length > 0);
  let most: Estimate | null = null;
  let tokens = 0;
  let nanoUsd: NanoUsd = 0;
  let count: CountTokens | null = null;
  const bounded = targets.map((planned) => {
    const facts = snapshot.modelFacts.find(planned.target.provider, planned.model ?? '');
    const counter = counterOf(facts);
    const estimate = size.estimate(planned.changes, facts, counter);
    if (hasBudget) nanoUsd = Math.max(nanoUsd, costAtWorst(snapshot, planned, estimate));
    if (most === null || estimate.inputTokens + estimate.outputTokens > tokens) {
      most = estimate;
      tokens = estimate.inputTokens + estimate.outputTokens;
      count = counter;
    }
    return estimate.cap === null ? planned : withParams(planned, estimate.cap);
  });
  return { worst: { estimate: most!, nanoUsd, count }, targets: bounded };
}

/** Until it is loaded, which takes a moment once, input is bounded by its bytes. */
function counterOf(facts: ModelFacts | null): CountTokens | null {
  if (facts === null || facts.tokenizer === null) return null;
  const loaded = tokenizer(facts.tokenizer);
  if (loaded === null) void loadTokenizer(facts.tokenizer);
  return loaded;
}

/** @throws GatewayError `price_unknown` */
function costAtWorst(
  { prices, config }: Snapshot,
  { target, model, label }: PlannedTarget,
  estimate: Estimate,
): NanoUsd {
  const price = prices.find(target.provider, model ?? '');
  if (price !== null) return worstCost(estimate, price);
  if (config.unknownPrice === 'allow') return 0;
  throw new GatewayError(
    'price_unknown',
    `A budget is in force, and the price of "${target.provider}/${label}" is not known; add it under prices, or set unknownPrice: allow.`,
    { param: 'model' },
  );
}

function withParams(
  { target, model, label, changes }: PlannedTarget,
  params: Readonly<Record<string, JsonValue>>,
): PlannedTarget {
  const joined = changes.params === null ? params : { ...changes.params, ...params };
  return { target, model, label, changes: { model: changes.model, params: joined, system: changes.system } };
}

/** OpenAI's streams tell their usage only where they are asked to. Null: they are, or tell it anyway. */
function mustAskUsage(
  { exchange: { operation } }: OpenCall,
  { stream }: ModelCall,
  clean: JsonDocument,
): Readonly<Record<string, JsonValue>> | null {
  if (!stream || (operation !== 'chat' && operation !== 'text_completion')) return null;
  const options = clean.member(clean.root, 'stream_options');
  if (options !== null && clean.isTrue(clean.member(options, 'include_usage'))) return null;
  const given = options === null ? null : clean.value(options);
  const kept = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
  return { stream_options: { ...(kept as Record<string, JsonValue>), include_usage: true } };
}

/** What the call used and cost, by what the provider told; where it did not, by what was counted. Once, at its end. */
export function concludeCost(open: OpenCall): void {
  const { exchange, grant, snapshot } = open;
  if (grant !== null && grant.worst !== null) estimateUsage(open, grant.worst);
  exchange.costUsd = costOfExchange(exchange, snapshot.prices);
}

function estimateUsage({ exchange }: OpenCall, worst: Worst): void {
  const { tally, usage } = exchange;
  if (tally === null || (usage !== null && (tally.isFinal || !exchange.isStream))) return;
  if (tally.hasBegun) {
    const written = tally.tokens((text) => likelyTokens(text, worst.count));
    exchange.usage = {
      cachedInputTokens: 0,
      ...usage,
      inputTokens: usage?.inputTokens ?? worst.estimate.likelyInput,
      outputTokens: Math.max(usage?.outputTokens ?? 0, written),
    };
  } else if (exchange.aborted === 'client_gone' && exchange.attempts > 0) {
    // The provider works on, or has worked; a caller that leaves must not have it for nothing.
    const { inputTokens, outputTokens, likelyInput } = worst.estimate;
    exchange.usage = exchange.wantsStream
      ? { inputTokens: likelyInput, outputTokens: 0, cachedInputTokens: 0 }
      : { inputTokens, outputTokens, cachedInputTokens: 0 };
  } else return;
  exchange.isEstimated = true;
}

/** What the call really took of its limits. */
export function usedBy({ exchange: { usage, costUsd } }: OpenCall): Amounts {
  const tokens = usage === null ? 0 : usage.inputTokens + usage.outputTokens;
  return { tokens, nanoUsd: Math.round((costUsd ?? 0) * NANO_PER_USD) };
}
