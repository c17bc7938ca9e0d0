import { RESP_TYPES } from '@redis/client';
import type { KeptReply, ReplyStore } from '../core/reply-cache.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import { RedisLink } from '../redis/redis-link.ts';
import { decodeReply, encodeReply } from './kept-form.ts';

/** A cache that takes longer saves nothing. */
const REPLY_WITHIN: Milliseconds = 100;
const PREFIX = 'sluice:cache:';
const AS_BYTES = { [RESP_TYPES.BLOB_STRING]: Buffer };

/** Told of each operation; where it came to nothing the request goes on without the cache. */
interface RedisTold {
  failed(error: unknown): void;
  worked(): void;
}

/** The replies of all gateways that share a Redis; it bounds them itself (`maxmemory`, an eviction policy). */
export class RedisReplies implements ReplyStore {
  private readonly link: RedisLink;
  private readonly told: RedisTold;

  constructor(url: string, told: RedisTold) {
    this.link = new RedisLink({ url, name: 'sluice-cache', replyWithin: REPLY_WITHIN });
    this.told = told;
  }

  async get(key: string): Promise<KeptReply | null> {
    try {
      const bytes = await this.link.run((client) => client.withTypeMapping(AS_BYTES).get(PREFIX + key));
      this.told.worked();
      return bytes === null ? null : decodeReply(bytes);
    } catch (error) {
      this.told.failed(error);
      return null;
    }
  }

  set(key: string, reply: KeptReply, ttl: Milliseconds): void {
    const expiration = { type: 'PX', value: Math.ceil(ttl) } as const;
    this.link.run((client) => client.set(PREFIX + key, encodeReply(reply), { expiration })).catch(this.told.failed);
  }

  size(): { readonly replies: number; readonly bytes: Bytes } {
    return { replies: 0, bytes: 0 };
  }

  close(): Promise<void> {
    return this.link.close();
  }
}
