import { Pool } from 'undici';
import type { Clock } from '../core/clock.ts';
import type { ProviderConfig } from '../core/config.ts';
import type { ProviderKey } from '../core/provider-key.ts';
import { guardedLookup } from '../core/guarded-lookup.ts';
import { OwnKeys } from '../core/own-keys.ts';
import type { Provider } from '../core/provider.ts';
import type { Chars } from '../core/units.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { openCredentials, type CredentialNotice, type Credentials } from './credentials.ts';
import { TargetLoad } from './target-load.ts';

const MAX_REPLY_HEADER_BYTES = 64 * 1024;

/** One provider at run time: its connections and the health of its models. */
export class Upstream {
  readonly config: ProviderConfig;
  readonly provider: Provider;
  readonly basePath: string;
  readonly dispatcher: Pool;
  /** Null: a fixed header, or none. */
  readonly credentials: Credentials | null;
  /** The gateway's own credentials there, as they may be quoted. */
  ownKeys: OwnKeys;
  private readonly clock: Clock;
  private readonly breakers = new Map<string, CircuitBreaker>();
  private readonly loads = new Map<string, TargetLoad>();

  /**
   * @param baseUrl without a trailing slash; http or https
   * @param onNotice told of keys of a pool that are refused
   */
  constructor(
    config: ProviderConfig,
    provider: Provider,
    baseUrl: string,
    clock: Clock,
    onNotice: (notice: CredentialNotice) => void = () => {},
  ) {
    const url = new URL(baseUrl);
    this.config = config;
    this.provider = provider;
    this.clock = clock;
    const fixedKeys = credentialsOf(config);
    this.ownKeys = new OwnKeys(fixedKeys);
    let before: readonly string[] = [];
    const onSecrets = (secrets: readonly string[]): void => {
      // A reply to a request that went out with those before may still quote them.
      this.ownKeys = new OwnKeys(longestFirst([...fixedKeys, ...before, ...secrets]));
      before = secrets;
    };
    this.credentials = openCredentials({ config, provider, host: url.host, clock, onSecrets, onNotice });
    this.basePath = url.pathname === '/' ? '' : url.pathname;
    this.dispatcher = new Pool(url.origin, {
      connections: config.maxConnections,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: MAX_REPLY_HEADER_BYTES,
      connect: { timeout: config.timeouts.connect, lookup: guardedLookup(config.allowAddresses) },
    });
  }

  /** One breaker per configured model name: names that apps make up share one. */
  breaker(label: string): CircuitBreaker {
    let breaker = this.breakers.get(label);
    if (breaker === undefined) {
      breaker = new CircuitBreaker(this.config.circuitBreaker, this.clock);
      this.breakers.set(label, breaker);
    }
    return breaker;
  }

  /** Of a model by its configured name, as with breakers. */
  load(label: string): TargetLoad {
    let load = this.loads.get(label);
    if (load === undefined) {
      const breaker = this.breaker(label);
      load = new TargetLoad(this.clock, () => breaker.state === 'open');
      this.loads.set(label, load);
    }
    return load;
  }

  /** A connection is free, or there may be as many as there are requests. */
  get hasRoom(): boolean {
    const { maxConnections } = this.config;
    return maxConnections === null || this.dispatcher.stats.size < maxConnections;
  }

  circuits(): ReadonlyMap<string, CircuitBreaker> {
    return this.breakers;
  }

  /** Open requests finish first. */
  async close(): Promise<void> {
    await this.dispatcher.close();
    await this.credentials?.close();
  }
}

const CREDENTIAL_HEADER = /key|auth|token|secret/;
/** A shorter one is a placeholder, and may be part of any word. */
const SHORTEST_KEY: Chars = 8;

function credentialsOf({ key, headers }: ProviderConfig): string[] {
  const named = Object.entries(headers).filter(([name]) => CREDENTIAL_HEADER.test(name));
  const values = named.map(([, value]) => value.replace(/^(?:Bearer|Basic) /i, ''));
  return longestFirst([...values, ...secretsOf(key)]);
}

function secretsOf(key: ProviderKey): readonly string[] {
  if (key.kind === 'configured') return [key.value];
  if (key.kind === 'pool') return key.values;
  if (key.kind === 'entra') return [key.clientSecret];
  if (key.kind === 'google-user') return [key.clientSecret, key.refreshToken];
  if (key.kind === 'entra-managed') return key.header === null ? [] : [key.header];
  if (key.kind === 'aws-role')
    return key.source.kind === 'container' && key.source.token !== null ? [key.source.token] : [];
  if (key.kind === 'aws') return [key.secretAccessKey, ...(key.sessionToken === null ? [] : [key.sessionToken])];
  return [];
}

/** One may begin with another: the longer ones are looked for first. */
function longestFirst(values: readonly string[]): string[] {
  return values.filter(({ length }) => length >= SHORTEST_KEY).sort((a, b) => b.length - a.length);
}
