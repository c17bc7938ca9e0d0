import type { RecordConfig, TelemetryConfig } from './telling-config.ts';
import type { KeySettings } from './keys.ts';
import type { LimitRuleConfig, TeamConfig } from './limits.ts';
import type { PolicyConfig } from './policy.ts';
import type { ProviderKey } from './provider-key.ts';
import type { RedactionChange, RedactionPolicy } from './redaction.ts';
import type { CacheConfig } from './reply-cache.ts';
import type { PromptRef, RolloutSpec } from './rollout.ts';
import type { BalancedTarget, Target } from './target.ts';
import type { Bytes, Milliseconds, Percent } from './units.ts';

/** A configuration as resolved at load: defaults filled in, units converted, references checked. Immutable. */
export interface Config {
  readonly gateway: GatewayConfig;
  readonly admin: AdminConfig;
  /**
   * `sqlite:PATH`, the path absolute (relative ones are taken from the working directory), `sqlite::memory:` or
   * `postgres://…`, which may hold a password.
   */
  readonly store: string;
  readonly spool: SpoolConfig;
  /** `memory:`, `redis://…` or `rediss://…`. May hold a password. */
  readonly counters: string;
  readonly auth: AuthConfig;
  readonly upstream: UpstreamConfig;
  readonly providers: readonly ProviderConfig[];
  readonly passthrough: {
    readonly provider: string | null;
    /** The same for calls in Anthropic's protocol. */
    readonly anthropic: string | null;
    /** So much of a form is looked through for its `model` before it is sent. */
    readonly lookAhead: Bytes;
    /** Each call is an entry of the audit trail. */
    readonly audit: boolean;
  };
  /** In the order of precedence: exact names, then globs, longest first. */
  readonly routes: readonly RouteConfig[];
  readonly prompts: ReadonlyMap<string, ReadonlyMap<string, PromptVersion>>;
  readonly rollouts: readonly RolloutSpec[];
  readonly holdout: HoldoutConfig | null;
  readonly regression: RegressionConfig;
  readonly webhooks: readonly WebhookConfig[];
  /** By `provider/model`; `provider/*` for the rest of a provider's. */
  readonly prices: ReadonlyMap<string, Price>;
  /** What is known of a model besides its price; named as in `prices`. */
  readonly modelFacts: ReadonlyMap<string, ModelFacts>;
  /** Of a request that a budget pays for, to a model whose price nobody knows. */
  readonly unknownPrice: 'refuse' | 'allow';
  readonly teams: readonly TeamConfig[];
  readonly keys: readonly KeyConfig[];
  readonly limits: readonly LimitRuleConfig[];
  readonly policies: readonly PolicyConfig[];
  readonly redaction: RedactionPolicy;
  /** Whether requests are scored for prompt attacks, where their route does not say. */
  readonly attack: { readonly detect: boolean };
  readonly audit: AuditConfig;
  readonly record: RecordConfig;
  /** Null: nothing is kept. */
  readonly cache: CacheConfig | null;
  /** Null: nothing is exported. */
  readonly telemetry: TelemetryConfig | null;
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent' };
}

/** Where what requests came to waits while the store is away. */
export interface SpoolConfig {
  /** Null: there is none, as the store is in memory. */
  readonly directory: string | null;
  readonly maxBytes: Bytes;
}

export interface AuditConfig {
  /** Kinds of entries, globs allowed, without which nothing is done. */
  readonly required: readonly string[];
  /** Entries that may wait in memory. */
  readonly queue: number;
  /** A directory; null: there is none, as the store is in memory. */
  readonly spool: string | null;
  /** A file; null: checkpoints are kept in the store only. */
  readonly checkpoints: string | null;
  readonly checkpointEvery: { readonly entries: number; readonly time: Milliseconds };
}

export interface GatewayConfig {
  readonly host: string;
  readonly port: number;
  /** How clients reach the data plane, without a trailing slash; null: as each request says. */
  readonly publicUrl: string | null;
  /** Processes that serve; `auto`: as many as there are cores. */
  readonly workers: number | 'auto';
  /** A worker whose event loop has not turned for so long is killed and replaced. */
  readonly workerTimeout: Milliseconds | 'never';
  readonly maxBodyBytes: Bytes;
  /** One event of a streamed reply. */
  readonly maxEventBytes: Bytes;
  /** Requests in flight, of all workers together, above which new ones are answered 503. */
  readonly maxInflight: number;
  readonly timeouts: {
    /** All request headers must have arrived. */
    readonly headers: Milliseconds;
    /** The whole request must have arrived. */
    readonly request: Milliseconds;
    /** An idle client connection is kept; longer than the load balancer's own idle time. */
    readonly keepAlive: Milliseconds;
    /** A client that reads nothing for so long is cut off. */
    readonly writeStall: Milliseconds;
    /** After SIGTERM new requests are still taken for so long, while readiness says no. */
    readonly drainDelay: Milliseconds;
    /** After that, open requests may finish for so long. */
    readonly drain: Milliseconds;
  };
}

export interface AdminConfig {
  readonly host: string;
  readonly port: number;
  /** Null: loopback peers only. */
  readonly token: string | null;
}

interface AuthConfig {
  readonly required: boolean;
  /** How long keys of the store that are known stay good while it cannot be read. */
  readonly staleKeys: Milliseconds;
}

/** How every provider is called unless it says otherwise itself. */
interface UpstreamConfig {
  readonly timeouts: UpstreamTimeouts;
  readonly retries: RetryConfig;
  readonly circuitBreaker: CircuitBreakerConfig;
  /** Share of the requests in flight that may be retries at one time, never below `minimum`. @source Envoy `retry_budget` */
  readonly retryBudget: { readonly fraction: number; readonly minimum: number };
}

interface UpstreamTimeouts {
  /** TCP and TLS. */
  readonly connect: Milliseconds;
  /** From the request sent to the reply's first byte, for streams. */
  readonly firstByte: Milliseconds;
  /** The same for buffered replies, which come when all is generated. */
  readonly reply: Milliseconds;
  /** Between two chunks of a reply. */
  readonly idle: Milliseconds;
  /** One request with all its attempts; that of the first target's provider counts. */
  readonly total: Milliseconds;
}

interface RetryConfig {
  /** Extra attempts at one target, before its fallbacks. */
  readonly attempts: number;
  readonly statuses: readonly number[];
  /** A `retry-after` up to this is waited for; a longer one moves on at once. */
  readonly maxWait: Milliseconds;
}

export interface CircuitBreakerConfig {
  /** Failures in a row that eject a target. */
  readonly failures: number;
  /** First ejection; the n-th lasts n times as long, up to `maxEjection`. @source Envoy outlier detection */
  readonly ejection: Milliseconds;
  readonly maxEjection: Milliseconds;
}

/** Vendors that copy OpenAI's API; the table of them is `providers/compatible.ts`. */
export const COMPATIBLE_TYPES = [
  'mistral',
  'groq',
  'deepseek',
  'together',
  'openrouter',
  'xai',
  'fireworks',
  'perplexity',
  'ollama',
  'vllm',
  'lmstudio',
] as const;
export type CompatibleType = (typeof COMPATIBLE_TYPES)[number];

export const PROVIDER_TYPES = [
  'openai',
  'anthropic',
  'azure-openai',
  'google-gemini',
  'google-vertex',
  'aws-bedrock',
  'simulator',
  ...COMPATIBLE_TYPES,
] as const;
export type ProviderType = (typeof PROVIDER_TYPES)[number];

export interface AzureConfig {
  /** Null: the v1 API, which has no versions. */
  readonly apiVersion: string | null;
  /** Deployments by the model's name; other models are deployed under their own. */
  readonly deployments: Readonly<Record<string, string>>;
}

export interface VertexConfig {
  readonly project: string;
  readonly location: string;
  readonly publisher: 'google' | 'anthropic';
}

export interface ProviderConfig {
  readonly name: string;
  readonly type: ProviderType;
  /** Without a trailing slash; null for an embedded simulator, whose port is known when it listens. */
  readonly baseUrl: string | null;
  readonly key: ProviderKey;
  /** What calls of other protocols are translated to, where the vendor has both. */
  readonly api: 'chat' | 'responses';
  /** `traceparent` of a request that is traced goes there. */
  readonly tellsTrace: boolean;
  /** Extra request headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeouts: UpstreamTimeouts;
  readonly retries: RetryConfig;
  readonly circuitBreaker: CircuitBreakerConfig;
  /** Null: as many as there are requests. */
  readonly maxConnections: number | null;
  /** Link-local or metadata addresses that this provider may be reached at all the same. */
  readonly allowAddresses: readonly string[];
  /** Azure OpenAI only. */
  readonly azure: AzureConfig | null;
  /** Google Vertex only. */
  readonly vertex: VertexConfig | null;
  /** Simulator only: its options, checked by the simulator. */
  readonly simulator: SimulatorConfig | null;
}

interface SimulatorConfig {
  readonly seed: number;
  readonly profiles: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly faults: readonly string[];
}

export interface RouteConfig {
  /** The name or glob as configured; the `route` label of metrics. */
  readonly name: string;
  readonly isGlob: boolean;
  /** Of several equal ones the first. */
  readonly target: Target;
  /** Equal ones; empty where there is one target. */
  readonly targets: readonly BalancedTarget[];
  readonly fallbacks: readonly Target[];
  readonly hedge: HedgeConfig | null;
  readonly redaction: RedactionChange | null;
  /** Null: as `Config.attack` says. */
  readonly detectsAttacks: boolean | null;
  /** Each request is an entry of the audit trail. */
  readonly audit: boolean;
  /** How long its replies are kept; 0: not at all; null: as `Config.cache` says. */
  readonly cacheTtl: Milliseconds | null;
}

/** A second request where the first target keeps one waiting. */
export interface HedgeConfig {
  /** `p95`: of the times to the first byte lately. */
  readonly after: Milliseconds | 'p95';
  /** Of the requests. */
  readonly budget: Percent;
}

/** Units that take part in no rollout: what all rollouts together do shows against them. */
export interface HoldoutConfig {
  readonly share: Percent;
  readonly sticky: readonly string[];
  readonly salt: string;
}

/** In US dollars per million tokens. */
export interface TokenPrices {
  readonly input: number;
  readonly cachedInput: number;
  /** Input that the provider keeps for later requests; not said: as `input`. */
  readonly cacheWrite?: number;
  /** The same for the longer of the times that it offers; not said: as `cacheWrite`. */
  readonly longCacheWrite?: number;
  readonly output: number;
}

export interface Price extends TokenPrices {
  /** Of all tokens of a request whose input has more than so many; none of them is lower than the others. */
  readonly longPrompt?: TokenPrices & { readonly above: number };
}

/** The tokenizers that are public. */
export type TokenizerName = 'o200k_base' | 'cl100k_base';

/** Null: not known. */
export interface ModelFacts {
  readonly tokenizer: TokenizerName | null;
  /** Tokens of input and output together. */
  readonly context: number | null;
  /** Tokens of one reply. */
  readonly maxOutput: number | null;
  /** Tokens of one picture at most; null: as for most models. */
  readonly picture: number | null;
}

export interface RegressionConfig {
  readonly enabled: boolean;
  /**
   * How far recent traffic of a route may be from its baseline: a ratio, 1.5 for `+50%`; of the mixes `finish_reason` and
   * `language` a Jensen-Shannon distance. Metrics left out are not watched.
   */
  readonly guard: { readonly [Name in RegressionMetric]?: number };
  /** `metadata.NAME`, `key` or `language`. */
  readonly segments: readonly string[];
  /** How far back the baseline reaches. */
  readonly baseline: Milliseconds;
  /** One false alarm per metric and route in so long, at most, in the mean. */
  readonly falseAlarmEvery: Milliseconds;
  /** A route is learnt for so long and from so many requests before it is judged. */
  readonly minimum: { readonly requests: number; readonly time: Milliseconds };
}

export type RegressionMetric =
  | 'error_rate'
  | 'truncation_rate'
  | 'refusal_rate'
  | 'invalid_json'
  | 'ttft'
  | 'latency'
  | 'cost'
  | 'output_tokens'
  | 'input_tokens'
  | 'finish_reason'
  | 'language';

export interface WebhookConfig {
  readonly name: string;
  readonly url: string;
  /** Signs every delivery; null: unsigned. */
  readonly secret: string | null;
  /** Globs of event types, e.g. `rollout.*`; empty: none, the hook is only a gate. */
  readonly events: readonly string[];
  /** What it is asked before: a reply other than 2xx holds the rollout. `rollback`: 2xx rolls it back. */
  readonly gates: readonly GateName[];
  /** Globs of rollout names. */
  readonly rollouts: readonly string[];
  readonly timeout: Milliseconds;
  readonly allowAddresses: readonly string[];
}

export type ConfirmGate = 'confirm-advance' | 'confirm-promotion';
export type GateName = ConfirmGate | 'rollback';

export interface PromptVersion extends PromptRef {
  readonly system: string;
}

export interface KeyConfig extends KeySettings {
  /** SHA-256 of the secret in UTF-8, hex. The secret itself is not kept. */
  readonly secretHash: string;
}
