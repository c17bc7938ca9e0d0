import type { Config, ProviderType } from '../core/config.ts';
import type { Operation } from '../core/operation.ts';

/**
 * Every name that goes to a collector, in one place: the GenAI conventions are in development and their names change.
 * @source open-telemetry/semantic-conventions v1.41.0, the last version that has the GenAI conventions in full
 */
export const CONVENTIONS = { version: '1.41.0', schemaUrl: 'https://opentelemetry.io/schemas/1.41.0' } as const;

interface AttributeDefinition {
  readonly name: string;
  /** `request`: the server span. `attempt`: a client span. */
  readonly on: readonly ('request' | 'attempt' | 'metrics')[];
  readonly about: string;
}

/** `docs/reference/opentelemetry.md` is generated from these tables. */
export const ATTRIBUTES = {
  method: { name: 'http.request.method', on: ['request'], about: 'Of the request.' },
  httpRoute: { name: 'http.route', on: ['request'], about: 'The endpoint; `/v1/*` for what is passed through.' },
  path: { name: 'url.path', on: ['request'], about: 'Without the query, at most 256 characters.' },
  scheme: { name: 'url.scheme', on: ['request'], about: '`http`: the gateway speaks no TLS itself.' },
  status: {
    name: 'http.response.status_code',
    on: ['request', 'attempt'],
    about: 'What the client got (499: it left before), and what the provider answered; left out: nothing came.',
  },
  errorType: {
    name: 'error.type',
    on: ['request', 'attempt', 'metrics'],
    about: 'As `error_type` and `result` of our metrics; left out: no error.',
  },
  operation: {
    name: 'gen_ai.operation.name',
    on: ['attempt', 'metrics'],
    about: '`chat`, `text_completion`, `embeddings`, `moderations` or `count_tokens`.',
  },
  provider: {
    name: 'gen_ai.provider.name',
    on: ['attempt', 'metrics'],
    about: 'The vendor, by the conventions: `openai`, `anthropic`, `azure.ai.openai`, `aws.bedrock` …',
  },
  requestModel: {
    name: 'gen_ai.request.model',
    on: ['attempt', 'metrics'],
    about: "The provider's name of it, as sent; in metrics the configured one.",
  },
  responseModel: { name: 'gen_ai.response.model', on: ['attempt'], about: 'As the reply names it.' },
  finishReasons: { name: 'gen_ai.response.finish_reasons', on: ['attempt'], about: 'A list of one.' },
  inputTokens: {
    name: 'gen_ai.usage.input_tokens',
    on: ['attempt'],
    about: 'Cached ones included; of the attempt that served the request only, as all that follows of usage.',
  },
  outputTokens: { name: 'gen_ai.usage.output_tokens', on: ['attempt'], about: 'Reasoning included.' },
  cacheReadTokens: {
    name: 'gen_ai.usage.cache_read.input_tokens',
    on: ['attempt'],
    about: "Of the input, from the provider's cache.",
  },
  cacheWriteTokens: {
    name: 'gen_ai.usage.cache_creation.input_tokens',
    on: ['attempt'],
    about: "Of the input, put into the provider's cache.",
  },
  firstChunk: {
    name: 'gen_ai.response.time_to_first_chunk',
    on: ['attempt'],
    about: 'Seconds from the attempt to the first event with output in it; streams only.',
  },
  conversation: {
    name: 'gen_ai.conversation.id',
    on: ['attempt'],
    about: '`metadata.conversation`, where it is there.',
  },
  sentContent: {
    name: 'sluice.content.request',
    on: ['request'],
    about: 'The body, redacted; only with `telemetry.traces.content`.',
  },
  replyContent: {
    name: 'sluice.content.reply',
    on: ['request'],
    about: 'What the model wrote, redacted; only with `telemetry.traces.content`.',
  },
  tokenType: { name: 'gen_ai.token.type', on: ['metrics'], about: '`input` or `output`.' },
  address: { name: 'server.address', on: ['attempt', 'metrics'], about: "Of the provider's base URL." },
  port: { name: 'server.port', on: ['attempt', 'metrics'], about: "Of the provider's base URL." },
  requestId: { name: 'sluice.request_id', on: ['request'], about: '`x-sluice-request-id`.' },
  route: { name: 'sluice.route', on: ['request'], about: 'The configured model name or glob that matched.' },
  rollout: { name: 'sluice.rollout', on: ['request'], about: 'Left out: the request took part in none.' },
  arm: { name: 'sluice.arm', on: ['request'], about: 'The one that was assigned, whatever target served it.' },
  key: { name: 'sluice.key', on: ['request'], about: "The key's name; `anonymous` without one." },
  team: { name: 'sluice.team', on: ['request'], about: 'Left out: the key has none.' },
  outcome: {
    name: 'sluice.outcome',
    on: ['request'],
    about: '`success`, `error`, `truncated`, `cancelled` or `denied`.',
  },
  cache: { name: 'sluice.cache', on: ['request'], about: '`hit`, `miss` or `bypass`; left out: there is no cache.' },
  isStream: { name: 'sluice.stream', on: ['request'], about: 'Whether the reply was a stream.' },
  attempts: {
    name: 'sluice.attempts',
    on: ['request'],
    about: 'Requests to providers, retries and fallbacks included.',
  },
  overhead: { name: 'sluice.overhead', on: ['request'], about: "Seconds of the gateway's own." },
  cost: { name: 'sluice.cost_usd', on: ['request'], about: 'Left out: no price is known, or no usage.' },
  redacted: { name: 'sluice.redacted', on: ['request'], about: 'Rules and counts, as in `x-sluice-redacted`.' },
  attackScore: { name: 'sluice.attack_score', on: ['request'], about: '0 to 1, where `attack.detect` is on.' },
  target: { name: 'sluice.provider', on: ['attempt'], about: "The provider's configured name." },
  kind: {
    name: 'sluice.attempt',
    on: ['attempt'],
    about: '`initial`, `retry`, `fallback`, `hedge` (beside another) or `shadow` (a copy).',
  },
  result: { name: 'sluice.result', on: ['attempt'], about: 'As in `sluice_upstream_attempts_total`.' },
  served: { name: 'sluice.served', on: ['attempt'], about: 'true: the client got the reply of this attempt.' },
  translated: {
    name: 'sluice.translated',
    on: ['attempt'],
    about: 'The translation and what it approximated, as in `x-sluice-translated`; left out: none.',
  },
} as const satisfies Record<string, AttributeDefinition>;

export const SPAN_EVENTS = {
  firstToken: { name: 'gen_ai.first_token', about: 'The first event of a stream with output in it.' },
  rollout: { name: 'sluice.rollout', about: 'The request got its arm: `rollout`, `arm`, `forced`.' },
  redaction: {
    name: 'sluice.redaction',
    about: 'A rule found something for the first time: `rule`, `category`, `direction`, `action`; never the value.',
  },
  policy: { name: 'sluice.policy', about: 'A policy applied: `rule`, `decision`.' },
  detector: { name: 'sluice.detector', about: 'A detector outside was asked: `detector`, `result`.' },
} as const;

/** @source GenAI metrics: all client durations have these boundaries */
const DURATION_BOUNDARIES = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
] as const;

/** @source GenAI metrics, `gen_ai.client.token.usage` */
const TOKEN_BOUNDARIES = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
] as const;

export const INSTRUMENTS = {
  duration: {
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    about:
      'Of a request that reached a provider, from its first byte to the last byte of its reply, all attempts together.',
    boundaries: DURATION_BOUNDARIES,
  },
  firstChunk: {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    unit: 's',
    about: 'From the first request byte to the first event with output in it; streams only.',
    boundaries: DURATION_BOUNDARIES,
  },
  perChunk: {
    name: 'gen_ai.client.operation.time_per_output_chunk',
    unit: 's',
    about: 'Mean of a stream after its first token, by its output tokens: one value a request, not one a chunk.',
    boundaries: DURATION_BOUNDARIES,
  },
  tokens: {
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    about: 'Input and output tokens of a request.',
    boundaries: TOKEN_BOUNDARIES,
  },
} as const;

/** Null: it is no operation of a model, and its spans are those of HTTP. */
export const OPERATION_NAMES: Readonly<Record<Operation, string | null>> = {
  chat: 'chat',
  responses: 'chat',
  messages: 'chat',
  text_completion: 'text_completion',
  embeddings: 'embeddings',
  moderations: 'moderations',
  count_tokens: 'count_tokens',
  models: null,
  feedback: null,
  passthrough: null,
};

export const HTTP_ROUTES: Readonly<Record<Operation, string>> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
  text_completion: '/v1/completions',
  embeddings: '/v1/embeddings',
  moderations: '/v1/moderations',
  count_tokens: '/v1/messages/count_tokens',
  models: '/v1/models',
  feedback: '/v1/feedback',
  passthrough: '/v1/*',
};

/** Vendors that the conventions know by another name; others by their type. */
const PROVIDER_NAMES: Readonly<Partial<Record<ProviderType, string>>> = {
  'azure-openai': 'azure.ai.openai',
  'google-gemini': 'gcp.gemini',
  'google-vertex': 'gcp.vertex_ai',
  'aws-bedrock': 'aws.bedrock',
  mistral: 'mistral_ai',
  xai: 'x_ai',
};

export function providerNameOf({ type }: Pick<Config['providers'][number], 'type'>): string {
  return PROVIDER_NAMES[type] ?? type;
}
