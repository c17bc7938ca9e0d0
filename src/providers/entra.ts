import type { TokenRequest } from '../core/provider.ts';
import type { EntraKey, EntraManagedKey, EntraWorkloadKey, ProviderKey } from '../core/provider-key.ts';

const RESOURCE = 'https://cognitiveservices.azure.com';
const CLIENT_CREDENTIALS = { grant_type: 'client_credentials', scope: `${RESOURCE}/.default` };

/** Null: the key is none of Entra. */
export function entraTokenRequest(key: ProviderKey): TokenRequest | null {
  if (key.kind === 'entra') return ofSecret(key);
  if (key.kind === 'entra-workload') return ofWorkload(key);
  return key.kind === 'entra-managed' ? ofMachine(key) : null;
}

/** @source https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
function ofSecret({ authority, tenant, clientId, clientSecret }: EntraKey): TokenRequest {
  return {
    url: tokenUrl(authority, tenant),
    form: { ...CLIENT_CREDENTIALS, client_id: clientId, client_secret: clientSecret },
  };
}

/** @source the same, "Third case: Access token request with a federated credential" */
function ofWorkload({ authority, tenant, clientId, tokenFile }: EntraWorkloadKey): TokenRequest {
  return {
    url: tokenUrl(authority, tenant),
    form: {
      ...CLIENT_CREDENTIALS,
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    },
    files: { client_assertion: tokenFile },
  };
}

/**
 * @source https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token and, for
 * App Service, https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity
 */
function ofMachine({ endpoint, header, clientId }: EntraManagedKey): TokenRequest {
  const query = new URLSearchParams({
    'api-version': header === null ? '2018-02-01' : '2019-08-01',
    resource: RESOURCE,
    ...(clientId === null ? {} : { client_id: clientId }),
  });
  return {
    url: `${endpoint}${header === null ? '/metadata/identity/oauth2/token' : ''}?${query.toString()}`,
    form: null,
    headers: header === null ? { metadata: 'true' } : { 'x-identity-header': header },
  };
}

function tokenUrl(authority: string, tenant: string): string {
  return `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
}
