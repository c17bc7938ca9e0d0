import { createHash } from 'node:crypto';
import { canonicalText } from './cache/canonical-text.ts';
import { Flights } from './cache/flights.ts';
import { MemoryReplies } from './cache/memory-replies.ts';
import { RedisReplies } from './cache/redis-replies.ts';
import type { Clock } from './core/clock.ts';
import type { RouteConfig } from './core/config.ts';
import type { JsonDocument } from './core/json-document.ts';
import { tenantOf, type Principal } from './core/principal.ts';
import type { CacheConfig, CacheResult, KeptReply, ReplyStore } from './core/reply-cache.ts';
import type { Bytes, Milliseconds } from './core/units.ts';
import type { OpenCall } from './open-calls.ts';
import type { Candidate } from './upstream/send.ts';
import { UpstreamFailure } from './upstream/upstream-error.ts';

interface CachedCallsDeps {
  readonly clock: Clock;
  /** Once, when replies cannot be read or written any more. */
  failed(error: unknown): void;
}

/** For metrics. */
export interface CacheTotals {
  readonly results: Readonly<Record<CacheResult, number>>;
  readonly errors: number;
  readonly replies: number;
  readonly bytes: Bytes;
}

interface OpenStore {
  readonly url: string;
  readonly maxBytes: Bytes;
  readonly replies: ReplyStore;
}

/** The cache of replies, where the configuration has one. */
export class CachedCalls {
  private readonly deps: CachedCallsDeps;
  private readonly flights = new Flights<KeptReply>();
  private readonly results: Record<CacheResult, number> = { hit: 0, miss: 0, bypass: 0 };
  private errors = 0;
  private isDown = false;
  private store: OpenStore | null = null;

  constructor(deps: CachedCallsDeps) {
    this.deps = deps;
  }

  totals(): CacheTotals {
    const size = this.store?.replies.size() ?? { replies: 0, bytes: 0 };
    return { results: this.results, errors: this.errors, ...size };
  }

  /**
   * What the cache can do for a call; null: nothing.
   * @param clean the body after redaction: what is kept belongs to what the provider saw, not to the values it did not see
   */
  lookUp(
    open: OpenCall,
    principal: Principal,
    clean: JsonDocument,
    route: RouteConfig,
    candidate: Candidate,
  ): CacheLookup | null {
    const { cache } = open.snapshot.config;
    if (cache === null) return null;
    const ttl = route.cacheTtl ?? cache.ttl;
    const asked = readCacheControl(open.incoming.headers['cache-control']);
    const isKept =
      ttl > 0 && !asked.noStore && mayKeep(open, clean, cache) && candidate.upstream.config.key.kind !== 'client';
    const key = isKept ? keyOf(open, principal, cache, candidate) : null;
    if (key === null) {
      open.exchange.cache = 'bypass';
      this.results.bypass++;
      return null;
    }
    const { deps, flights, results } = this;
    return new CacheLookup({
      open,
      key,
      ttl,
      asked,
      clock: deps.clock,
      flights,
      results,
      store: this.storeFor(cache),
      maxReplyBytes: cache.maxReplyBytes,
    });
  }

  async close(): Promise<void> {
    await this.store?.replies.close();
  }

  /** Another place, or another size, begins empty. */
  private storeFor({ url, maxBytes }: CacheConfig): ReplyStore {
    if (this.store?.url === url && this.store.maxBytes === maxBytes) return this.store.replies;
    void this.store?.replies.close();
    const replies = url === 'memory:' ? new MemoryReplies(maxBytes, this.deps.clock) : new RedisReplies(url, this.told);
    this.store = { url, maxBytes, replies };
    return replies;
  }

  private readonly told = {
    failed: (error: unknown): void => {
      this.errors++;
      if (!this.isDown) this.deps.failed(error);
      this.isDown = true;
    },
    worked: (): void => void (this.isDown = false),
  };
}

interface LookupSource {
  readonly open: OpenCall;
  readonly key: string;
  readonly ttl: Milliseconds;
  readonly asked: CacheControl;
  readonly clock: Clock;
  readonly flights: Flights<KeptReply>;
  readonly results: Record<CacheResult, number>;
  readonly store: ReplyStore;
  readonly maxReplyBytes: Bytes;
}

/** Of one call. */
export class CacheLookup {
  readonly maxReplyBytes: Bytes;
  private readonly source: LookupSource;
  private finish: ((found: KeptReply | null) => void) | null = null;

  constructor(source: LookupSource) {
    this.source = source;
    this.maxReplyBytes = source.maxReplyBytes;
  }

  /**
   * The reply that was kept, or that another request brings. Null: this one has to go, and others wait for it; then `done`
   * must be called. @throws UpstreamFailure where the caller or its time is gone meanwhile
   */
  async find(): Promise<KeptReply | null> {
    const { open, key, asked, flights, results } = this.source;
    for (;;) {
      const kept = asked.noCache ? null : await this.read();
      const other = kept === null && !asked.noCache ? flights.joined(key) : null;
      const found = other === null ? kept : await this.waitFor(other);
      if (found !== null && this.isFresh(found)) {
        open.exchange.servedFromCache();
        results.hit++;
        return found;
      }
      if (other !== null) continue;
      this.finish = flights.begin(key);
      open.exchange.cache = 'miss';
      results.miss++;
      return null;
    }
  }

  /** @param reply null: there is none that could be given again */
  done(reply: KeptReply | null): void {
    const { store, key, ttl } = this.source;
    if (reply !== null && this.finish !== null) store.set(key, reply, ttl);
    this.finish?.(reply);
    this.finish = null;
  }

  private async read(): Promise<KeptReply | null> {
    const { store, key } = this.source;
    const kept = await store.get(key);
    return kept !== null && this.isFresh(kept) ? kept : null;
  }

  private isFresh({ keptAt }: KeptReply): boolean {
    const { asked, clock, ttl } = this.source;
    return clock.wall() - keptAt <= Math.min(ttl, asked.maxAge);
  }

  private async waitFor(other: Promise<KeptReply | null>): Promise<KeptReply | null> {
    const { open, clock } = this.source;
    const { exchange } = open;
    const gone = Promise.withResolvers<never>();
    const started = clock.now();
    exchange.onAbort((reason) => gone.reject(new UpstreamFailure(reason, false, reason)));
    try {
      return await Promise.race([other, gone.promise]);
    } finally {
      exchange.onAbort(null);
      exchange.waitedMs += clock.now() - started;
    }
  }
}

interface CacheControl {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly maxAge: Milliseconds;
}

/** @source RFC 9111 section 5.2.1 */
function readCacheControl(header: string | undefined): CacheControl {
  if (header === undefined) return { noStore: false, noCache: false, maxAge: Infinity };
  const directives = header
    .toLowerCase()
    .split(',')
    .map((each) => each.trim());
  const age = directives.find((each) => /^max-age="?\d+"?$/.test(each));
  const seconds = age === undefined ? Infinity : Number(/\d+/.exec(age)![0]);
  return {
    noStore: directives.includes('no-store'),
    noCache: directives.includes('no-cache') || seconds === 0,
    maxAge: seconds * 1000,
  };
}

/** What the provider keeps, works on later or does beside its reply: a reply that is given again would not do it again. */
const STATEFUL = ['background', 'previous_response_id', 'conversation', 'container', 'mcp_servers'] as const;
const TOOLS = ['tools', 'functions', 'web_search_options'] as const;

function mayKeep({ exchange: { operation } }: OpenCall, clean: JsonDocument, cache: CacheConfig): boolean {
  if (!cache.operations.includes(operation)) return false;
  const says = (name: string): boolean => {
    const node = clean.member(clean.root, name);
    return node !== null && !clean.isNull(node) && clean.text.slice(node.start, node.end) !== 'false';
  };
  if (STATEFUL.some(says) || (!cache.tools && TOOLS.some(says))) return false;
  // A response is kept by the provider unless it is told not to; one of chat is not.
  return operation === 'responses' ? clean.member(clean.root, 'store') !== null && !says('store') : !says('store');
}

/** Of the request as it would be sent, to the letter but for white space and the order of members. Null: it has none. */
function keyOf({ exchange }: OpenCall, principal: Principal, cache: CacheConfig, candidate: Candidate): string | null {
  const tenant = cache.scope === 'team' ? tenantOf(principal) : principal.id;
  const { path, headers, body } = candidate.request();
  const { name, baseUrl } = candidate.upstream.config;
  const meant: string[] = [];
  let isEncoded = false;
  for (let i = 0; i < headers.length; i += 2) {
    const header = headers[i]!.toLowerCase();
    if (header === 'content-encoding') isEncoded = true;
    if (/^(?:anthropic-|openai-|x-goog-|accept$)/.test(header)) meant.push(`${header}: ${headers[i + 1]!}`);
  }
  if (isEncoded || !Buffer.isBuffer(body)) return null;
  const parts = [tenant, exchange.operation, name, baseUrl, path, meant.sort()];
  return createHash('sha256')
    .update(JSON.stringify(parts))
    .update('\0')
    .update(canonicalText(body.toString('utf8')))
    .digest('hex');
}
