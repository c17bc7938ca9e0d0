import { canonicalAddress } from '../core/address.ts';
import type { AdminConfig, Config, KeyConfig, PromptVersion } from '../core/config.ts';
import type { TeamConfig } from '../core/limits.ts';
import type { JsonValue } from '../core/rollout.ts';
import { checkBaseUrl } from './base-url.ts';
import type { Environment } from './environment.ts';
import { checkLayers } from './layers.ts';
import { toKey, toTeam } from './keys.ts';
import { toLimitRules } from './limits.ts';
import type { Issues } from './problem.ts';
import { resolvePolicies } from './policy-schema.ts';
import { toPrices } from './prices.ts';
import { toRecordConfig } from './record-schema.ts';
import { resolveRedaction } from './redaction.ts';
import { toRegression } from './regression-schema.ts';
import { checkProvider, resolveRollout } from './rollout.ts';
import { toRoutes } from './routes.ts';
import { toProvider } from './providers.ts';
import type { ConfigFile } from './schema.ts';
import { toAudit, toSpool, toStore } from './store.ts';
import { toTelemetry } from './telemetry-schema.ts';

/**
 * The file's settings as the rest of the gateway reads them. Adds an issue for every reference or combination that is
 * wrong; what it returns counts only where none was added.
 * @param given the same file before the schema, for the rollouts' `declared`
 */
export function resolveConfig(file: ConfigFile, given: unknown, environment: Environment, issues: Issues): Config {
  const providers = Object.entries(file.providers).map(([name, provider]) =>
    toProvider(name, provider, file, environment, issues),
  );
  const names = providers.map(({ name }) => name);
  const prompts = toPrompts(file.prompts);
  const { publicUrl = null, ...gateway } = file.gateway;
  const { prices, modelFacts } = toPrices(file.prices, providers, issues);
  checkNames(file, issues);
  const rollouts = toRollouts(file, given, { providers, prompts }, issues);
  checkShadowPrices(rollouts, prices, issues);
  const teams = toTeams(file.teams, issues);
  checkPassthrough(file, names, issues);
  return {
    gateway: { ...gateway, publicUrl },
    admin: toAdmin(file, issues),
    store: toStore(file.store),
    spool: toSpool(file),
    counters: file.counters,
    auth: file.auth,
    upstream: file.upstream,
    providers,
    passthrough: toPassthrough(file),
    routes: toRoutes(file.models, names, issues),
    prompts,
    rollouts,
    holdout: file.holdout ?? null,
    regression: toRegression(file.regression),
    webhooks: toWebhooks(file.webhooks, issues),
    prices,
    modelFacts,
    unknownPrice: file.unknownPrice,
    teams,
    keys: toKeys(file.keys, teams, issues),
    limits: toLimitRules(file.limits, names, issues),
    policies: resolvePolicies(file.policies, issues),
    redaction: resolveRedaction(file.redaction, issues),
    attack: file.attack,
    audit: toAudit(file),
    record: toRecordConfig(file, issues),
    cache: file.cache === undefined ? null : { ...file.cache, url: file.cache.url ?? file.counters },
    telemetry: toTelemetry(file, environment, issues),
    log: file.log,
  };
}

function toAdmin({ admin, gateway }: ConfigFile, issues: Issues): AdminConfig {
  const token = admin.token ? admin.token : null;
  if (token === null && !isLoopback(admin.host))
    issues.add(['admin', 'host'], 'is open to other machines without a token', 'set admin.token, or use 127.0.0.1');
  const isShared = admin.port !== 0 && admin.port === gateway.port && overlaps(admin.host, gateway.host);
  if (isShared) issues.add(['admin', 'port'], 'is the same as "gateway.port"', 'choose another port');
  return { host: admin.host, port: admin.port, token };
}

function isLoopback(host: string): boolean {
  const address = canonicalAddress(host);
  return address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}

function overlaps(one: string, other: string): boolean {
  const addresses = [one, other].map(canonicalAddress);
  const isWildcard = addresses.some((address) => address === '0.0.0.0' || address === '::');
  return (
    isWildcard ||
    addresses[0] === addresses[1] ||
    addresses.every((address) => isLoopback(address) && address !== '::1')
  );
}

/** All that they are asked is translated; what is passed through is not. */
const WITHOUT_PASSTHROUGH: ReadonlySet<string> = new Set(['google-gemini', 'google-vertex', 'aws-bedrock']);

function checkPassthrough({ passthrough, providers }: ConfigFile, names: readonly string[], issues: Issues): void {
  for (const field of ['provider', 'anthropic'] as const) {
    const provider = passthrough[field];
    const at = ['passthrough', field];
    if (!provider || !checkProvider(provider, names, at, issues)) continue;
    const { type } = providers[provider]!;
    if (WITHOUT_PASSTHROUGH.has(type))
      issues.add(at, `is of type ${type}, which calls cannot be passed through to`, 'name another provider');
  }
}

function toPassthrough({
  passthrough: { provider = null, anthropic = null, ...rest },
}: ConfigFile): Config['passthrough'] {
  return { provider, anthropic: anthropic ?? provider, ...rest };
}

function toPrompts(file: ConfigFile['prompts']): Config['prompts'] {
  return new Map(
    Object.entries(file).map(([name, versions]) => [
      name,
      new Map(
        Object.entries(versions).map(([version, { system }]): [string, PromptVersion] => [
          version,
          { name, version, system },
        ]),
      ),
    ]),
  );
}

function toRollouts(
  file: ConfigFile,
  given: unknown,
  references: Pick<Config, 'providers' | 'prompts'>,
  issues: Issues,
): Config['rollouts'] {
  const declared = (given as { readonly rollouts?: readonly JsonValue[] }).rollouts ?? [];
  reportRepeats(
    file.rollouts.map(({ name }) => name),
    'rollouts',
    'name',
    issues,
  );
  const specs = file.rollouts.map((rollout, index) =>
    resolveRollout(rollout, declared[index]!, references, ['rollouts', index], issues),
  );
  checkLayers(specs, (index) => ['rollouts', index], issues);
  return specs;
}

/** A budget of money for what costs nobody knows how much would never be spent, or never be kept. */
function checkShadowPrices(specs: Config['rollouts'], prices: Config['prices'], issues: Issues): void {
  for (const [index, { shadow, arms }] of specs.entries()) {
    const { provider, model } = arms[0]!.target ?? { provider: '', model: '' };
    const isPriced = prices.has(`${provider}/${model}`) || prices.has(`${provider}/*`);
    if (shadow !== null && shadow.budget !== null && !isPriced)
      issues.add(
        ['rollouts', index, 'shadow', 'budget'],
        `cannot be kept: the price of "${provider}/${model}" is not known`,
        `add it under prices, e.g. prices: { "${provider}/${model}": { input: 0.5, output: 1.5 } }`,
      );
  }
}

/** Names stand in metrics and counters: two of one name would share what each may use. */
function checkNames(file: ConfigFile, issues: Issues): void {
  for (const section of ['teams', 'limits'] as const)
    reportRepeats(
      file[section].map(({ name }) => name),
      section,
      'name',
      issues,
    );
}

function toWebhooks(file: ConfigFile['webhooks'], issues: Issues): Config['webhooks'] {
  reportRepeats(
    file.map(({ name }) => name),
    'webhooks',
    'name',
    issues,
  );
  return file.map((webhook, index) => {
    const at = ['webhooks', index];
    const allowAddresses = webhook.allowAddresses.map(canonicalAddress);
    // A query may be part of a hook's address, or even its secret.
    checkBaseUrl(webhook.url.split('?')[0]!, allowAddresses, [...at, 'url'], issues);
    if (webhook.events.length === 0 && webhook.gates.length === 0)
      issues.add([...at, 'events'], 'is empty and there are no gates', 'name events, gates or both');
    return { ...webhook, allowAddresses, secret: webhook.secret ? webhook.secret : null };
  });
}

function toTeams(file: ConfigFile['teams'], issues: Issues): TeamConfig[] {
  reportRepeats(
    file.map(({ name }) => name),
    'teams',
    'name',
    issues,
  );
  return file.map(toTeam);
}

function toKeys(file: ConfigFile['keys'], teams: readonly TeamConfig[], issues: Issues): KeyConfig[] {
  const keys = file.map((key, index) => toKey(key, teams, ['keys', index], issues));
  reportRepeats(
    keys.map(({ name }) => name),
    'keys',
    'name',
    issues,
  );
  reportRepeats(
    keys.map(({ secretHash }) => secretHash),
    'keys',
    'secret',
    issues,
  );
  return keys;
}

/** @param values of `field`, one for each entry. Names the earlier entry, never the value: it may be a secret. */
function reportRepeats(values: readonly string[], section: string, field: string, issues: Issues): void {
  const first = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    const earlier = first.get(value);
    if (earlier === undefined) first.set(value, index);
    else
      issues.add(
        [section, index, field],
        `is the same as "${section}[${earlier}].${field}"`,
        `give each its own ${field}`,
      );
  }
}
