import type { Clock } from '../core/clock.ts';
import type { TracesConfig } from '../core/telling-config.ts';
import type { Exchange } from '../core/exchange.ts';
import { RequestTrace, type TracedAttempt } from '../core/request-trace.ts';
import { cappedTracestate, readTraceparent } from '../core/trace-context.ts';
import type { TracedHeaders, Tracer } from '../core/tracer.ts';
import type { Milliseconds } from '../core/units.ts';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { RatioSampler } from './sampler.ts';
import type { SpanMaker } from './spans.ts';

type TraceRules = Pick<TracesConfig, 'sample' | 'keepErrors' | 'trustIncoming'>;

interface TracerDeps {
  readonly clock: Clock;
  readonly spans: SpanMaker;
  /** As the configuration in force says. */
  rules(): TraceRules;
  export(span: ReadableSpan): void;
}

/** Decides which requests are told of; of those it makes spans once they have ended. */
export class RequestTracer implements Tracer {
  private readonly deps: TracerDeps;
  private sampler: RatioSampler;

  constructor(deps: TracerDeps) {
    this.deps = deps;
    this.sampler = new RatioSampler(deps.rules().sample);
  }

  begin(requestId: string, { method = 'POST', url = '', headers }: TracedHeaders): RequestTrace {
    const { keepErrors, trustIncoming, sample } = this.deps.rules();
    if (sample !== this.sampler.share) this.sampler = new RatioSampler(sample);
    const incoming = readTraceparent(headers['traceparent']);
    const parent = trustIncoming ? incoming : null;
    // Random where the conventions want it: all of its last seven bytes. So the one id is known by the other.
    const traceId = parent?.traceId ?? requestId.replaceAll('-', '');
    const isSampled = parent?.isSampled ?? this.sampler.samples(traceId);
    const place = {
      traceId,
      parent,
      link: trustIncoming ? null : incoming,
      state: parent === null ? '' : cappedTracestate(headers['tracestate']),
      isSampled,
      isRecorded: isSampled || keepErrors,
    };
    const query = url.indexOf('?');
    return new RequestTrace(place, { method, path: query < 0 ? url : url.slice(0, query) }, this.deps.clock);
  }

  /** Once a request has ended. */
  finished(exchange: Exchange): void {
    const { trace } = exchange;
    if (trace === null || !trace.place.isRecorded) return;
    if (!trace.place.isSampled && exchange.outcome !== 'error' && exchange.outcome !== 'truncated') return;
    const { spans, clock } = this.deps;
    for (const span of spans.spansOf(exchange, trace, clock.now())) this.deps.export(span);
  }

  copied(trace: RequestTrace, attempt: TracedAttempt, copy: Exchange, endedAt: Milliseconds): void {
    if (!trace.place.isSampled) return;
    const { clock, spans } = this.deps;
    const ahead = clock.wall() - clock.now();
    this.deps.export(spans.copySpan(trace, attempt, copy, endedAt, (at) => at + ahead));
  }
}
