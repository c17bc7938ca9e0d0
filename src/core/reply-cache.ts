import type { Bytes, Milliseconds } from './units.ts';

/** A provider's reply as it came, before anything of it was redacted or put back. */
export interface KeptReply {
  readonly status: number;
  readonly statusText: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** With the framing of its events, where it was a stream. */
  readonly body: Buffer;
  /** Wall clock. */
  readonly keptAt: Milliseconds;
  /** `provider/model`: who gave it, and so in whose format it is. */
  readonly giver: string;
}

/** Where replies are kept. What cannot be read is not there: a cache may lose all, and never fails a request. */
export interface ReplyStore {
  get(key: string): KeptReply | null | Promise<KeptReply | null>;
  set(key: string, reply: KeptReply, ttl: Milliseconds): void;
  /** Of what is kept in this process. */
  size(): { readonly replies: number; readonly bytes: Bytes };
  close(): Promise<void>;
}

/** `x-sluice-cache`. `bypass`: the request, its route or what it asks for has it left alone. */
export type CacheResult = 'hit' | 'miss' | 'bypass';

export interface CacheConfig {
  /** `memory:`, `redis://…` or `rediss://…`. May hold a password. */
  readonly url: string;
  /** Who shares replies: a team where the key has one, or each key alone. */
  readonly scope: 'team' | 'key';
  readonly ttl: Milliseconds;
  readonly maxBytes: Bytes;
  readonly maxReplyBytes: Bytes;
  readonly operations: readonly string[];
  /** Calls with tools, too. */
  readonly tools: boolean;
}
