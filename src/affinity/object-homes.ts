import { BatchedReads, type After } from '../core/batched-reads.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Home, OwnedObject } from '../core/object-ids.ts';
import type { ObjectStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import { LateCache } from '../core/late-cache.ts';

/** Some hundred bytes each. */
const MAX_KNOWN = 50_000;
const MAX_UNKNOWN = 10_000;
/** An id that is made up later is a new one: unknown ones need not be asked about again soon. */
const UNKNOWN_TTL: Milliseconds = 5_000;
/** What was made meanwhile is written in one transaction. */
export const WRITE_GAP: Milliseconds = 50;
/** What another gateway has just made may not be written yet: an unknown id is looked for once more after this. */
const SECOND_LOOK: Milliseconds = 75;
/** While the store cannot be written to; beyond it the newest are lost, and counted. */
const MAX_WAITING = 100_000;
const RETRY_GAP: Milliseconds = 1_000;

export interface ObjectHomesDeps {
  readonly store: Omit<ObjectStore, 'removeExpired'>;
  readonly clock: Clock;
  /** Once, when the store cannot be written to any more. */
  failed(error: unknown): void;
  readonly after?: After;
}

interface ObjectLookupCounts extends Record<string, number> {
  found: number;
  unknown: number;
  /** It is somebody else's. */
  foreign: number;
  unavailable: number;
  /** Could not be written, nor kept until it can. */
  lost: number;
}

/**
 * Which provider made an object, and for whom. Known ones are in memory; others are read from the store, many at once.
 * What is made is written behind: no reply waits for it.
 */
export class ObjectHomes {
  readonly counts: ObjectLookupCounts = { found: 0, unknown: 0, foreign: 0, unavailable: 0, lost: 0 };
  private readonly deps: ObjectHomesDeps;
  private readonly after: After;
  private readonly reads: BatchedReads<OwnedObject | null>;
  private readonly known = new LateCache<string, OwnedObject>({ max: MAX_KNOWN });
  /** Until when an id counts as unknown, on the monotonic clock. */
  private readonly unknown = new LateCache<string, Milliseconds>({ max: MAX_UNKNOWN });
  private waiting = new Map<string, OwnedObject>();
  private isScheduled = false;
  private hasFailed = false;
  private isClosed = false;

  constructor(deps: ObjectHomesDeps) {
    this.deps = deps;
    this.after = deps.after ?? ((delay, callback) => setTimeout(callback, delay).unref());
    this.reads = new BatchedReads((ids) => this.fetch(ids), deps.clock, deps.after);
  }

  /**
   * Where the objects that a request names live. At once where they are in memory.
   * @returns null where nobody knows any of them
   * @throws GatewayError, at once or later: `not_found` for another tenant's, `invalid_request` where they live at different
   * providers, `overloaded` where nobody can tell
   */
  find(tenant: string, ids: readonly string[]): Home | null | Promise<Home | null> {
    const found: (OwnedObject | null | undefined)[] = ids.map((id) => this.atHand(id));
    if (!found.includes(undefined)) return this.homeOf(tenant, ids, found as (OwnedObject | null)[]);
    return this.findLater(tenant, ids);
  }

  /** Which of the ids belong to somebody else. Rejects as `find`. */
  async foreign(tenant: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const owners = await Promise.all(ids.map((id) => this.atHand(id) ?? this.read(id)));
    return new Set(ids.filter((_, index) => (owners[index]?.tenant ?? tenant) !== tenant));
  }

  /** It is the caller's, and not just unknown. */
  isOwn(tenant: string, id: string): boolean {
    return this.known.peek(id)?.tenant === tenant;
  }

  /** Of new objects only: whoever is the first to name an id that was there before must not own it. */
  made(tenant: string, home: Home, ids: readonly string[], expiresAt: Milliseconds | null): void {
    for (const id of ids) {
      if (this.known.has(id)) continue;
      const object: OwnedObject = { id, tenant, provider: home.provider, account: home.account, expiresAt };
      this.known.set(id, object);
      this.unknown.delete(id);
      if (this.waiting.size < MAX_WAITING) this.waiting.set(id, object);
      else this.counts.lost++;
    }
    this.schedule(WRITE_GAP);
  }

  /** It does not exist any more. */
  async deleted(id: string): Promise<void> {
    this.waiting.delete(id);
    this.known.delete(id);
    await this.deps.store.remove([id]).catch((error: unknown) => this.fail(error));
  }

  /** Writes what waits. Never rejects. */
  async flush(): Promise<void> {
    const objects = this.waiting;
    this.waiting = new Map();
    if (objects.size === 0) return;
    try {
      await this.deps.store.add([...objects.values()]);
      this.hasFailed = false;
    } catch (error) {
      this.waiting = new Map([...objects, ...this.waiting]);
      this.fail(error);
      this.schedule(RETRY_GAP);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.flush();
    this.counts.lost += this.waiting.size;
  }

  /** Undefined: the store has to be asked. */
  private atHand(id: string): OwnedObject | null | undefined {
    const known = this.known.get(id) ?? this.waiting.get(id);
    if (known !== undefined) return this.isLive(known) ? known : null;
    const until = this.unknown.get(id);
    return until !== undefined && this.deps.clock.now() < until ? null : undefined;
  }

  private isLive({ expiresAt }: OwnedObject): boolean {
    return expiresAt === null || expiresAt > this.deps.clock.wall();
  }

  private async findLater(tenant: string, ids: readonly string[]): Promise<Home | null> {
    const look = (): Promise<(OwnedObject | null)[]> => Promise.all(ids.map((id) => this.atHand(id) ?? this.read(id)));
    const first = await look();
    if (!first.includes(null)) return this.homeOf(tenant, ids, first);
    await new Promise<void>((resolve) => void this.after(SECOND_LOOK, resolve));
    const second = await look();
    const until = this.deps.clock.now() + UNKNOWN_TTL;
    for (const [index, id] of ids.entries()) if (second[index] === null) this.unknown.set(id, until);
    return this.homeOf(tenant, ids, second);
  }

  private async read(id: string): Promise<OwnedObject | null> {
    try {
      return await this.reads.read(id);
    } catch (error) {
      this.counts.unavailable++;
      if (error instanceof GatewayError) throw error;
      throw new GatewayError('overloaded', 'Whose the named objects are cannot be read at this moment; try again.', {
        retryAfterSeconds: 1,
      });
    }
  }

  private async fetch(ids: readonly string[]): Promise<(id: string) => OwnedObject | null> {
    const found = new Map<string, OwnedObject>();
    for (const object of await this.deps.store.find(ids, this.deps.clock.wall())) {
      found.set(object.id, object);
      this.known.set(object.id, object);
    }
    return (id) => found.get(id) ?? this.waiting.get(id) ?? null;
  }

  private homeOf(tenant: string, ids: readonly string[], found: readonly (OwnedObject | null)[]): Home | null {
    let home: OwnedObject | null = null;
    for (const [index, object] of found.entries()) {
      if (object === null) {
        this.counts.unknown++;
        continue;
      }
      if (object.tenant !== tenant) {
        this.counts.foreign++;
        throw new GatewayError('not_found', `There is no object "${ids[index]!}" of this key or its team.`);
      }
      this.counts.found++;
      if (home !== null && home.provider !== object.provider)
        throw new GatewayError(
          'invalid_request',
          `"${home.id}" and "${object.id}" were made by different providers; no call can use both.`,
        );
      // Of keys that are different, the provider knows whether they are one account's.
      home ??= object;
    }
    return home;
  }

  private schedule(delay: Milliseconds): void {
    if (this.isScheduled || this.isClosed || this.waiting.size === 0) return;
    this.isScheduled = true;
    this.after(delay, () => {
      this.isScheduled = false;
      void this.flush().then(() => this.schedule(this.hasFailed ? RETRY_GAP : WRITE_GAP));
    });
  }

  private fail(error: unknown): void {
    if (!this.hasFailed) this.deps.failed(error);
    this.hasFailed = true;
  }
}
