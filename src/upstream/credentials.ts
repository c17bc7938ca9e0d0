import type { Clock } from '../core/clock.ts';
import type { ProviderConfig, ProviderKey } from '../core/config.ts';
import type { Provider } from '../core/provider.ts';
import type { Attempt, UpstreamRequest } from './attempt.ts';
import { KeyPool, type KeyNotice } from './key-pool.ts';
import { TokenSource } from './token-source.ts';
import { UpstreamFailure } from './upstream-error.ts';

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
  /** @returns whether the same request may be sent again at once, with other credentials */
  answered(index: number, reply: Attempt): boolean;
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
  /** A new token is in use. */
  onToken(token: string): void;
  onNotice(notice: KeyNotice): void;
}

/** Null where the key is a fixed header, or there is none: that costs nothing per request. */
export function openCredentials(source: CredentialsSource): Credentials | null {
  const { config, provider, clock } = source;
  const { key } = config;
  if (key.kind === 'pool') return new PoolCredentials(new KeyPool(key, provider, clock, source.onNotice));
  if (key.kind === 'entra' || key.kind === 'google') return new TokenCredentials(source, key);
  return key.kind === 'aws' ? new SigningCredentials(source, key) : null;
}

class PoolCredentials implements Credentials {
  readonly pool: KeyPool;

  constructor(pool: KeyPool) {
    this.pool = pool;
  }

  authorize(request: UpstreamRequest, account: string): number {
    const index = this.pool.next(account);
    request.headers.push(...this.pool.header(index));
    return index;
  }

  account(index: number): string {
    return this.pool.account(index);
  }

  answered(index: number, reply: Attempt): boolean {
    return this.pool.answered(index, reply) && this.pool.hasAnother(index);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class TokenCredentials implements Credentials {
  readonly pool = null;
  private readonly tokens: TokenSource;

  constructor({ config, provider, clock, onToken }: CredentialsSource, key: ProviderKey) {
    this.tokens = new TokenSource(config, () => provider.tokenRequest!(key, clock.wall())!, clock, onToken);
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
  answered(_index: number, { status }: Attempt): boolean {
    return status === 401 && this.tokens.forget();
  }

  close(): Promise<void> {
    return this.tokens.close();
  }
}

function addBearer(request: UpstreamRequest, token: string): number {
  request.headers.push('authorization', `Bearer ${token}`);
  return 0;
}

class SigningCredentials implements Credentials {
  readonly pool = null;
  private readonly source: CredentialsSource;
  private readonly key: ProviderKey;

  constructor(source: CredentialsSource, key: ProviderKey) {
    this.source = source;
    this.key = key;
  }

  /** @throws UpstreamFailure where the body is a stream, which cannot be signed before it has come */
  authorize(request: UpstreamRequest): number {
    const { provider, host, clock } = this.source;
    const { method, path, body, headers } = request;
    if (body !== null && !Buffer.isBuffer(body))
      throw new UpstreamFailure('unsendable', false, 'an upload cannot be signed');
    const signed = { method, host, path, body: body ?? Buffer.alloc(0) };
    headers.push(...provider.sign!(this.key, signed, clock.wall())!);
    return 0;
  }

  account(): string {
    return '';
  }

  answered(): boolean {
    return false;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
