import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { KeyConfig } from '../core/config.ts';
import { GatewayError } from '../core/errors.ts';
import { compileGlob } from '../core/glob.ts';
import type { Principal } from '../core/principal.ts';

export interface Identity {
  readonly principal: Principal;
  /** The header values that were recognised as keys of ours: they never go upstream. */
  readonly consumed: readonly string[];
}

interface HashedKey {
  readonly digest: Buffer;
  readonly principal: Principal;
}

const ANONYMOUS: Principal = {
  name: 'anonymous',
  isAnonymous: true,
  allowArmOverride: false,
  metadata: {},
  mayUse: () => true,
};
const NOTHING_CONSUMED: readonly string[] = [];

/** The one auth gate: a key's keyed hash, or the anonymous caller where the configuration allows one. */
export class KeyRing {
  private readonly keys = new Map<string, HashedKey>();
  private readonly innerPad: Buffer;
  private readonly outerPad: Buffer;
  private readonly isRequired: boolean;

  /** @param hashKey 32 secret bytes: without them the digests in memory cannot be tried against guesses */
  constructor(keys: readonly KeyConfig[], isRequired: boolean, hashKey: Buffer) {
    this.innerPad = padded(hashKey, 0x36);
    this.outerPad = padded(hashKey, 0x5c);
    this.isRequired = isRequired;
    for (const key of keys) {
      const digest = this.digest(key.secret);
      this.keys.set(digest.toString('hex'), { digest, principal: toPrincipal(key) });
    }
  }

  /** @throws GatewayError `invalid_api_key`: the same answer for a missing and a wrong key */
  identify(headers: IncomingHttpHeaders): Identity {
    const credentials = readCredentials(headers);
    let principal: Principal | null = null;
    let consumed = NOTHING_CONSUMED;
    for (const { header, secret } of credentials) {
      const known = this.find(secret);
      if (known === null) continue;
      principal ??= known;
      consumed = [...consumed, header];
    }
    if (principal !== null) return { principal, consumed };
    if (this.isRequired)
      throw new GatewayError(
        'invalid_api_key',
        'Send a valid key of this gateway as "Authorization: Bearer" or "x-api-key".',
      );
    return ANONYMOUS_IDENTITY;
  }

  private find(secret: string): Principal | null {
    if (this.keys.size === 0) return null;
    const digest = this.digest(secret);
    const found = this.keys.get(digest.toString('hex'));
    return found !== undefined && timingSafeEqual(found.digest, digest) ? found.principal : null;
  }

  /**
   * HMAC-SHA256 (RFC 2104), written out: a tenth of the time of `createHmac`, which makes a key object at each call.
   */
  private digest(secret: string): Buffer {
    const inner = hash('sha256', Buffer.concat([this.innerPad, Buffer.from(secret, 'utf8')]), 'buffer');
    return hash('sha256', Buffer.concat([this.outerPad, inner]), 'buffer');
  }
}

/** The key as a block of SHA-256, 64 bytes, each combined with `fill`. */
function padded(key: Buffer, fill: number): Buffer {
  const block = Buffer.alloc(64, fill);
  for (const [index, byte] of key.entries()) block[index] = byte ^ fill;
  return block;
}

const ANONYMOUS_IDENTITY: Identity = { principal: ANONYMOUS, consumed: NOTHING_CONSUMED };

interface Credential {
  readonly header: 'authorization' | 'x-api-key';
  readonly secret: string;
}

/** Both headers count: an app may send our key in one and its own provider key in the other. */
function readCredentials(headers: IncomingHttpHeaders): readonly Credential[] {
  const { authorization } = headers;
  const apiKey = headers['x-api-key'];
  const credentials: Credential[] = [];
  if (authorization !== undefined && /^bearer /i.test(authorization)) {
    credentials.push({ header: 'authorization', secret: authorization.slice('bearer '.length).trim() });
  }
  if (typeof apiKey === 'string' && apiKey !== '') credentials.push({ header: 'x-api-key', secret: apiKey });
  return credentials;
}

function toPrincipal(key: KeyConfig): Principal {
  const globs = key.models.map(compileGlob);
  return {
    name: key.name,
    isAnonymous: false,
    allowArmOverride: key.allowArmOverride,
    metadata: key.metadata,
    mayUse: (model) => globs.some((matches) => matches(model)),
  };
}
