import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';
import type { KeptReply, ReplyStore } from '../core/reply-cache.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';

/** What an entry takes beside its texts. */
const OVERHEAD: Bytes = 512;

/** The replies of this process: bounded by bytes, the one that was not asked for the longest time goes first. */
export class MemoryReplies implements ReplyStore {
  private readonly replies: LRUCache<string, { readonly reply: KeptReply; readonly until: Milliseconds }>;
  private readonly clock: Clock;

  constructor(maxBytes: Bytes, clock: Clock) {
    this.clock = clock;
    this.replies = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ reply }, key) => sizeOf(reply) + key.length });
  }

  get(key: string): KeptReply | null {
    const found = this.replies.get(key);
    if (found === undefined) return null;
    if (this.clock.now() < found.until) return found.reply;
    this.replies.delete(key);
    return null;
  }

  set(key: string, reply: KeptReply, ttl: Milliseconds): void {
    this.replies.set(key, { reply, until: this.clock.now() + ttl });
  }

  size(): { readonly replies: number; readonly bytes: Bytes } {
    return { replies: this.replies.size, bytes: this.replies.calculatedSize };
  }

  close(): Promise<void> {
    this.replies.clear();
    return Promise.resolve();
  }
}

function sizeOf({ body, headers }: KeptReply): Bytes {
  let bytes = OVERHEAD + body.length;
  for (const text of headers) bytes += text.length;
  return bytes;
}
