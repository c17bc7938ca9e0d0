import { canonicalAddress } from '../core/address.ts';
import type { CompatibleType, ProviderConfig, VertexConfig } from '../core/config.ts';
import type { ProviderKey } from '../core/provider-key.ts';
import { COMPATIBLE } from '../providers/compatible.ts';
import { toBedrockKey } from './aws-keys.ts';
import { checkBaseUrl, isPrivate } from './base-url.ts';
import { toAzureKey } from './entra-keys.ts';
import type { Environment } from './environment.ts';
import { toGoogleAccount } from './google-keys.ts';
import type { Issues, Path } from './problem.ts';
import { toStaticKey } from './provider-keys.ts';
import type { ConfigFile, ProviderFile } from './schema.ts';

/** Adds an issue for all that the schema alone cannot see; what it returns counts only where none was added. */
export function toProvider(
  name: string,
  file: ProviderFile,
  { upstream }: Pick<ConfigFile, 'upstream'>,
  environment: Environment,
  issues: Issues,
): ProviderConfig {
  const headers = Object.entries(file.headers).map(([header, value]) => [header.toLowerCase(), value]);
  const allowAddresses = file.type === 'simulator' ? [] : file.allowAddresses.map(canonicalAddress);
  const at = ['providers', name];
  const { baseUrl, key, vertex } = placeOf(file, environment, at, issues);
  return {
    name,
    type: file.type,
    baseUrl: baseUrl === null ? null : checkBaseUrl(baseUrl, allowAddresses, [...at, 'baseUrl'], issues),
    key,
    api: file.type === 'openai' || file.type === 'azure-openai' ? file.api : 'chat',
    tellsTrace: file.traceContext ?? isPrivate(baseUrl),
    headers: Object.fromEntries(headers) as Record<string, string>,
    timeouts: over(upstream.timeouts, file.timeouts),
    retries: over(upstream.retries, file.retries),
    circuitBreaker: over(upstream.circuitBreaker, file.circuitBreaker),
    maxConnections: file.maxConnections,
    allowAddresses,
    azure: file.type === 'azure-openai' ? { apiVersion: file.apiVersion ?? null, deployments: file.deployments } : null,
    vertex,
    simulator: file.type === 'simulator' ? { seed: file.seed, profiles: file.profiles, faults: file.faults } : null,
  };
}

/** Where a provider is, and who the gateway is there. */
interface Place {
  /** Null: of an embedded simulator. */
  readonly baseUrl: string | null;
  readonly key: ProviderKey;
  readonly vertex: VertexConfig | null;
}

function placeOf(file: ProviderFile, environment: Environment, at: Path, issues: Issues): Place {
  switch (file.type) {
    case 'simulator':
      return { baseUrl: null, key: { kind: 'none' }, vertex: null };
    case 'azure-openai':
      return { baseUrl: azureUrl(file, at, issues), key: toAzureKey(file, environment, at, issues), vertex: null };
    case 'google-vertex':
      return vertexPlace(file, environment, at, issues);
    case 'aws-bedrock':
      return bedrockPlace(file, environment, at, issues);
    default: {
      const baseUrl = file.baseUrl ?? COMPATIBLE[file.type as CompatibleType].baseUrl;
      return { baseUrl, key: toStaticKey(file, at, issues), vertex: null };
    }
  }
}

type FileOf<Type extends ProviderFile['type']> = Extract<ProviderFile, { type: Type }>;

function azureUrl({ resource, baseUrl }: FileOf<'azure-openai'>, at: Path, issues: Issues): string {
  if ((resource === undefined) === (baseUrl === undefined))
    issues.add(
      at,
      resource === undefined ? 'has neither a resource nor a baseUrl' : 'has a resource and a baseUrl',
      'write exactly one: resource: NAME, or baseUrl: https://NAME.openai.azure.com',
    );
  return baseUrl ?? `https://${resource ?? 'unknown'}.openai.azure.com`;
}

function vertexPlace(file: FileOf<'google-vertex'>, environment: Environment, at: Path, issues: Issues): Place {
  const { location, publisher } = file;
  const account = toGoogleAccount(file, environment, at, issues);
  const project = file.project ?? account.project;
  if (project === null)
    issues.add(
      [...at, 'serviceAccount'],
      'names no project',
      'write project: NAME beside it, or set GOOGLE_CLOUD_PROJECT',
    );
  const host = location === 'global' ? 'aiplatform.googleapis.com' : `${location}-aiplatform.googleapis.com`;
  return {
    baseUrl: file.baseUrl ?? `https://${host}`,
    key: account.key,
    vertex: { project: project ?? '', location, publisher },
  };
}

function bedrockPlace(file: FileOf<'aws-bedrock'>, environment: Environment, at: Path, issues: Issues): Place {
  const region = file.region ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? '';
  if (!/^[a-z0-9-]+$/.test(region))
    issues.add(at, 'has no region', 'write region, e.g. eu-central-1, or set AWS_REGION');
  return {
    baseUrl: file.baseUrl ?? `https://bedrock-runtime.${region === '' ? 'unknown' : region}.amazonaws.com`,
    key: toBedrockKey({ file, environment, region, at, issues }),
    vertex: null,
  };
}

type Overrides<T> = { readonly [K in keyof T]?: T[K] | undefined };

function over<T extends object>(base: T, overrides: Overrides<T> | undefined): T {
  const given = Object.entries(overrides ?? {}).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) };
}
