import { readFile } from 'node:fs/promises';
import { Pool } from 'undici';
import type { Clock } from '../core/clock.ts';
import type { ProviderConfig } from '../core/config.ts';
import {
  CredentialsError,
  type CredentialAnswer,
  type CredentialIo,
  type CredentialRequest,
} from '../core/credential-io.ts';
import { guardedLookup } from '../core/guarded-lookup.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import { Attempt } from './attempt.ts';
import { readBody } from './read-body.ts';
import { UpstreamFailure } from './upstream-error.ts';

const MAX_ANSWER_BYTES: Bytes = 64 * 1024;
/** These are small, and requests may wait for them. */
const LONGEST_WAIT: Milliseconds = 10_000;
/** What Google's name for its metadata server resolves to, and nothing else may. */
const METADATA_SERVER: Readonly<Record<string, readonly string[]>> = {
  'metadata.google.internal': ['169.254.169.254', 'fd20:ce::254'],
};

/** Small requests for credentials, and the files that they need. */
export class CredentialRequests implements CredentialIo {
  private readonly config: ProviderConfig;
  private readonly clock: Clock;
  private readonly pools = new Map<string, Pool>();

  constructor(config: ProviderConfig, clock: Clock) {
    this.config = config;
    this.clock = clock;
  }

  async ask({ method, url, headers, body }: CredentialRequest): Promise<CredentialAnswer> {
    const { origin, pathname, search, host } = new URL(url);
    const { firstByte, idle } = this.config.timeouts;
    const attempt = new Attempt();
    try {
      await attempt.start(this.poolOf(origin), {
        method,
        path: pathname + search,
        headers: Object.entries(headers).flat(),
        body: body === null ? null : Buffer.from(body),
        firstByteTimeout: Math.min(firstByte, LONGEST_WAIT),
        idleTimeout: Math.min(idle, LONGEST_WAIT),
        queueTimeout: null,
      });
    } catch (error) {
      throw new CredentialsError(`${host}: ${(error as UpstreamFailure).kind}`);
    }
    return { status: attempt.status, body: (await readBody(attempt, MAX_ANSWER_BYTES))?.toString() ?? '' };
  }

  async readFile(path: string): Promise<string | null> {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return null;
      throw new CredentialsError(`a file of credentials cannot be read (${code})`);
    }
  }

  wall(): Milliseconds {
    return this.clock.wall();
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.close()));
  }

  private poolOf(origin: string): Pool {
    let pool = this.pools.get(origin);
    if (pool === undefined) {
      const { timeouts, allowAddresses } = this.config;
      const allowed = [...allowAddresses, ...(METADATA_SERVER[new URL(origin).hostname] ?? [])];
      const connect = { timeout: Math.min(timeouts.connect, LONGEST_WAIT), lookup: guardedLookup(allowed) };
      pool = new Pool(origin, { connections: 1, pipelining: 1, allowH2: false, connect });
      this.pools.set(origin, pool);
    }
    return pool;
  }
}

/** As a failure of the target. */
export function noCredentials(error: unknown): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  if (error instanceof CredentialsError) return new UpstreamFailure('no_token', false, error.message);
  throw error;
}
