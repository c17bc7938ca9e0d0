import { z } from 'zod';
import { OTLP_PROTOCOLS, type OtlpProtocol, type TelemetryConfig, type TracesConfig } from '../core/telling-config.ts';
import { checkBaseUrl } from './base-url.ts';
import type { Environment } from './environment.ts';
import type { Issues, Path } from './problem.ts';
import { headerName, headerValue } from './provider-schema.ts';
import { percent, timeLimit, wholeNumber, yesOrNo } from './units.ts';
import { strict } from './zod-kit.ts';

const RESTART = 'A change needs a restart.';

export const telemetry = strict({
  endpoint: z
    .string()
    .optional()
    .describe(
      `Of the collector, OTLP over HTTP; \`/v1/traces\` and \`/v1/metrics\` are put behind it. Left out: as \`OTEL_EXPORTER_OTLP_ENDPOINT\`, else \`http://localhost:4318\`. ${RESTART}`,
    ),
  protocol: z
    .enum(OTLP_PROTOCOLS)
    .optional()
    .describe(
      `How it is written. Left out: as \`OTEL_EXPORTER_OTLP_PROTOCOL\` and those of each signal, else \`http/protobuf\`. ${RESTART}`,
    ),
  headers: z
    .record(headerName, headerValue)
    .prefault({})
    .describe(`For the collector, beside those of \`OTEL_EXPORTER_OTLP_HEADERS\`. ${RESTART}`),
  timeout: timeLimit()
    .optional()
    .describe(
      `Of one batch with its retries. Left out: as \`OTEL_EXPORTER_OTLP_TIMEOUT\`, else ten seconds. ${RESTART}`,
    ),
  compression: z
    .enum(['none', 'gzip'])
    .optional()
    .describe(`Of what is sent. Left out: as \`OTEL_EXPORTER_OTLP_COMPRESSION\`, else none. ${RESTART}`),
  serviceName: z
    .string()
    .min(1)
    .optional()
    .describe(`\`service.name\`. Left out: as \`OTEL_SERVICE_NAME\`, else \`sluice\`. ${RESTART}`),
  resource: z
    .record(z.string().min(1), z.string())
    .prefault({})
    .describe(`More that is said of this gateway, beside \`OTEL_RESOURCE_ATTRIBUTES\`. ${RESTART}`),
  traces: strict({
    enabled: yesOrNo().prefault(true).describe(`Whether requests are traced. ${RESTART}`),
    sample: percent()
      .optional()
      .describe(
        'Of the traces that begin here; a trace that is continued is sampled where its parent is. Left out: as `OTEL_TRACES_SAMPLER`, else 10 %.',
      ),
    keepErrors: yesOrNo()
      .prefault(false)
      .describe('Requests that end with outcome error or truncated are told of, sampled or not.'),
    trustIncoming: yesOrNo()
      .prefault(false)
      .describe(
        "true: a client's `traceparent` is continued; false: each request begins a trace of its own, which links to the client's.",
      ),
    queue: wholeNumber(16, 1_000_000)
      .prefault(4096)
      .describe(`Spans that may wait in memory; more are dropped and counted. ${RESTART}`),
    content: yesOrNo()
      .prefault(false)
      .describe(
        'What was asked and answered stands in the spans as well, as records keep it: `record.content` must be on.',
      ),
  })
    .prefault({})
    .describe('Spans.'),
  metrics: strict({
    enabled: yesOrNo().prefault(true).describe(`Whether metrics are sent. ${RESTART}`),
    interval: timeLimit()
      .optional()
      .describe(`Left out: as \`OTEL_METRIC_EXPORT_INTERVAL\`, else a minute. ${RESTART}`),
    own: yesOrNo()
      .prefault(true)
      .describe(`Those of \`/metrics\` as well as those of the GenAI conventions. ${RESTART}`),
  })
    .prefault({})
    .describe('Metrics.'),
});

type TelemetryFile = z.output<typeof telemetry>;

interface Sections {
  readonly telemetry?: TelemetryFile | undefined;
  readonly record: { readonly content: boolean };
}

const DEFAULT_ENDPOINT = 'http://localhost:4318';
/** @source the default of OpenTelemetry's specification of exporters */
const DEFAULT_PROTOCOL: OtlpProtocol = 'http/protobuf';
const DEFAULT_SAMPLE = 10;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Null where nothing is exported: the section is not there, or `OTEL_SDK_DISABLED` says so. */
export function toTelemetry(
  { telemetry: file, record: { content: keepsContent } }: Sections,
  environment: Environment,
  issues: Issues,
): TelemetryConfig | null {
  if (file === undefined || environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return null;
  const at = ['telemetry', 'endpoint'];
  const base = checkBaseUrl(
    file.endpoint ?? told(environment, 'OTEL_EXPORTER_OTLP_ENDPOINT') ?? DEFAULT_ENDPOINT,
    [],
    at,
    issues,
  );
  const urlOf = (signal: 'traces' | 'metrics'): string => {
    const own = told(environment, `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`);
    return file.endpoint !== undefined || own === null ? `${base}/v1/${signal}` : checkBaseUrl(own, [], at, issues);
  };
  const protocolOf = (signal: 'traces' | 'metrics'): OtlpProtocol =>
    file.protocol ?? toldProtocol(environment, signal, issues);
  const { traces, metrics } = file;
  if (traces.content && !keepsContent)
    issues.add(
      ['telemetry', 'traces', 'content'],
      'has nothing to tell: requests are recorded without their content',
      'set record.content to true as well, or remove it',
    );
  const sample = traces.sample ?? sampleOf(environment, ['telemetry', 'traces', 'sample'], issues);
  return {
    headers: file.headers,
    timeout: file.timeout ?? null,
    compression: file.compression ?? null,
    resource: toResource(file, environment),
    traces: {
      ...traces,
      url: urlOf('traces'),
      protocol: protocolOf('traces'),
      enabled: traces.enabled && environment['OTEL_TRACES_EXPORTER'] !== 'none',
      sample,
      delay: intervalOf(environment, 'OTEL_BSP_SCHEDULE_DELAY') ?? SECOND,
    },
    metrics: {
      url: urlOf('metrics'),
      protocol: protocolOf('metrics'),
      enabled: metrics.enabled && environment['OTEL_METRICS_EXPORTER'] !== 'none',
      interval: metrics.interval ?? intervalOf(environment, 'OTEL_METRIC_EXPORT_INTERVAL') ?? MINUTE,
      own: metrics.own,
    },
  };
}

/** An empty variable is as one that is not set. */
function told(environment: Environment, name: string): string | null {
  const value = environment[name]?.trim() ?? '';
  return value === '' ? null : value;
}

function toldProtocol(environment: Environment, signal: 'traces' | 'metrics', issues: Issues): OtlpProtocol {
  const names = [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL'];
  const name = names.find((each) => told(environment, each) !== null);
  if (name === undefined) return DEFAULT_PROTOCOL;
  const known = OTLP_PROTOCOLS.find((each) => each === told(environment, name));
  if (known === undefined)
    issues.add(
      ['telemetry', 'protocol'],
      `cannot be what ${name} says: only http/protobuf and http/json are spoken`,
      `write protocol: http/protobuf, with an endpoint that takes it (most often port 4318), or change ${name}`,
    );
  return known ?? DEFAULT_PROTOCOL;
}

/** The samplers of OpenTelemetry's specification; all of them are parent-based here. */
function sampleOf(environment: Environment, at: Path, issues: Issues): TracesConfig['sample'] {
  const sampler = told(environment, 'OTEL_TRACES_SAMPLER')?.replace(/^parentbased_/, '') ?? null;
  if (sampler === null) return DEFAULT_SAMPLE;
  if (sampler === 'always_on') return 100;
  if (sampler === 'always_off') return 0;
  const ratio = Number(told(environment, 'OTEL_TRACES_SAMPLER_ARG') ?? '1');
  if (sampler !== 'traceidratio' || !(ratio >= 0 && ratio <= 1))
    issues.add(
      at,
      'cannot be read from OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG',
      'use always_on, always_off or traceidratio with a number from 0 to 1, or write sample: 10%',
    );
  return ratio * 100;
}

/** In milliseconds; null where it is not said, or no number. */
function intervalOf(environment: Environment, name: string): number | null {
  const text = told(environment, name);
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}

/** What Kubernetes' downward API is mostly put into. */
const KUBERNETES: Readonly<Record<string, string>> = {
  POD_NAME: 'k8s.pod.name',
  POD_UID: 'k8s.pod.uid',
  POD_NAMESPACE: 'k8s.namespace.name',
  NODE_NAME: 'k8s.node.name',
};

function toResource(file: TelemetryFile, environment: Environment): Readonly<Record<string, string>> {
  const kubernetes = Object.entries(KUBERNETES).flatMap(([variable, attribute]) => {
    const value = told(environment, variable);
    return value === null ? [] : [[attribute, value] as const];
  });
  const given = { ...Object.fromEntries(kubernetes), ...listed(environment['OTEL_RESOURCE_ATTRIBUTES'] ?? '') };
  const name = file.serviceName ?? told(environment, 'OTEL_SERVICE_NAME') ?? given['service.name'] ?? 'sluice';
  return { ...given, ...file.resource, 'service.name': name };
}

/** `key=value,key=value`, values percent-encoded; what cannot be read is left out. */
function listed(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const [key = '', value] = pair.split('=', 2).map((part) => part.trim());
    if (key === '' || value === undefined) return [];
    try {
      return [[key, decodeURIComponent(value)] as const];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(pairs);
}
