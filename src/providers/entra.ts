import type { EntraKey } from '../core/config.ts';
import type { TokenRequest } from '../core/provider.ts';

/** @source https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
export function entraTokenRequest({ authority, tenant, clientId, clientSecret }: EntraKey): TokenRequest {
  return {
    url: `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    form: {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'https://cognitiveservices.azure.com/.default',
    },
  };
}
