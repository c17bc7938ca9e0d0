import { createHmac } from 'node:crypto';
import type { Seconds } from '../core/units.ts';

const BASE64_PREFIX = 'whsec_';

/**
 * The `webhook-signature` of a delivery: `v1,` and base64(HMAC-SHA256(secret, `id.timestamp.body`)).
 * @source https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function sign(secret: string, id: string, timestamp: Seconds, body: string): string {
  const key = secret.startsWith(BASE64_PREFIX)
    ? Buffer.from(secret.slice(BASE64_PREFIX.length), 'base64')
    : Buffer.from(secret, 'utf8');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
