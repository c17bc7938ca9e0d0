import type { Config, ProviderConfig, WebhookConfig } from '../core/config.ts';
import type { AwsSource, ProviderKey } from '../core/provider-key.ts';
import { storeName } from '../core/store-url.ts';

const HIDDEN = '(hidden)';

/**
 * The effective configuration as JSON for people to look at: every value that is or may be a secret is hidden, which
 * takes in header values and the redaction allow list. Durations in milliseconds, sizes in bytes.
 */
export function describeConfig(config: Config): unknown {
  return {
    ...config,
    store: storeName(config.store),
    counters: withoutCredentials(config.counters),
    cache: config.cache === null ? null : { ...config.cache, url: withoutCredentials(config.cache.url) },
    record: describeRecord(config.record),
    admin: { ...config.admin, token: config.admin.token === null ? null : HIDDEN },
    providers: config.providers.map(describeProvider),
    prompts: Object.fromEntries([...config.prompts].map(([name, versions]) => [name, Object.fromEntries(versions)])),
    prices: Object.fromEntries(config.prices),
    modelFacts: Object.fromEntries(config.modelFacts),
    webhooks: config.webhooks.map(describeWebhook),
    telemetry: config.telemetry === null ? null : { ...config.telemetry, headers: hidden(config.telemetry.headers) },
    keys: config.keys.map((key) => ({ ...key, secretHash: HIDDEN })),
    redaction: {
      ...config.redaction,
      allow: config.redaction.allow.map(() => HIDDEN),
      detectors: config.redaction.detectors.map((detector) => ({ ...detector, headers: hidden(detector.headers) })),
    },
  };
}

function describeRecord(record: Config['record']): unknown {
  const { postgres } = record;
  return { ...record, postgres: postgres === null ? null : { ...postgres, url: storeName(postgres.url) } };
}

function describeProvider(provider: ProviderConfig): unknown {
  return { ...provider, key: describeKey(provider.key), headers: hidden(provider.headers) };
}

function hidden(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(values).map((name) => [name, HIDDEN]));
}

/** The path of a hook's URL is often all that keeps others from calling it. */
function describeWebhook(webhook: WebhookConfig): unknown {
  const { origin } = new URL(webhook.url);
  return { ...webhook, url: `${origin}/${HIDDEN}`, secret: webhook.secret === null ? null : HIDDEN };
}

/** A kind that is added later shows nothing before somebody decides what it may show. */
function describeKey(key: ProviderKey): unknown {
  switch (key.kind) {
    case 'pool':
      return { kind: key.kind, keys: key.values.length, cooldown: key.cooldown };
    case 'entra':
      return { kind: key.kind, tenant: key.tenant, clientId: key.clientId, authority: key.authority };
    case 'google':
      return { kind: key.kind, email: key.email, tokenUrl: key.tokenUrl };
    case 'aws':
      return { kind: key.kind, region: key.region, accessKeyId: key.accessKeyId };
    case 'aws-role':
      return { kind: key.kind, region: key.region, source: describeSource(key.source) };
    case 'entra-workload':
    case 'entra-managed':
      return { kind: key.kind, clientId: key.clientId };
    case 'configured':
      return { kind: key.kind, value: HIDDEN };
    default:
      return { kind: key.kind };
  }
}

function describeSource(source: AwsSource): unknown {
  if (source.kind === 'profile') return { kind: source.kind, profile: source.profile };
  return source.kind === 'web-identity' ? { kind: source.kind, roleArn: source.roleArn } : { kind: source.kind };
}

/** `redis://user:password@host:6379/0` */
function withoutCredentials(counters: string): string {
  const url = URL.parse(counters);
  if (url === null || (url.username === '' && url.password === '')) return counters;
  url.username = HIDDEN;
  url.password = '';
  return decodeURI(url.href);
}
