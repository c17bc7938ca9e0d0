import { createClient, RESP_TYPES } from '@redis/client';
import type { KeptReply, ReplyStore } from '../core/reply-cache.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import { decodeReply, encodeReply } from './kept-form.ts';

/** A cache that takes longer saves nothing. */
const REPLY_WITHIN: Milliseconds = 100;
const CONNECT_WITHIN: Milliseconds = 2_000;
const FIRST_RETRY: Milliseconds = 50;
const MAX_RETRY: Milliseconds = 1_000;
const MAX_QUEUED = 10_000;
const PREFIX = 'sluice:cache:';

/** Told of each operation; where it came to nothing the request goes on without the cache. */
interface RedisTold {
  failed(error: unknown): void;
  worked(): void;
}

/** The replies of all gateways that share a Redis; it bounds them itself (`maxmemory`, an eviction policy). */
export class RedisReplies implements ReplyStore {
  private readonly client: ReturnType<typeof openClient>;
  private readonly told: RedisTold;

  constructor(url: string, told: RedisTold) {
    this.client = openClient(url);
    this.told = told;
    this.client.on('error', () => {}); // Each operation tells; it goes on trying.
    this.client.connect().catch(() => {});
  }

  async get(key: string): Promise<KeptReply | null> {
    try {
      const bytes = await inTime(this.client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get(PREFIX + key));
      this.told.worked();
      return bytes === null ? null : decodeReply(bytes);
    } catch (error) {
      this.told.failed(error);
      return null;
    }
  }

  set(key: string, reply: KeptReply, ttl: Milliseconds): void {
    this.client
      .set(PREFIX + key, encodeReply(reply), { expiration: { type: 'PX', value: Math.ceil(ttl) } })
      .catch(this.told.failed);
  }

  size(): { readonly replies: number; readonly bytes: Bytes } {
    return { replies: 0, bytes: 0 };
  }

  close(): Promise<void> {
    if (this.client.isReady) return this.client.close();
    this.client.destroy();
    return Promise.resolve();
  }
}

async function inTime<T>(asked: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('Redis did not answer in time.')), REPLY_WITHIN);
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function openClient(url: string) {
  return createClient({
    url,
    name: 'sluice-cache',
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUED,
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: CONNECT_WITHIN,
      reconnectStrategy: (retries) => Math.min(FIRST_RETRY * 2 ** retries, MAX_RETRY),
    },
  });
}
