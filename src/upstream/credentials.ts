import type { Clock } from '../core/clock.ts';
import type { ProviderConfig } from '../core/config.ts';
import type { AwsKey, ProviderKey } from '../core/provider-key.ts';
import type { Provider } from '../core/provider.ts';
import type { Bytes } from '../core/units.ts';
import { askToken } from './ask-token.ts';
import type { Attempt, UpstreamRequest } from './attempt.ts';
import { CredentialRequests, noCredentials } from './credential-requests.ts';
import { KeyPool, type KeyNotice } from './key-pool.ts';
import { Renewed, type Lasting } from './renewed.ts';
import { UpstreamFailure } from './upstream-error.ts';

/** Credentials that could not be renewed while the old ones still hold. */
export type CredentialNotice = KeyNotice | { readonly unrenewed: string };

/** What proves who the gateway is, where that is no fixed header. */
export interface Credentials {
  /**
   * Adds its headers to a request that is about to be sent. A promise only while there is nothing to send.
   * @param account of a pool, the key that has to be used; empty: any
   * @returns the index of the key
   */
  authorize(request: UpstreamRequest, account: string): number | Promise<number>;
  /** Which of several keys it was; empty where there is one. */
  account(index: number): string;
  /** @returns whether the same request may be sent again at once, with other credentials. A promise only of errors */
  answered(index: number, reply: Attempt): boolean | Promise<boolean>;
  /** Of a pool: how long each of its keys is left alone; null: there is no pool. */
  readonly pool: KeyPool | null;
  close(): Promise<void>;
}

interface CredentialsSource {
  readonly config: ProviderConfig;
  readonly provider: Provider;
  /** Of the base URL. */
  readonly host: string;
  readonly clock: Clock;
  /** New ones are in use. */
  onSecrets(secrets: readonly string[]): void;
  onNotice(notice: CredentialNotice): void;
}

/** Null where the key is a fixed header, or there is none: that costs nothing per request. */
export function openCredentials(source: CredentialsSource): Credentials | null {
  const { config, provider, clock } = source;
  const { key } = config;
  switch (key.kind) {
    case 'configured':
    case 'client':
    case 'none':
      return null;
    case 'pool':
      return new PoolCredentials(new KeyPool(key, provider, clock, source.onNotice), provider);
    case 'aws':
      return new SigningCredentials(source, null, () => key);
    case 'aws-role':
      return roleCredentials(source, key);
    default:
      return new TokenCredentials(source, key);
  }
}

/** Statuses of which only the body tells whether they are about the key, and for how long. */
const SAYS_MORE: ReadonlySet<number> = new Set([400, 403, 429]);
const MAX_PEEKED_BYTES: Bytes = 16 * 1024;

class PoolCredentials implements Credentials {
  readonly pool: KeyPool;
  private readonly provider: Provider;

  constructor(pool: KeyPool, provider: Provider) {
    this.pool = pool;
    this.provider = provider;
  }

  authorize(request: UpstreamRequest, account: string): number {
    const index = this.pool.next(account);
    request.headers.push(...this.pool.header(index));
    return index;
  }

  account(index: number): string {
    return this.pool.account(index);
  }

  answered(index: number, reply: Attempt): boolean | Promise<boolean> {
    if (!SAYS_MORE.has(reply.status)) return this.take(index, reply, null);
    return reply.peek(MAX_PEEKED_BYTES).then((body) => this.take(index, reply, body));
  }

  private take(index: number, reply: Attempt, body: Buffer | null): boolean {
    const trouble =
      reply.status < 400
        ? null
        : this.provider.keyTrouble(reply.status, body?.toString() ?? null, (name) => reply.header(name));
    reply.refusesCredentials = trouble?.isRefused === true;
    return this.pool.answered(index, reply, trouble) && this.pool.hasAnother(index);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class TokenCredentials implements Credentials {
  readonly pool = null;
  private readonly provider: Provider;
  private readonly requests: CredentialRequests;
  private readonly tokens: Renewed<string>;

  constructor({ config, provider, clock, onSecrets, onNotice }: CredentialsSource, key: ProviderKey) {
    this.provider = provider;
    this.requests = new CredentialRequests(config, clock);
    const ask = async (): Promise<Lasting<string>> => {
      const token = await askToken(provider.tokenRequest!(key, clock.wall())!, this.requests);
      onSecrets([token.value]);
      return token;
    };
    this.tokens = new Renewed(asked(ask), clock, told(onNotice));
  }

  authorize(request: UpstreamRequest): number | Promise<number> {
    const token = this.tokens.current();
    if (token instanceof Promise) return token.then((fetched) => addBearer(request, fetched));
    return addBearer(request, token);
  }

  account(): string {
    return '';
  }

  /** A token that is refused before its time was revoked. */
  answered(_index: number, reply: Attempt): boolean {
    return isStale(this.provider, reply) && this.tokens.forget();
  }

  close(): Promise<void> {
    return this.requests.close();
  }
}

function addBearer(request: UpstreamRequest, token: string): number {
  request.headers.push('authorization', `Bearer ${token}`);
  return 0;
}

/** Signs with a key that is always the same, or with the one of a role. */
class SigningCredentials implements Credentials {
  readonly pool = null;
  private readonly source: CredentialsSource;
  private readonly role: Role | null;
  private readonly key: () => AwsKey | Promise<AwsKey>;

  constructor(source: CredentialsSource, role: Role | null, key: () => AwsKey | Promise<AwsKey>) {
    this.source = source;
    this.role = role;
    this.key = key;
  }

  /** @throws UpstreamFailure where the body is a stream, which cannot be signed before it has come */
  authorize(request: UpstreamRequest): number | Promise<number> {
    const key = this.key();
    return key instanceof Promise ? key.then((fetched) => this.sign(request, fetched)) : this.sign(request, key);
  }

  account(): string {
    return '';
  }

  answered(_index: number, reply: Attempt): boolean {
    return this.role !== null && isStale(this.source.provider, reply) && this.role.keys.forget();
  }

  async close(): Promise<void> {
    await this.role?.requests.close();
  }

  private sign({ method, path, body, headers }: UpstreamRequest, key: AwsKey): number {
    const { provider, host, clock } = this.source;
    if (body !== null && !Buffer.isBuffer(body))
      throw new UpstreamFailure('unsendable', false, 'an upload cannot be signed');
    const signed = { method, host, path, body: body ?? Buffer.alloc(0) };
    headers.push(...provider.sign!(key, signed, clock.wall())!);
    return 0;
  }
}

interface Role {
  readonly keys: Renewed<AwsKey>;
  readonly requests: CredentialRequests;
}

function roleCredentials(source: CredentialsSource, role: ProviderKey): Credentials {
  const { config, provider, clock, onSecrets, onNotice } = source;
  const requests = new CredentialRequests(config, clock);
  const ask = async (): Promise<Lasting<AwsKey>> => {
    const { key, life } = await provider.roleKey!(role, requests)!;
    onSecrets(key.sessionToken === null ? [key.secretAccessKey] : [key.secretAccessKey, key.sessionToken]);
    return { value: key, life };
  };
  const keys = new Renewed(asked(ask), clock, told(onNotice));
  return new SigningCredentials(source, { keys, requests }, () => keys.current());
}

function asked<T>(ask: () => Promise<T>): () => Promise<T> {
  return () =>
    ask().catch((error: unknown) => {
      throw noCredentials(error);
    });
}

/** Requests go on with what they have: only the log tells of it. */
function told(onNotice: (notice: CredentialNotice) => void): (error: unknown) => void {
  return (error) => onNotice({ unrenewed: error instanceof Error ? error.message : String(error) });
}

function isStale(provider: Provider, reply: Attempt): boolean {
  if (reply.status < 400) return false;
  return provider.keyTrouble(reply.status, null, (name) => reply.header(name))?.isStale === true;
}
