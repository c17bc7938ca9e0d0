import type { ModelCall } from './core/call.ts';
import type { Exchange } from './core/exchange.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { OpenTranslation } from './core/translation.ts';
import type { Milliseconds } from './core/units.ts';
import type { Identity } from './identify/api-key.ts';
import type { Upload } from './ingress/upload.ts';
import type { OpenCall } from './open-calls.ts';
import { providerMessage, sentModel } from './provider-message.ts';
import type { Plan, PlannedTarget } from './route/plan-targets.ts';
import type { ToldItems } from './told-items.ts';
import type { UpstreamRequest } from './upstream/attempt.ts';
import { upstreamHeaders, type HeaderPlan } from './upstream/request-headers.ts';
import type { Candidate } from './upstream/attempt-once.ts';
import type { Hedge } from './upstream/hedge.ts';
import type { TargetLoad } from './upstream/target-load.ts';
import type { Upstream } from './upstream/upstream.ts';

/** Turns a plan into requests: each one's own body, path and credential, made when its turn comes. */
export function planCandidates(
  open: OpenCall,
  plan: Plan,
  call: ModelCall,
  clean: JsonDocument,
  { consumed, principal }: Identity,
  told: ToldItems,
): Candidate[] {
  const hedge = plan.hasOwnTarget ? null : (open.snapshot.hedges.get(plan.route.name) ?? null);
  return plan.targets.map((planned) => {
    const upstream = open.snapshot.upstreams.get(planned.target.provider)!;
    const load = plan.isBalanced ? upstream.load(planned.label) : null;
    const caller = principal.id;
    return new CallCandidate({ open, call, clean, consumed, caller, told, planned, upstream, load, hedge });
  });
}

interface CallSource {
  readonly open: OpenCall;
  readonly call: ModelCall;
  readonly clean: JsonDocument;
  readonly consumed: readonly string[];
  /** Who calls. */
  readonly caller: string;
  readonly told: ToldItems;
  readonly planned: PlannedTarget;
  readonly upstream: Upstream;
  readonly load: TargetLoad | null;
  readonly hedge: Hedge | null;
}

class CallCandidate implements Candidate {
  readonly upstream: Upstream;
  readonly label: string;
  readonly model: string;
  readonly retryAttempts: number;
  readonly load: TargetLoad | null;
  readonly hedge: Hedge | null;
  translation: OpenTranslation | null = null;
  translated: string | null = null;
  private readonly source: CallSource;
  hidesUsage: boolean;
  /** As it is where this target is not translated to. */
  private readonly isUsageHidden: boolean;

  constructor(source: CallSource) {
    const { upstream, planned } = source;
    this.source = source;
    this.isUsageHidden = source.open.exchange.hidesUsage;
    this.hidesUsage = this.isUsageHidden;
    this.upstream = upstream;
    this.load = source.load;
    this.hedge = source.hedge;
    this.label = planned.label;
    this.model = sentModel(upstream.provider, planned.model ?? '');
    this.retryAttempts = upstream.config.retries.attempts;
  }

  /** @throws GatewayError `invalid_request` where the provider's protocol cannot say what the client's does */
  request(): UpstreamRequest {
    const { upstream, source, model } = this;
    const { open, call, clean, consumed, caller, told, planned } = source;
    const { provider, basePath, config } = upstream;
    const { operation } = open.exchange;
    const { changes } = planned;
    const message = providerMessage({ call, document: clean, operation, changes, provider, model, caller, told });
    const { path, body, translation } = message;
    this.translation = translation;
    this.translated = message.told;
    this.hidesUsage = this.isUsageHidden || this.setsUsageApart();
    const plan = headerPlan(upstream, translation !== null, open.exchange);
    return {
      method: 'POST',
      path: provider.upstreamPath(basePath, path, { model, isStream: call.stream }),
      headers: upstreamHeaders(open.incoming.rawHeaders, plan, consumed, body.encoding),
      body: body.bytes,
      firstByteTimeout: call.stream ? config.timeouts.firstByte : config.timeouts.reply,
      idleTimeout: config.timeouts.idle,
      queueTimeout: queueTimeout(upstream),
    };
  }

  /** What is translated always tells its usage, and the gateway needs it. */
  private setsUsageApart(): boolean {
    const { open, call, clean } = this.source;
    return this.translation !== null && open.exchange.operation === 'chat' && call.stream && !asksUsage(clean);
  }
}

/** A stream of chat tells its usage only where the app asked for it. */
function asksUsage(document: JsonDocument): boolean {
  const options = document.member(document.root, 'stream_options');
  return options !== null && document.isTrue(document.member(options, 'include_usage'));
}

/**
 * A request of an endpoint that is not parsed: only its credentials and framing are the gateway's, and what redaction or
 * its target changed.
 * @param planned null where it names no model that is configured
 */
export function passedCandidate(
  upstream: Upstream,
  { incoming, exchange }: OpenCall,
  upload: Upload,
  { consumed }: Identity,
  planned: PlannedTarget | null,
): Candidate {
  return {
    upstream,
    label: planned?.label ?? 'other',
    model: planned?.model ?? '',
    retryAttempts: 0,
    load: null,
    hedge: null,
    translation: null,
    hidesUsage: false,
    translated: null,
    request(): UpstreamRequest {
      const headers = upstreamHeaders(
        incoming.rawHeaders,
        headerPlan(upstream, false, exchange),
        consumed,
        upload.encoding,
      );
      if (upload.length !== null) headers.push('content-length', upload.length);
      return {
        method: incoming.method ?? 'GET',
        path: upstream.provider.upstreamPath(upstream.basePath, incoming.url ?? '/v1/'),
        headers,
        body: upload.open(),
        firstByteTimeout: upstream.config.timeouts.reply,
        idleTimeout: upstream.config.timeouts.idle,
        queueTimeout: queueTimeout(upstream),
      };
    },
  };
}

/** A connection that is not free in the time in which one could have been made counts as not to be had. */
function queueTimeout({ config }: Upstream): Milliseconds | null {
  return config.maxConnections === null ? null : config.timeouts.connect;
}

function headerPlan({ provider, config }: Upstream, isTranslated: boolean, { trace }: Exchange): HeaderPlan {
  return { provider, key: config.key, extra: config.headers, isTranslated, trace, tellsTrace: config.tellsTrace };
}
