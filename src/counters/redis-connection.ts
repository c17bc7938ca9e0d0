import { createHash } from 'node:crypto';
import { ErrorReply } from '@redis/client';
import { CountersUnavailableError } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { RedisLink, type RedisClient } from '../redis/redis-link.ts';
import type { RedisRequest } from './redis-request.ts';
import { REDIS_SCRIPT } from './redis-script.ts';

const SCRIPT_HASH = createHash('sha1').update(REDIS_SCRIPT).digest('hex');

/** A decision that takes longer is no longer waited for. */
const REPLY_WITHIN: Milliseconds = 250;

/** Where the script runs. */
export class RedisConnection {
  private readonly link: RedisLink;

  constructor(url: string) {
    this.link = new RedisLink({ url, name: 'sluice', replyWithin: REPLY_WITHIN });
  }

  /** @throws CountersUnavailableError */
  async run(request: RedisRequest): Promise<number[]> {
    try {
      return await this.link.run((client) => evaluate(client, request));
    } catch (error) {
      throw new CountersUnavailableError(error);
    }
  }

  close(): Promise<void> {
    return this.link.close();
  }
}

async function evaluate(client: RedisClient, { keys, argument }: RedisRequest): Promise<number[]> {
  const rest = [`${keys.length}`, ...keys, argument];
  try {
    return await client.sendCommand<number[]>(['EVALSHA', SCRIPT_HASH, ...rest]);
  } catch (error) {
    if (!isScriptUnknown(error)) throw error;
    return client.sendCommand<number[]>(['EVAL', REDIS_SCRIPT, ...rest]); // which also loads it
  }
}

function isScriptUnknown(error: unknown): boolean {
  return error instanceof ErrorReply && error.message.startsWith('NOSCRIPT');
}
