import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { KeyConfig } from '../core/config.ts';
import { GatewayError } from '../core/errors.ts';
import { hasSecretForm, type KeyDigest } from '../core/key-secret.ts';
import { configKeyId } from '../core/keys.ts';
import type { TeamConfig } from '../core/limits.ts';
import type { Principal } from '../core/principal.ts';
import type { Milliseconds } from '../core/units.ts';
import { ANONYMOUS, toPrincipal, type Teams } from './principal.ts';
import type { FoundKey, StoredKeys } from './stored-keys.ts';

export interface Identity {
  readonly principal: Principal;
  /** The header values that were recognised as keys of ours: they never go upstream. */
  readonly consumed: readonly string[];
}

interface HashedKey {
  readonly digest: Buffer;
  readonly principal: Principal;
}

interface KeyRingOptions {
  readonly keys: readonly KeyConfig[];
  readonly teams: readonly TeamConfig[];
  readonly isRequired: boolean;
  /** How long keys of the store that are known stay good while it cannot be read. */
  readonly staleKeys: Milliseconds;
  readonly digest: KeyDigest;
  readonly clock: Clock;
  /** The keys that the configuration does not have. */
  readonly stored: Pick<StoredKeys, 'find'>;
}

const NOTHING_CONSUMED: readonly string[] = [];

/** The one auth gate: a key's keyed hash, or the anonymous caller where the configuration allows one. */
export class KeyRing {
  private readonly options: KeyRingOptions;
  private readonly teams: Teams;
  private readonly keys = new Map<string, HashedKey>();

  constructor(options: KeyRingOptions) {
    const { keys, teams, digest: digests } = options;
    this.options = { ...options, keys: [] };
    this.teams = new Map(teams.map((team) => [team.name, team]));
    for (const key of keys) {
      const digest = digests.ofHash(key.secretHash);
      const principal = toPrincipal(configKeyId(key.name), key, this.teams);
      if (principal !== null) this.keys.set(digest, { digest: Buffer.from(digest), principal });
    }
  }

  /**
   * A promise only where a key is not at hand.
   * @throws GatewayError, at once or later: `invalid_api_key`, the same for a missing key and one that is wrong in
   * whatever way; `overloaded` where a key cannot be looked up
   */
  identify(headers: IncomingHttpHeaders): Identity | Promise<Identity> {
    const credentials = readCredentials(headers);
    const found: (FoundKey | Promise<FoundKey>)[] = [];
    let isPending = false;
    for (const { secret } of credentials) {
      const each = this.find(secret);
      isPending ||= each instanceof Promise;
      found.push(each);
    }
    if (!isPending) return this.conclude(credentials, found as FoundKey[]);
    return Promise.all(found).then((all) => this.conclude(credentials, all));
  }

  private conclude(credentials: readonly Credential[], found: readonly FoundKey[]): Identity {
    let principal: Principal | null = null;
    let consumed = NOTHING_CONSUMED;
    for (let i = 0; i < credentials.length; i++) {
      const known = found[i] ?? null;
      if (known === null) continue;
      if (known !== 'ended') principal ??= known;
      consumed = [...consumed, credentials[i]!.header];
    }
    if (principal !== null) return { principal, consumed };
    if (this.options.isRequired)
      throw new GatewayError(
        'invalid_api_key',
        'Send a valid key of this gateway as "Authorization: Bearer" or "x-api-key".',
      );
    return consumed.length === 0 ? ANONYMOUS_IDENTITY : { principal: ANONYMOUS, consumed };
  }

  private find(secret: string): FoundKey | Promise<FoundKey> {
    if (this.keys.size === 0 && !hasSecretForm(secret)) return null;
    const { digest: digests, clock, stored, staleKeys } = this.options;
    const digest = digests.of(secret);
    const found = this.keys.get(digest);
    if (found !== undefined && timingSafeEqual(found.digest, Buffer.from(digest))) {
      const { principal } = found;
      return principal.expiresAt !== null && clock.wall() >= principal.expiresAt ? 'ended' : principal;
    }
    return hasSecretForm(secret) ? stored.find(digest, this.teams, staleKeys) : null;
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
