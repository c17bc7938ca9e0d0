import type { ModelCall } from './core/call.ts';
import type { ModelFacts } from './core/config.ts';
import type { NanoUsd } from './core/counters.ts';
import { GatewayError } from './core/errors.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { Exchange, ReplyTally } from './core/exchange.ts';
import type { Principal } from './core/principal.ts';
import type { JsonValue } from './core/rollout.ts';
import type { Admission, Grant, Worst } from './limits/admission.ts';
import { CallSize, worstCost, type Estimate } from './limits/estimate.ts';
import { OutputTally } from './limits/output-tally.ts';
import { NANO_PER_USD, type Amounts, type Subject } from './limits/subject.ts';
import { loadTokenizer, tokenizer, type CountTokens } from './limits/tokenizer.ts';
import type { Yardstick, Yardsticks } from './limits/yardstick.ts';
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
  const size = new CallSize(exchange.operation, clean, principal.id);
  const { targets, ...most } = measure(snapshot, subjects, plan, size);
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
  model: string,
): null | Promise<null> {
  const { exchange, snapshot, incoming } = open;
  const subjects = snapshot.limits.subjectsOf(principal, {
    model,
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
    if (hasBudget) {
      if (snapshot.config.unknownPrice === 'refuse') refuseSurcharge(size.surcharge(planned.changes.params));
      nanoUsd = Math.max(nanoUsd, costAtWorst(snapshot, planned, estimate));
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

/** @throws GatewayError `price_unknown` */
function refuseSurcharge(name: string | null): void {
  if (name === null) return;
  throw new GatewayError(
    'price_unknown',
    `A budget is in force, and what the request costs with its "${name}" is not known; leave it out, or set unknownPrice: allow.`,
    { param: name },
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
export function concludeCost(open: OpenCall, yardsticks: Yardsticks): void {
  const { exchange, grant, snapshot } = open;
  const { tally } = exchange;
  if (exchange.cache === 'hit') {
    exchange.usage = null;
    exchange.costUsd = 0;
    return;
  }
  if (grant !== null && grant.worst !== null && tally !== null) {
    const yardstick = yardsticks.of(exchange);
    if (isTold(exchange, tally)) learn(exchange, tally, grant.worst, yardstick);
    else estimateUsage(exchange, tally, grant.worst, yardstick);
  }
  exchange.costUsd = costOfExchange(exchange, snapshot.prices);
}

/** The usage is that of all that came. */
function isTold({ usage, isStream }: Exchange, tally: ReplyTally): boolean {
  return usage !== null && (!isStream || tally.untold().chars === 0);
}

function learn({ usage, isStream }: Exchange, tally: ReplyTally, worst: Worst, yardstick: Yardstick): void {
  if (!yardstick.mayLearn()) return;
  yardstick.learnInput(worst.estimate.likelyInput(), usage!.inputTokens);
  if (isStream) yardstick.learnOutput(tally.written(), worst.count, usage!.outputTokens);
}

function estimateUsage(exchange: Exchange, tally: ReplyTally, worst: Worst, yardstick: Yardstick): void {
  const { usage } = exchange;
  const { inputTokens: mostInput, outputTokens: mostOutput } = worst.estimate;
  const likelyInput = (): number => Math.min(mostInput, yardstick.inputTokens(worst.estimate.likelyInput()));
  const isLeft = exchange.aborted === 'client_gone' && exchange.attempts > 0;
  const isUnseen = tally.hasBegun ? !exchange.isStream && !tally.isWhole : isLeft && !exchange.wantsStream;
  if (isUnseen || (worst.isBackground && (tally.hasBegun || isLeft)))
    // The provider works on, or has worked: it may have written all of it, and a caller must not have it for nothing.
    exchange.usage = { inputTokens: mostInput, outputTokens: mostOutput, cachedInputTokens: 0 };
  else if (tally.hasBegun) {
    const { chars } = tally.written();
    if (chars === 0 && exchange.errorType === 'upstream_error') return;
    const written = writtenTokens(tally, usage?.outputTokens ?? 0, worst, yardstick);
    const inputTokens = usage?.inputTokens ?? likelyInput();
    exchange.usage = { cachedInputTokens: 0, ...usage, inputTokens, outputTokens: written };
  } else if (isLeft) exchange.usage = { inputTokens: likelyInput(), outputTokens: 0, cachedInputTokens: 0 };
  else return;
  exchange.isEstimated = true;
}

/** What was told of a stream, and what came since. @param told of its output; Anthropic begins with a token or two */
function writtenTokens(tally: ReplyTally, told: number, { estimate, count }: Worst, yardstick: Yardstick): number {
  const untold = tally.untold();
  const counted = yardstick.outputTokens(untold, count);
  const tokens = untold.chars === tally.written().chars ? Math.max(told, counted) : told + counted;
  // What was learned says no more of a reply than it was capped to, whatever its text says.
  return Math.min(tokens, Math.max(told, estimate.outputTokens, tally.written().chars));
}

/** What the call really took of its limits. */
export function usedBy({ exchange: { usage, costUsd } }: OpenCall): Amounts {
  const tokens = usage === null ? 0 : usage.inputTokens + usage.outputTokens;
  return { tokens, nanoUsd: Math.round((costUsd ?? 0) * NANO_PER_USD) };
}
