import { sign } from 'node:crypto';
import type { GoogleKey } from '../core/config.ts';
import type { TokenRequest } from '../core/provider.ts';
import type { Milliseconds, Seconds } from '../core/units.ts';

/** The longest that Google allows. */
const LIFETIME: Seconds = 3600;
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** @source https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
export function googleTokenRequest(key: GoogleKey, wall: Milliseconds): TokenRequest {
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

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
