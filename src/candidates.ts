import type { IncomingMessage } from 'node:http';
import type { ModelCall } from './core/call.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { Milliseconds } from './core/units.ts';
import type { Identity } from './identify/api-key.ts';
import type { Upload } from './ingress/upload.ts';
import type { OpenCall } from './open-calls.ts';
import type { PlannedTarget } from './route/plan-targets.ts';
import { upstreamBody } from './route/upstream-body.ts';
import type { UpstreamRequest } from './upstream/attempt.ts';
import { upstreamHeaders } from './upstream/request-headers.ts';
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
  const { exchange, incoming, snapshot } = open;
  return targets.map(({ target, model, label, changes }) => {
    const upstream = snapshot.upstreams.get(target.provider)!;
    const { timeouts, retries } = upstream.config;
    return {
      upstream,
      label,
      model: model ?? '',
      retryAttempts: retries.attempts,
      request(): UpstreamRequest {
        const body = upstreamBody(call, clean, exchange.operation, changes);
        return {
          method: 'POST',
          path: upstream.provider.upstreamPath(upstream.basePath, call.path),
          headers: upstreamHeaders(incoming.rawHeaders, headerPlan(upstream), consumed, body.encoding),
          body: body.bytes,
          firstByteTimeout: call.stream ? timeouts.firstByte : timeouts.reply,
          idleTimeout: timeouts.idle,
          queueTimeout: queueTimeout(upstream),
        };
      },
    };
  });
}

/** A request of an unknown path: only its credentials and framing are the gateway's, and what redaction changed. */
export function passthroughCandidate(
  upstream: Upstream,
  incoming: IncomingMessage,
  upload: Upload,
  { consumed }: Identity,
): Candidate {
  return {
    upstream,
    label: 'other',
    model: '',
    retryAttempts: 0,
    request(): UpstreamRequest {
      const headers = upstreamHeaders(incoming.rawHeaders, headerPlan(upstream), consumed, upload.encoding);
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

function headerPlan({ provider, config }: Upstream): Parameters<typeof upstreamHeaders>[1] {
  return { provider, key: config.key, extra: config.headers };
}
