import type { ModelCall } from './core/call.ts';
import type { Clock } from './core/clock.ts';
import { GatewayError } from './core/errors.ts';
import { Exchange } from './core/exchange.ts';
import type { JsonDocument } from './core/json-document.ts';
import { OwnKeys } from './core/own-keys.ts';
import type { Redactor } from './core/redaction.ts';
import type { Operation } from './core/operation.ts';
import type { Rollout } from './core/rollout.ts';
import type { RequestTrace, TracedAttempt } from './core/request-trace.ts';
import type { Tracer } from './core/tracer.ts';
import type { OpenTranslation } from './core/translation.ts';
import type { Bytes } from './core/units.ts';
import { inspectReply } from './ingress/inspect-reply.ts';
import type { OpenCall } from './open-calls.ts';
import { costOfExchange } from './outcome/cost.ts';
import { observerOf } from './outcome/observer.ts';
import { toResult } from './outcome/request-result.ts';
import type { Sampled } from './route/assign-arm.ts';
import { changesFor } from './policy-targets.ts';
import type { PolicyJudge } from './policy/judge.ts';
import { providerMessage, sentModel, type ProviderMessage } from './provider-message.ts';
import type { BodyChanges } from './route/upstream-body.ts';
import { copyDocument } from './shadow/copy-document.ts';
import type { CopyReply, RunningCopy, ShadowOrder } from './shadow/order.ts';
import type { ShadowTraffic } from './shadow/shadow-traffic.ts';
import { worstCase } from './shadow/worst-case.ts';
import { serves } from './translations.ts';
import { Attempt, type UpstreamRequest } from './upstream/attempt.ts';
import { upstreamHeaders, type HeaderPlan } from './upstream/request-headers.ts';
import type { Upstream } from './upstream/upstream.ts';
import { isUsable } from './upstream/attempt-once.ts';
import { UpstreamFailure } from './upstream/upstream-error.ts';

/** A reply that is larger is given up. */
const MAX_REPLY_BYTES: Bytes = 8 * 1024 * 1024;

/** What a copy is made from. */
export interface CopySource {
  readonly open: OpenCall;
  readonly call: ModelCall;
  /** The body after redaction. */
  readonly clean: JsonDocument;
  readonly policy: PolicyJudge | null;
  readonly clock: Clock;
  readonly tracer: Tracer | null;
}

/** Where a copy goes. */
interface Destination {
  readonly rollout: Rollout;
  readonly unit: string | null;
  readonly upstream: Upstream;
  readonly model: string;
  /** The model's configured name. */
  readonly label: string;
}

/**
 * Makes the copies that shadows want of a request, while the provider works on the request itself, and has them sent when
 * it has ended. By then nothing of the request is needed but their bodies.
 */
export function planCopies(source: CopySource, shadows: readonly Sampled[], traffic: ShadowTraffic): void {
  const { open, call, clean, clock } = source;
  const { exchange, snapshot } = open;
  const orders: ShadowOrder[] = [];
  for (const { rollout, unit } of shadows) {
    const target = rollout.spec.arms[0]!.target!;
    const upstream = snapshot.upstreams.get(target.provider)!;
    const isSpoken = serves(upstream.provider, exchange.operation);
    if (!traffic.admits(rollout, exchange.operation, clean, isSpoken)) continue;
    const model = sentModel(upstream.provider, target.model ?? call.model!);
    const order = toOrder(source, { rollout, unit, upstream, model, label: target.model ?? exchange.route });
    if (order === 'unsayable') traffic.skipUnsayable(rollout);
    if (order === null || order === 'unsayable') continue;
    traffic.hold(order);
    snapshot.users.enter();
    orders.push(order);
  }
  if (orders.length > 0) open.afterwards = () => release(orders, exchange, traffic, clock);
}

/** A request without a result of its own says nothing about its copy: its caller left, or got something wrong. */
function release(orders: readonly ShadowOrder[], exchange: Exchange, traffic: ShadowTraffic, clock: Clock): void {
  // The upload and the pauses between retries are none of the provider's, and a copy has neither.
  const durationMs = clock.now() - exchange.receivedAt - exchange.waitedMs;
  const primary = exchange.attempts > 0 ? toResult(exchange, durationMs, clock.wall()) : null;
  for (const order of orders) {
    if (primary === null || primary.rejected === true) traffic.withdraw(order);
    else traffic.offer(order, primary);
  }
}

/** Null where a policy keeps the call from its target; `unsayable` where the target's protocol has no words for it. */
function toOrder(source: CopySource, destination: Destination): ShadowOrder | 'unsayable' | null {
  const { open, call, clean } = source;
  const { rollout, unit, upstream, model, label } = destination;
  const { operation } = open.exchange;
  const { prices } = open.snapshot;
  const document = copyDocument(operation, clean);
  const changes = changesOf(source, destination, document);
  if (changes instanceof GatewayError) return null;
  const message = toMessage(call, document, changes, destination, operation);
  if (message === null) return 'unsayable';
  const { body, translation } = message;
  const { trace } = open.exchange;
  const traced = trace?.copy(upstream.config, model) ?? null;
  const request = toRequest(open, destination, message);
  const copy = toExchange(open.exchange, destination);
  copy.observer = observerOf(operation, call.document, copy.choices);
  const price = prices.find(upstream.config.name, model);
  return {
    rollout,
    unit,
    bytes: body.bytes.length,
    worstCostUsd: price === null ? null : worstCase(operation, clean, changes.params, body.bytes.length, price),
    target: {
      get isCircuitClosed() {
        return (upstream.circuits().get(label)?.state ?? 'closed') === 'closed';
      },
      get hasRoom() {
        return upstream.hasRoom;
      },
    },
    send: () => {
      const ordered = { copy, upstream, request, translation, trace, traced };
      return sendCopy(ordered, (ended) => costOfExchange(ended, prices), source);
    },
    done: () => open.snapshot.users.leave(),
  };
}

function changesOf(
  { open, call, policy }: CopySource,
  { rollout, upstream, model }: Destination,
  document: JsonDocument,
): BodyChanges | GatewayError {
  const { params } = rollout.spec.arms[0]!;
  const changes: BodyChanges = { model: model === call.model ? null : model, params, system: null };
  if (policy === null) return changes;
  return changesFor({ provider: upstream.config.name, model }, changes, { policy, open, call, document });
}

/** Null where the target's protocol cannot say it. */
function toMessage(
  call: ModelCall,
  document: JsonDocument,
  changes: BodyChanges,
  { upstream: { provider }, model }: Destination,
  operation: Operation,
): ProviderMessage | null {
  try {
    return providerMessage({ call, document, operation, changes, provider, model, caller: '', told: null });
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** Credentials of the caller, which pay for what the caller asked for only; and a key by which a repetition is known. */
const NOT_COPIED = ['authorization', 'x-api-key', 'idempotency-key'];

function toRequest(
  open: OpenCall,
  destination: Destination,
  { path, body, translation }: ProviderMessage,
): UpstreamRequest {
  const { provider, config, basePath } = destination.upstream;
  const plan: HeaderPlan = {
    provider,
    key: config.key,
    extra: config.headers,
    isTranslated: translation !== null,
    trace: open.exchange.trace,
    tellsTrace: config.tellsTrace,
  };
  return {
    method: 'POST',
    path: provider.upstreamPath(basePath, path, { model: destination.model, isStream: false }),
    headers: upstreamHeaders(open.incoming.rawHeaders, plan, NOT_COPIED, body.encoding),
    body: body.bytes,
    // None: the shadow's deadline bounds the copy as a whole.
    firstByteTimeout: 0,
    idleTimeout: 0,
    queueTimeout: config.maxConnections === null ? null : config.timeouts.connect,
  };
}

/** The copy as an exchange of its own, so that its reply is read as any other; nobody counts or logs it. */
function toExchange(primary: Exchange, { upstream, model, label }: Destination): Exchange {
  const copy = new Exchange(`${primary.id}-shadow`, primary.operation, primary.protocol, 0, 0);
  copy.keyName = primary.keyName;
  copy.language = primary.language;
  copy.choices = primary.choices;
  copy.provider = upstream.config.name;
  copy.upstreamModel = model;
  copy.modelLabel = label;
  return copy;
}

interface OrderedCopy {
  readonly copy: Exchange;
  readonly upstream: Upstream;
  readonly request: UpstreamRequest;
  readonly translation: OpenTranslation | null;
  readonly trace: RequestTrace | null;
  readonly traced: TracedAttempt | null;
}

function sendCopy(
  ordered: OrderedCopy,
  costOf: (ended: Exchange) => number | null,
  { clock, tracer }: CopySource,
): RunningCopy {
  const { copy, trace, traced } = ordered;
  const attempt = new Attempt();
  const started = clock.now();
  if (traced !== null) traced.startedAt = started;
  const reply = receive(ordered, attempt).then((mayCost): CopyReply => {
    copy.costUsd = costOf(copy);
    if (trace !== null && traced !== null) tracer?.copied(trace, traced, copy, clock.now());
    const result = toResult(copy, clock.now() - started, clock.wall())!;
    // The request was fine where it first went: then it is the copy's target that is at fault.
    const isFailed = result.error || result.rejected === true;
    return { result: isFailed ? { ...result, error: true } : result, costUsd: mayCost ? copy.costUsd : 0 };
  });
  return { reply, stop: () => attempt.stop('shutdown') };
}

/**
 * Takes what the reply tells into the exchange. Never rejects.
 * @returns whether the provider may charge for it: not for an error reply, nor for what never reached it
 */
async function receive({ copy, upstream, request, translation }: OrderedCopy, attempt: Attempt): Promise<boolean> {
  try {
    const key = (await upstream.credentials?.authorize(request, '')) ?? 0;
    await attempt.start(upstream.dispatcher, request);
    upstream.credentials?.answered(key, attempt);
    copy.status = attempt.status;
    copy.usageSource = translation;
    const body = await readBody(attempt);
    if (attempt.status >= 400) copy.fail('error', `http_${attempt.status}`);
    else if (!isUsable(attempt, copy)) copy.fail('error', 'malformed_reply');
    else if (translation !== null) await inspectReply(translated(body, translation), undefined, copy, NOBODY_READS_IT);
    else await inspectReply(body, attempt.header('content-encoding'), copy, NOBODY_READS_IT);
    return attempt.status < 400;
  } catch (error) {
    const failure = error instanceof UpstreamFailure ? error : null;
    copy.fail('error', failure?.kind ?? 'internal_error');
    return failure?.maySentBytes === true;
  }
}

/** A compressed one, which nobody asked for, cannot be read: then the copy has failed. */
function translated(body: Buffer, translation: OpenTranslation): Buffer {
  return Buffer.from(translation.reply(body.toString('utf8')), 'utf8');
}

const NOTHING_TO_REDACT: Redactor = {
  inspects: () => false,
  isClean: () => true,
  redactText: (text) => ({ text, findings: [] }),
  redactDocument: (document) => document,
  redactAside: (document) => document,
  openStream: () => ({ push: (event, emit) => emit(event), flush: () => {} }),
  redactPlain: (text) => text,
  openText: () => ({ push: (piece) => piece, finish: () => '' }),
  uninspected: () => {},
};

/** The reply goes nowhere. */
const NOBODY_READS_IT = { redactor: NOTHING_TO_REDACT, ownKeys: OwnKeys.NONE };

function readBody(attempt: Attempt): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    attempt.pipeTo({
      data(chunk) {
        size += chunk.length;
        if (size > MAX_REPLY_BYTES) attempt.stop('malformed_reply');
        else chunks.push(chunk);
      },
      end: () => resolve(Buffer.concat(chunks, size)),
      fail: reject,
    });
  });
}
