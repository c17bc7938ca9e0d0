import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { KeyConfig } from '../core/config.ts';
import { GatewayError } from '../core/errors.ts';
import { compileGlob } from '../core/glob.ts';
import type { TeamConfig } from '../core/limits.ts';
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
  modelNames: [],
  allowances: [],
  mayUse: () => true,
};
const NOTHING_CONSUMED: readonly string[] = [];

/** The one auth gate: a key's keyed hash, or the anonymous caller where the configuration allows one. */
export class KeyRing {
  private readonly keys = new Map<string, HashedKey>();
  /** 32 secret bytes in hex: exactly one block of SHA-256. */
  private readonly firstBlock: string;
  private readonly isRequired: boolean;

  /** @param hashKey 32 secret bytes: without them the digests in memory cannot be tried against guesses */
  constructor(keys: readonly KeyConfig[], isRequired: boolean, hashKey: Buffer, teams: readonly TeamConfig[] = []) {
    this.firstBlock = hashKey.toString('hex');
    this.isRequired = isRequired;
    for (const key of keys) {
      const digest = this.digest(key.secretHash);
      this.keys.set(digest, {
        digest: Buffer.from(digest),
        principal: toPrincipal(key, teams.find(({ name }) => name === key.team) ?? null),
      });
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
    const digest = this.digest(hash('sha256', secret));
    const found = this.keys.get(digest);
    return found !== undefined && timingSafeEqual(found.digest, Buffer.from(digest)) ? found.principal : null;
  }

  /**
   * SHA-256 with the secret key as its first block. A plain prefix is enough here: digests never leave the process, so
   * nobody can extend one. `createHmac` makes a key object at each call and takes ten times as long.
   * @param secretHash as in `KeyConfig`
   */
  private digest(secretHash: string): string {
    return hash('sha256', this.firstBlock + secretHash);
  }
}

const ANONYMOUS_IDENTITY: Identity = { principal: ANONYMOUS, consumed: NOTHING_CONSUMED };

/** Where clients of the various vendors put their key. */
const CREDENTIAL_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const;

interface Credential {
  readonly header: (typeof CREDENTIAL_HEADERS)[number];
  readonly secret: string;
}

/** All count: an app may send our key in one and its own provider key in another. */
function readCredentials(headers: IncomingHttpHeaders): readonly Credential[] {
  const credentials: Credential[] = [];
  for (const header of CREDENTIAL_HEADERS) {
    const value = headers[header];
    if (typeof value !== 'string' || value === '') continue;
    const secret = header === 'authorization' ? value.replace(/^bearer[ \t]+/i, '').trim() : value;
    credentials.push({ header, secret });
  }
  return credentials;
}

function toPrincipal(key: KeyConfig, team: TeamConfig | null): Principal {
  const globs = key.models.map(compileGlob);
  const teamGlobs = (team?.models ?? ['*']).map(compileGlob);
  const ofTeam = team === null ? [] : [{ subject: 'team', name: team.name, allowance: team } as const];
  return {
    name: key.name,
    isAnonymous: false,
    allowArmOverride: key.allowArmOverride,
    metadata: { ...key.metadata, ...team?.metadata },
    modelNames: key.models.filter((model) => !model.includes('*')),
    allowances: [{ subject: 'key', name: key.name, allowance: key.allowance }, ...ofTeam],
    mayUse: (model) => globs.some((matches) => matches(model)) && teamGlobs.some((matches) => matches(model)),
  };
}
