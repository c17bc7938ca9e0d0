import { Pool } from 'undici';
import type { Clock } from '../core/clock.ts';
import type { ProviderConfig } from '../core/config.ts';
import { guardedLookup } from '../core/guarded-lookup.ts';
import type { TokenRequest } from '../core/provider.ts';
import type { Milliseconds } from '../core/units.ts';
import { Attempt } from './attempt.ts';
import { readBody } from './read-body.ts';
import { UpstreamFailure } from './upstream-error.ts';

/** A token's life is spent to this share before the next one is asked for. */
const REFRESH_AT = 0.8;
/** A token that ends while the request is on its way would be refused. */
const MARGIN: Milliseconds = 10_000;
/** Between two attempts to refresh a token that still holds, and between two that were forgotten. */
const PAUSE: Milliseconds = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

interface Token {
  readonly value: string;
  /** Monotonic. */
  readonly refreshAt: Milliseconds;
  readonly endsAt: Milliseconds;
}

/** A token that is asked for once for all requests, and again before it ends; requests wait only where there is none. */
export class TokenSource {
  private readonly config: ProviderConfig;
  private readonly ask: () => TokenRequest;
  private readonly clock: Clock;
  private readonly onToken: (token: string) => void;
  private pool: Pool | null = null;
  private token: Token | null = null;
  private fetching: Promise<string> | null = null;
  private retryAt: Milliseconds = -Infinity;
  private forgottenAt: Milliseconds = -Infinity;

  constructor(config: ProviderConfig, ask: () => TokenRequest, clock: Clock, onToken: (token: string) => void) {
    this.config = config;
    this.ask = ask;
    this.clock = clock;
    this.onToken = onToken;
  }

  /** A promise, which rejects with UpstreamFailure `no_token`, only where no token holds. */
  current(): string | Promise<string> {
    const { token } = this;
    const now = this.clock.now();
    if (token === null || now >= token.endsAt) return this.fetch();
    if (now >= token.refreshAt && now >= this.retryAt) this.fetch().catch(() => {});
    return token.value;
  }

  /** The provider refuses the token. @returns whether another one is worth asking for */
  forget(): boolean {
    const now = this.clock.now();
    if (now < this.forgottenAt + PAUSE) return false;
    this.forgottenAt = now;
    this.token = null;
    return true;
  }

  async close(): Promise<void> {
    await this.pool?.close();
  }

  private fetch(): Promise<string> {
    this.fetching ??= this.fetchOnce().finally(() => {
      this.fetching = null;
    });
    return this.fetching;
  }

  private async fetchOnce(): Promise<string> {
    this.retryAt = this.clock.now() + PAUSE;
    const { url, form } = this.ask();
    const { origin, pathname, search, host } = new URL(url);
    const attempt = new Attempt();
    const started = this.clock.now();
    try {
      await attempt.start((this.pool ??= this.connect(origin)), {
        method: 'POST',
        path: pathname + search,
        headers: ['content-type', 'application/x-www-form-urlencoded', 'accept', 'application/json'],
        body: Buffer.from(new URLSearchParams(form).toString()),
        firstByteTimeout: this.config.timeouts.firstByte,
        idleTimeout: this.config.timeouts.idle,
        queueTimeout: null,
      });
    } catch (error) {
      throw noToken(host, (error as UpstreamFailure).kind);
    }
    return this.keep(await this.read(attempt, host), started);
  }

  private connect(origin: string): Pool {
    const { timeouts, allowAddresses } = this.config;
    return new Pool(origin, {
      connections: 1,
      pipelining: 1,
      allowH2: false,
      connect: { timeout: timeouts.connect, lookup: guardedLookup(allowAddresses) },
    });
  }

  private async read(attempt: Attempt, host: string): Promise<Answer> {
    const answer = parse(await readBody(attempt, MAX_ANSWER_BYTES));
    if (attempt.status !== 200) throw noToken(host, `${attempt.status}${errorCode(answer['error'])}`);
    const { access_token: value, expires_in: seconds } = answer;
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value))
      throw noToken(host, 'no access_token in its answer');
    return { value, life: Math.max(0, Number(seconds ?? 0) || 0) * 1000 };
  }

  /** @param started before it was asked for: its life may have begun then */
  private keep({ value, life }: Answer, started: Milliseconds): string {
    this.token = { value, refreshAt: started + life * REFRESH_AT, endsAt: started + Math.max(0, life - MARGIN) };
    this.onToken(value);
    return value;
  }
}

interface Answer {
  readonly value: string;
  readonly life: Milliseconds;
}

function parse(body: Buffer | null): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(String(body));
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The word of RFC 6749 section 5.2 only: descriptions name what was sent. */
function errorCode(code: unknown): string {
  return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? ` ${code}` : '';
}

function noToken(host: string, why: string): UpstreamFailure {
  return new UpstreamFailure('no_token', false, `${host}: ${why}`);
}
