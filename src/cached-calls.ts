import { cacheKey, mayKeep } from './cache-key.ts';
import { readCacheControl, type CacheControl } from './cache/cache-control.ts';
import { Flights } from './cache/flights.ts';
import { MemoryReplies } from './cache/memory-replies.ts';
import { RedisReplies } from './cache/redis-replies.ts';
import type { Clock } from './core/clock.ts';
import type { RouteConfig } from './core/config.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { Principal } from './core/principal.ts';
import type { CacheConfig, CacheResult, KeptReply, ReplyStore } from './core/reply-cache.ts';
import type { Bytes, Milliseconds } from './core/units.ts';
import { RecordedReply, ReplayedReply } from './ingress/kept-replies.ts';
import type { OpenCall } from './open-calls.ts';
import type { Replied } from './send-reply.ts';
import { name, type Candidate } from './upstream/attempt-once.ts';
import type { Reply } from './upstream/send.ts';
import { UpstreamFailure } from './upstream/upstream-error.ts';

/** For others that come back with nothing: who has waited so often goes beside them, or the last of many would wait for all. */
const MOST_WAITS = 2;

interface CachedCallsDeps {
  readonly clock: Clock;
  /** Once, when replies cannot be read or written any more. */
  failed(error: unknown): void;
}

/** For metrics. */
interface CacheTotals {
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
    candidates: readonly Candidate[],
  ): CachedCall | null {
    const { cache } = open.snapshot.config;
    if (cache === null) return null;
    const ttl = route.cacheTtl ?? cache.ttl;
    const asked = readCacheControl(open.incoming.headers['cache-control']);
    const keyed = keyedBy(candidates);
    const isKept = ttl > 0 && !asked.noStore && mayKeep(open, clean, cache) && !isCallersOwn(keyed);
    const key = isKept ? cacheKey(open, principal, cache, keyed, isOneOfMany(candidates) ? clean : null) : null;
    if (key === null) {
      open.exchange.cache = 'bypass';
      this.results.bypass++;
      return null;
    }
    const { deps, flights, results } = this;
    return new CachedCall({
      open,
      key,
      ttl,
      asked,
      candidates,
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

/** Of equal targets always the same one, whichever is asked first this time. */
function keyedBy(candidates: readonly Candidate[]): Candidate {
  const [first, ...others] = candidates;
  if (first!.load === null) return first!;
  return others.reduce((least, each) => (each.load !== null && idOf(each) < idOf(least) ? each : least), first!);
}

function isOneOfMany([, second]: readonly Candidate[]): boolean {
  return second !== undefined && second.load !== null;
}

/** It gets the caller's own key: its reply may be of the caller's own account. */
function isCallersOwn({ upstream }: Candidate): boolean {
  return upstream.config.key.kind === 'client';
}

function idOf({ upstream, model }: Candidate): string {
  return `${upstream.config.name}/${model}`;
}

interface CallSource {
  readonly open: OpenCall;
  readonly key: string;
  readonly ttl: Milliseconds;
  readonly asked: CacheControl;
  /** The first of them, or one that is equal to it, gave what is kept. */
  readonly candidates: readonly Candidate[];
  readonly clock: Clock;
  readonly flights: Flights<KeptReply>;
  readonly results: Record<CacheResult, number>;
  readonly store: ReplyStore;
  readonly maxReplyBytes: Bytes;
}

/** One call whose reply may be there already, or may be kept for others. */
export class CachedCall {
  private readonly source: CallSource;
  private finish: ((found: KeptReply | null) => void) | null = null;

  constructor(source: CallSource) {
    this.source = source;
  }

  /**
   * The reply that was kept, or that another request brings, as if its target had given it now. Null: this call has to go,
   * and others wait for it; then `sendAndKeep` must be called.
   * @throws UpstreamFailure where the caller or its time is gone meanwhile
   */
  async find(): Promise<Replied | null> {
    const { open, candidates, clock, results } = this.source;
    const { exchange } = open;
    exchange.setDeadline(clock.now() + candidates[0]!.upstream.config.timeouts.total, 'total_timeout');
    const kept = await this.findKept();
    if (kept === null) {
      exchange.cache = 'miss';
      results.miss++;
      return null;
    }
    results.hit++;
    exchange.servedFromCache();
    const candidate = this.giverOf(kept)!;
    // What it would send says how its reply is to be read.
    candidate.request();
    name(exchange, candidate);
    return { attempt: new ReplayedReply(kept), body: null, breaker: null, translation: candidate.translation };
  }

  /** Others may be waiting for it: whatever becomes of it, they are told. */
  async sendAndKeep(replying: Promise<Reply>, sendOn: (reply: Replied) => Promise<void>): Promise<void> {
    const { open, clock, maxReplyBytes } = this.source;
    const { exchange } = open;
    let kept: KeptReply | null = null;
    try {
      const reply = await replying; // 502, 503, 504
      const attempt = new RecordedReply(reply.attempt, maxReplyBytes);
      await sendOn({ ...reply, attempt });
      const isGood = exchange.status === 200 && exchange.outcome === 'success' && reply.body === null;
      const giver = isGood ? this.keptFrom() : undefined;
      if (giver !== undefined) kept = attempt.kept(idOf(giver), clock.wall());
    } finally {
      this.done(kept);
    }
  }

  /** Who gave a reply that may be kept: the target that was to, or an equal one in its place, and with a key of the gateway's. */
  private keptFrom(): Candidate | undefined {
    const { open, candidates } = this.source;
    const { provider, upstreamModel, fallback } = open.exchange;
    const giver = candidates.find((candidate) => idOf(candidate) === `${provider}/${upstreamModel}`);
    const isMeant = giver !== undefined && (fallback === '' || giver.load !== null);
    return isMeant && !isCallersOwn(giver) ? giver : undefined;
  }

  private async findKept(): Promise<KeptReply | null> {
    const { key, asked, flights } = this.source;
    for (let waits = 0; ; waits++) {
      const kept = asked.noCache ? null : await this.read();
      const other = kept === null && !asked.noCache ? flights.joined(key) : null;
      if (other !== null && waits === MOST_WAITS) return null;
      const found = other === null ? kept : await this.waitFor(other);
      if (found !== null && this.isUsable(found)) return found;
      if (other !== null) continue;
      this.finish = flights.begin(key);
      return null;
    }
  }

  private async read(): Promise<KeptReply | null> {
    const { store, key } = this.source;
    const kept = await store.get(key);
    return kept !== null && this.isUsable(kept) ? kept : null;
  }

  private isUsable(kept: KeptReply): boolean {
    const { asked, clock, ttl } = this.source;
    return clock.wall() - kept.keptAt <= Math.min(ttl, asked.maxAge) && this.giverOf(kept) !== undefined;
  }

  private giverOf({ giver }: KeptReply): Candidate | undefined {
    return this.source.candidates.find((candidate) => idOf(candidate) === giver);
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

  /** @param reply null: there is none that could be given again */
  private done(reply: KeptReply | null): void {
    const { store, key, ttl } = this.source;
    if (reply !== null) store.set(key, reply, ttl);
    this.finish?.(reply);
    this.finish = null;
  }
}
