import type { IncomingMessage } from 'node:http';
import type { ModelCall } from './core/call.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { OpenTranslation, Translation } from './core/translation.ts';
import type { Milliseconds } from './core/units.ts';
import type { Identity } from './identify/api-key.ts';
import type { Upload } from './ingress/upload.ts';
import type { OpenCall } from './open-calls.ts';
import type { PlannedTarget } from './route/plan-targets.ts';
import { upstreamBody, upstreamText } from './route/upstream-body.ts';
import { translationFor } from './translations.ts';
import type { UpstreamRequest } from './upstream/attempt.ts';
import { upstreamHeaders, type HeaderPlan } from './upstream/request-headers.ts';
import type { Candidate } from './upstream/send.ts';
import type { Upstream } from './upstream/upstream.ts';

/** Turns targets into requests: each one's own body, path and credential, made when its turn comes. */
export function planCandidates(
  open: OpenCall,
  targets: readonly PlannedTarget[],
  call: ModelCall,
  clean: JsonDocument,
  { consumed }: Identity,
): Candidate[] {
  return targets.map((planned) => {
    const upstream = open.snapshot.upstreams.get(planned.target.provider)!;
    const translation = translationFor(open.exchange.operation, upstream.provider);
    return new CallCandidate({ open, call, clean, consumed, planned, upstream, translation });
  });
}

interface CallSource {
  readonly open: OpenCall;
  readonly call: ModelCall;
  readonly clean: JsonDocument;
  readonly consumed: readonly string[];
  readonly planned: PlannedTarget;
  readonly upstream: Upstream;
  /** Null: the provider speaks the client's protocol. */
  readonly translation: Translation | null;
}

/** What is sent in the end. */
interface Message {
  readonly path: string;
  readonly bytes: Buffer;
  readonly encoding: string | null;
}

class CallCandidate implements Candidate {
  readonly upstream: Upstream;
  readonly label: string;
  readonly model: string;
  readonly retryAttempts: number;
  translation: OpenTranslation | null = null;
  private readonly source: CallSource;

  constructor(source: CallSource) {
    const { upstream, planned } = source;
    this.source = source;
    this.upstream = upstream;
    this.label = planned.label;
    this.model = planned.model ?? '';
    this.retryAttempts = upstream.config.retries.attempts;
  }

  /** @throws GatewayError `invalid_request` where the provider's protocol cannot say what the client's does */
  request(): UpstreamRequest {
    const { upstream, source } = this;
    const { open, call, consumed, translation } = source;
    const { timeouts } = upstream.config;
    const message = translation === null ? this.native() : this.translated(translation);
    const plan = headerPlan(upstream, translation !== null);
    return {
      method: 'POST',
      path: upstream.provider.upstreamPath(upstream.basePath, message.path),
      headers: upstreamHeaders(open.incoming.rawHeaders, plan, consumed, message.encoding),
      body: message.bytes,
      firstByteTimeout: call.stream ? timeouts.firstByte : timeouts.reply,
      idleTimeout: timeouts.idle,
      queueTimeout: queueTimeout(upstream),
    };
  }

  private native(): Message {
    const { open, call, clean, planned } = this.source;
    open.exchange.translated = null;
    const { bytes, encoding } = upstreamBody(call, clean, open.exchange.operation, planned.changes);
    return { path: call.path, bytes, encoding };
  }

  private translated(translation: Translation): Message {
    const { open, call, clean, planned } = this.source;
    const { exchange } = open;
    const asked = JSON.parse(upstreamText(clean, exchange.operation, planned.changes)) as unknown;
    this.translation = translation.open(asked, this.model);
    const { path, body, approximated } = this.translation.request;
    exchange.translated = [translation.name, ...approximated].join(', ');
    // What is translated always tells its usage, and the gateway needs it.
    if (exchange.operation === 'chat' && call.stream && !asksUsage(clean)) exchange.hidesUsage = true;
    return { path, bytes: Buffer.from(body, 'utf8'), encoding: null };
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
  incoming: IncomingMessage,
  upload: Upload,
  { consumed }: Identity,
  planned: PlannedTarget | null,
): Candidate {
  return {
    upstream,
    label: planned?.label ?? 'other',
    model: planned?.model ?? '',
    retryAttempts: 0,
    translation: null,
    request(): UpstreamRequest {
      const headers = upstreamHeaders(incoming.rawHeaders, headerPlan(upstream, false), consumed, upload.encoding);
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

function headerPlan({ provider, config }: Upstream, isTranslated: boolean): HeaderPlan {
  return { provider, key: config.key, extra: config.headers, isTranslated };
}
