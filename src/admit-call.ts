import type { ModelCall } from './core/call.ts';
import type { Config, ModelFacts } from './core/config.ts';
import type { NanoUsd } from './core/counters.ts';
import { GatewayError } from './core/errors.ts';
import type { Usage } from './core/exchange.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { Principal } from './core/principal.ts';
import type { JsonValue } from './core/rollout.ts';
import type { Admission, Grant, Worst } from './limits/admission.ts';
import { CallSize, likelyTokens, worstCost, type Estimate } from './limits/estimate.ts';
import { OutputTally } from './limits/output-tally.ts';
import { NANO_PER_USD, type Amounts, type Subject } from './limits/subject.ts';
import { loadTokenizer, tokenizer, type CountTokens } from './limits/tokenizer.ts';
import type { OpenCall } from './open-calls.ts';
import { costOfExchange, priceOf } from './outcome/cost.ts';
import type { Plan, PlannedTarget } from './route/plan-targets.ts';

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
  const { target, model: upstreamModel } = plan.targets[0]!;
  const { provider } = target;
  const facts = {
    model: call.model ?? '',
    upstreamModel: upstreamModel ?? '',
    provider,
    metadata: call.metadata,
  };
  const subjects = open.snapshot.limits.subjectsOf(principal, facts);
  if (subjects.length === 0) return plan;
  const isFree = open.exchange.operation === 'count_tokens';
  if (isFree || !isMetered(subjects)) return granted(open, admission.admit(open.exchange, subjects, null), plan);
  const { exchange, snapshot } = open;
  const size = new CallSize(exchange.operation, clean);
  const { targets, ...most } = measure(snapshot.config, subjects, plan, size);
  const worst = { ...most, isBackground: clean.isTrue(clean.member(clean.root, 'background')) };
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
  const subjects = snapshot.limits.subjectsOf(principal, {
    model: '',
    upstreamModel: '',
    provider,
    metadata: NO_METADATA,
  });
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

interface Measured extends Pick<Worst, 'estimate' | 'nanoUsd' | 'count'> {
  readonly targets: readonly PlannedTarget[];
}

/** The most that any of the targets may take: only one of them answers, and what fails before is not charged for. */
function measure(config: Config, subjects: readonly Subject[], { targets }: Plan, size: CallSize): Measured {
  const hasBudget = subjects.some(({ budgets }) => budgets.length > 0);
  let most: Estimate | null = null;
  let tokens = 0;
  let nanoUsd: NanoUsd = 0;
  let count: CountTokens | null = null;
  const bounded = targets.map((planned) => {
    const counter = counterOf(factsOf(config, planned));
    const estimate = size.estimate(planned.changes, factsOf(config, planned), counter);
    if (hasBudget) {
      if (config.unknownPrice === 'refuse') refuseSurcharge(size.surcharge(planned.changes.params));
      nanoUsd = Math.max(nanoUsd, costAtWorst(config, planned, estimate));
    }
    if (most === null || estimate.inputTokens + estimate.outputTokens > tokens) {
      most = estimate;
      tokens = estimate.inputTokens + estimate.outputTokens;
      count = counter;
    }
    return estimate.cap === null ? planned : withParams(planned, estimate.cap);
  });
  return { estimate: most!, nanoUsd, count, targets: bounded };
}

function factsOf({ modelFacts }: Config, { target, model }: PlannedTarget): ModelFacts | null {
  return modelFacts.get(`${target.provider}/${model}`) ?? modelFacts.get(`${target.provider}/*`) ?? null;
}

/** Until it is loaded, which takes a moment once, input is bounded by its bytes. */
function counterOf(facts: ModelFacts | null): CountTokens | null {
  if (facts === null || facts.tokenizer === null) return null;
  const loaded = tokenizer(facts.tokenizer);
  if (loaded === null) void loadTokenizer(facts.tokenizer);
  return loaded;
}

/** @throws GatewayError `price_unknown` */
function costAtWorst(config: Config, { target, model, label }: PlannedTarget, estimate: Estimate): NanoUsd {
  const price = priceOf(config.prices, target.provider, model ?? '');
  if (price !== null) return worstCost(estimate, price);
  if (config.unknownPrice === 'allow') return 0;
  throw new GatewayError(
    'price_unknown',
    `A budget is in force, and the price of "${target.provider}/${label}" is not known; add it under prices, or set unknownPrice: allow.`,
    { param: 'model' },
  );
}

/** @throws GatewayError `price_unknown` */
function refuseSurcharge(name: string | null): void {
  if (name === null) return;
  throw new GatewayError(
    'price_unknown',
    `A budget is in force, and what the request costs with its "${name}" is not known; leave it out, or set unknownPrice: allow.`,
    { param: name },
  );
}

function withParams(planned: PlannedTarget, params: Readonly<Record<string, JsonValue>>): PlannedTarget {
  return { ...planned, changes: { ...planned.changes, params: { ...planned.changes.params, ...params } } };
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
  exchange.costUsd = costOfExchange(exchange, snapshot.config.prices);
}

function estimateUsage({ exchange }: OpenCall, worst: Worst): void {
  const { tally, usage } = exchange;
  if (tally === null || (usage !== null && (tally.isFinal || !exchange.isStream))) return;
  const isLeft = exchange.aborted === 'client_gone' && exchange.attempts > 0;
  if (!tally.hasBegun && !isLeft) return;
  const written = tally.tokens((text) => likelyTokens(text, worst.count));
  // A caller that leaves must not have for nothing what the provider works on, or has worked.
  const isUnseen = worst.isBackground || (isLeft && !exchange.wantsStream && written === 0);
  exchange.usage = isUnseen ? allOf(worst.estimate) : seenOf(worst.estimate, usage, written);
  exchange.isEstimated = true;
}

function seenOf({ likelyInput }: Estimate, usage: Usage | null, written: number): Usage {
  return {
    cachedInputTokens: 0,
    ...usage,
    inputTokens: usage?.inputTokens ?? likelyInput,
    outputTokens: Math.max(usage?.outputTokens ?? 0, written),
  };
}

/** The provider may take all of it, and nobody can tell. */
function allOf({ inputTokens, outputTokens }: Estimate): Usage {
  return { inputTokens, outputTokens, cachedInputTokens: 0 };
}

/** What the call really took of its limits. */
export function usedBy({ exchange: { usage, costUsd } }: OpenCall): Amounts {
  const tokens = usage === null ? 0 : usage.inputTokens + usage.outputTokens;
  return { tokens, nanoUsd: Math.round((costUsd ?? 0) * NANO_PER_USD) };
}
