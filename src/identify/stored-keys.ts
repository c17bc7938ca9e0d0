import { BatchedReads, type After } from '../core/batched-reads.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { KeySettings, StoredKey, StoredSecret } from '../core/keys.ts';
import type { Principal, SubjectAllowance } from '../core/principal.ts';
import type { JsonValue } from '../core/rollout.ts';
import type { KeyStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import { keyAllowance, toPrincipal, type Teams } from './principal.ts';
import { LateCache } from '../core/late-cache.ts';

/** Secrets of some hundred bytes each. */
const MAX_KNOWN = 10_000;
/** Apart from those known, so that a flood of made-up keys displaces no real one. */
const MAX_UNKNOWN = 10_000;
const UNKNOWN_TTL: Milliseconds = 5_000;
const CHANGES_AT_ONCE = 500;
/** Polls come twice a second; one that is late is no failure yet. */
const GRACE: Milliseconds = 2_000;
/** A store that has just failed is not asked again for so long. */
const PAUSE: Milliseconds = 500;

interface StoredKeysDeps {
  readonly store: Pick<KeyStore, 'withDigests' | 'changedAfter' | 'newestChange'>;
  readonly clock: Clock;
  /** @throws Error where the declaration is none that this version knows */
  parse(declared: JsonValue): KeySettings;
  /** Once, when the store cannot be read any more. */
  failed(error: unknown): void;
  /** Once, when it can again. */
  recovered(): void;
  /** A key that is refused because its declaration cannot be read. */
  unreadable(id: string, error: unknown): void;
  readonly after?: After;
}

/** What a secret opens. */
interface Known {
  readonly id: string;
  /** Null: revoked, or not to be read. */
  readonly settings: KeySettings | null;
  /** Wall clock; infinite where it does not end. */
  readonly validUntil: Milliseconds;
  /** Made for `teams`; another configuration has others. */
  principal: Principal | null;
  teams: Teams | null;
}

/** `ended`: a key of ours that is none any more. Null: none of ours. */
export type FoundKey = Principal | 'ended' | null;

/** What became of lookups that were more than a look into memory. */
interface KeyLookupCounts extends Record<string, number> {
  found: number;
  unknown: number;
  unavailable: number;
  /** Of memory, while the store could not be read. */
  stale: number;
}

/**
 * The keys of the store, as far as they were asked for. What is remembered is good as long as `poll` finds what others
 * changed; while the store cannot be read, for a configured time. Nobody is let in because something failed.
 */
export class StoredKeys {
  readonly counts: KeyLookupCounts = { found: 0, unknown: 0, unavailable: 0, stale: 0 };
  private readonly deps: StoredKeysDeps;
  private readonly reads: BatchedReads<Known | null>;
  private readonly known = new LateCache<string, Known>({ max: MAX_KNOWN });
  /** Until when a digest counts as unknown, on the monotonic clock. */
  private readonly unknown = new LateCache<string, Milliseconds>({ max: MAX_UNKNOWN });
  /** All changes up to this one are in what is remembered. */
  private cursor: number;
  /** When this was last certain, on the monotonic clock. */
  private confirmedAt: Milliseconds;
  private isDown = false;
  private pausedUntil = Number.NEGATIVE_INFINITY;
  private polling: Promise<void> | null = null;
  private isPolledAgain = false;

  private constructor(deps: StoredKeysDeps, cursor: number) {
    this.deps = deps;
    this.cursor = cursor;
    this.confirmedAt = deps.clock.now();
    this.reads = new BatchedReads((digests) => this.fetch(digests), deps.clock, deps.after);
  }

  static async open(deps: StoredKeysDeps): Promise<StoredKeys> {
    return new StoredKeys(deps, await deps.store.newestChange());
  }

  /**
   * At once where it is remembered, and in the same steps whatever the answer is.
   * @param staleFor how long what is remembered stays good while the store cannot be read
   * @returns a promise that rejects with GatewayError `overloaded` where nobody can tell
   */
  find(digest: string, teams: Teams, staleFor: Milliseconds): FoundKey | Promise<FoundKey> {
    const age = this.deps.clock.now() - this.confirmedAt;
    const known = this.known.get(digest);
    if (known !== undefined && age <= GRACE + staleFor) {
      if (age > GRACE) this.counts.stale++;
      return this.judge(known, teams);
    }
    if (known === undefined && age <= GRACE && this.isUnknown(digest)) return null;
    return this.read(digest, teams);
  }

  /** Takes over what was changed by anybody. One that comes while another is reading makes it look once more. */
  poll(): Promise<void> {
    this.isPolledAgain = this.polling !== null;
    this.polling ??= this.readChanges();
    return this.polling;
  }

  /** Of the keys that were asked for here and still open something; one per key, whatever its secrets. */
  allowances(): SubjectAllowance[] {
    const byId = new Map<string, SubjectAllowance>();
    for (const { id, settings } of this.known.values()) if (settings !== null) byId.set(id, keyAllowance(id, settings));
    return [...byId.values()];
  }

  private isUnknown(digest: string): boolean {
    const until = this.unknown.get(digest);
    return until !== undefined && this.deps.clock.now() < until;
  }

  private judge(known: Known, teams: Teams): FoundKey {
    if (known.settings === null || this.deps.clock.wall() >= known.validUntil) return 'ended';
    if (known.teams !== teams) {
      known.principal = toPrincipal(known.id, known.settings, teams);
      known.teams = teams;
    }
    return known.principal ?? 'ended';
  }

  private async read(digest: string, teams: Teams): Promise<FoundKey> {
    try {
      this.checkPause();
      const known = await this.reads.read(digest);
      this.counts[known === null ? 'unknown' : 'found']++;
      return known === null ? null : this.judge(known, teams);
    } catch (error) {
      this.counts.unavailable++;
      throw error;
    }
  }

  /** Again where a change came in meanwhile: what was read may be from before it, and nothing would correct it later. */
  private async fetch(digests: readonly string[]): Promise<(digest: string) => Known | null> {
    this.checkPause();
    let before: number;
    let keys: readonly StoredKey[];
    do {
      before = this.cursor;
      keys = await this.asked(() => this.deps.store.withDigests(digests));
    } while (this.cursor !== before);
    const found = new Map<string, Known>();
    for (const key of keys) for (const [digest, known] of this.remember(key)) found.set(digest, known);
    const until = this.deps.clock.now() + UNKNOWN_TTL;
    for (const digest of digests) if (!found.has(digest)) this.unknown.set(digest, until);
    return (digest) => found.get(digest) ?? null;
  }

  private async readChanges(): Promise<void> {
    try {
      do {
        this.isPolledAgain = false;
        await this.readSomeChanges();
      } while (this.isPolledAgain);
      this.up();
    } catch (error) {
      this.down(error);
    }
    // In one step with the last look at the flag: a poll that comes later than that begins anew.
    this.polling = null;
  }

  private async readSomeChanges(): Promise<void> {
    const at = this.deps.clock.now();
    const changed = await this.deps.store.changedAfter(this.cursor, CHANGES_AT_ONCE);
    this.takeOver(changed);
    if (changed.length === CHANGES_AT_ONCE) this.isPolledAgain = true;
    else this.confirmedAt = at;
  }

  private takeOver(changed: readonly StoredKey[]): void {
    if (changed.length === 0) return;
    const ids = new Set(changed.map(({ id }) => id));
    const outdated = [...this.known.entries()].filter(([, { id }]) => ids.has(id));
    for (const [digest] of outdated) this.known.delete(digest);
    for (const key of changed) this.remember(key);
    this.cursor = changed.at(-1)!.change;
  }

  private remember(key: StoredKey): readonly (readonly [string, Known])[] {
    const settings = key.revokedAt === null ? this.parse(key) : null;
    const entries = key.secrets.map((secret) => [secret.digest, toKnown(key.id, settings, secret)] as const);
    for (const [digest, known] of entries) {
      this.unknown.delete(digest);
      this.known.set(digest, known);
    }
    return entries;
  }

  private parse({ id, declared }: StoredKey): KeySettings | null {
    try {
      return this.deps.parse(declared);
    } catch (error) {
      this.deps.unreadable(id, error);
      return null;
    }
  }

  private async asked<T>(question: () => Promise<T>): Promise<T> {
    try {
      const answer = await question();
      this.up();
      return answer;
    } catch (error) {
      this.down(error);
      throw unavailable();
    }
  }

  private up(): void {
    if (this.isDown) this.deps.recovered();
    this.isDown = false;
    this.pausedUntil = Number.NEGATIVE_INFINITY;
  }

  private down(error: unknown): void {
    if (!this.isDown) this.deps.failed(error);
    this.isDown = true;
    this.pausedUntil = this.deps.clock.now() + PAUSE;
  }

  private checkPause(): void {
    if (this.deps.clock.now() < this.pausedUntil) throw unavailable();
  }
}

function toKnown(id: string, settings: KeySettings | null, { validUntil }: StoredSecret): Known {
  const end = Math.min(settings?.expiresAt ?? Number.POSITIVE_INFINITY, validUntil ?? Number.POSITIVE_INFINITY);
  return { id, settings, validUntil: end, principal: null, teams: null };
}

function unavailable(): GatewayError {
  return new GatewayError('overloaded', 'The keys cannot be read at this moment; try again.', { retryAfterSeconds: 1 });
}
