import type { EntraManagedKey, EntraWorkloadKey, ProviderKey } from '../core/provider-key.ts';
import { checkBaseUrl } from './base-url.ts';
import type { Environment } from './environment.ts';
import { checkMetadataUrl } from './metadata-url.ts';
import type { Issues, Path } from './problem.ts';
import { toStaticKey } from './provider-keys.ts';
import type { ProviderFile } from './schema.ts';

type AzureFile = Extract<ProviderFile, { type: 'azure-openai' }>;

export function toAzureKey(file: AzureFile, environment: Environment, at: Path, issues: Issues): ProviderKey {
  const key = toStaticKey(file, at, issues);
  if (file.entra === undefined) return key;
  const path = [...at, 'entra'];
  if (key.kind !== 'none') issues.add(path, 'stands beside a key', 'write one of the two');
  if (file.entra === 'workload-identity') return workloadKey(environment, path, issues);
  if (file.entra === 'managed-identity') return managedKey(environment, path, issues);
  const { authority, ...entra } = file.entra;
  return { kind: 'entra', ...entra, authority: checkBaseUrl(authority, [], [...path, 'authority'], issues) };
}

/** The variables are those that the cluster sets. @source https://azure.github.io/azure-workload-identity/docs/ */
function workloadKey(environment: Environment, at: Path, issues: Issues): EntraWorkloadKey {
  const named = ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_FEDERATED_TOKEN_FILE'] as const;
  const missing = named.filter((name) => !environment[name]);
  if (missing.length > 0)
    issues.add(
      at,
      `needs ${missing.join(', ')} in the environment`,
      "label the pod azure.workload.identity/use: 'true'",
    );
  const [tenant, clientId, tokenFile] = named.map((name) => environment[name] ?? '') as [string, string, string];
  const authority = environment['AZURE_AUTHORITY_HOST'] || 'https://login.microsoftonline.com';
  return { kind: 'entra-workload', tenant, clientId, tokenFile, authority: checkBaseUrl(authority, [], at, issues) };
}

/** App Service says where it answers; a virtual machine asks at the address that is always the same. */
function managedKey(environment: Environment, at: Path, issues: Issues): EntraManagedKey {
  const { IDENTITY_ENDPOINT: app, IDENTITY_HEADER: header, AZURE_CLIENT_ID: clientId } = environment;
  const told = app && header ? app : environment['AZURE_POD_IDENTITY_AUTHORITY_HOST'] || 'http://169.254.169.254';
  return {
    kind: 'entra-managed',
    clientId: clientId || null,
    endpoint: checkMetadataUrl(told, at, issues),
    header: app && header ? header : null,
  };
}
