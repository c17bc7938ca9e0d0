import { sign } from 'node:crypto';
import type { TokenRequest } from '../core/provider.ts';
import type { GoogleKey, GoogleUserKey, ProviderKey } from '../core/provider-key.ts';
import type { Milliseconds, Seconds } from '../core/units.ts';

/** The longest that Google allows. */
const LIFETIME: Seconds = 3600;
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** Null: the key is none of Google Cloud's. */
export function googleTokenRequest(key: ProviderKey, wall: Milliseconds): TokenRequest | null {
  if (key.kind === 'google') return ofServiceAccount(key, wall);
  if (key.kind === 'google-user') return ofUser(key);
  return key.kind === 'google-metadata' ? ofMachine(key.endpoint) : null;
}

/** @source https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
function ofServiceAccount(key: GoogleKey, wall: Milliseconds): TokenRequest {
  const now: Seconds = Math.floor(wall / 1000);
  const header = { alg: 'RS256', typ: 'JWT', ...(key.keyId === null ? {} : { kid: key.keyId }) };
  const claims = { iss: key.email, scope: SCOPE, aud: key.tokenUrl, iat: now, exp: now + LIFETIME };
  const unsigned = `${encoded(header)}.${encoded(claims)}`;
  const signature = sign('sha256', Buffer.from(unsigned), key.privateKey).toString('base64url');
  return {
    url: key.tokenUrl,
    form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: `${unsigned}.${signature}` },
  };
}

/** @source https://developers.google.com/identity/protocols/oauth2/web-server#offline */
function ofUser({ clientId, clientSecret, refreshToken, tokenUrl }: GoogleUserKey): TokenRequest {
  return {
    url: tokenUrl,
    form: {
      grant_type: 'refresh_token',
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
    },
  };
}

/** @source https://cloud.google.com/compute/docs/access/authenticate-workloads#applications */
function ofMachine(endpoint: string): TokenRequest {
  return {
    url: `${endpoint}/computeMetadata/v1/instance/service-accounts/default/token`,
    form: null,
    headers: { 'metadata-flavor': 'Google' },
  };
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
