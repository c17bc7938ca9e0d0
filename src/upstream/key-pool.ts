import { createHash } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { KeyCooldown } from '../core/provider-key.ts';
import type { KeyTrouble, Provider } from '../core/provider.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Attempt } from './attempt.ts';
import { retryAfter } from './retry-after.ts';

/** A key was refused, for the first time since it was last accepted; told by its place in the list, never by its value. */
export interface KeyNotice {
  readonly key: number;
  readonly status: number;
}

interface PooledKey {
  /** Stays the same when the list is written in another order; says nothing about the key. */
  readonly account: string;
  readonly header: readonly [name: string, value: string];
  /** On the monotonic clock. */
  coolUntil: Milliseconds;
  limitedAt: Milliseconds;
  /** Position in the order of use. */
  usedAt: number;
  isRefused: boolean;
}

/** No provider's word keeps a key out for longer. */
const LONGEST_COOLDOWN: Milliseconds = 3_600_000;

/**
 * Several keys of one provider. Of those that are not left alone the one that was limited longest ago is next, and of equals
 * the one that was used longest ago. With all of them left alone, the one whose time is up first is used all the same.
 */
export class KeyPool {
  private readonly keys: readonly PooledKey[];
  private readonly cooldown: KeyCooldown;
  private readonly clock: Clock;
  private readonly onNotice: (notice: KeyNotice) => void;
  private uses = 0;

  constructor(
    { values, cooldown }: { readonly values: readonly string[]; readonly cooldown: KeyCooldown },
    provider: Provider,
    clock: Clock,
    onNotice: (notice: KeyNotice) => void,
  ) {
    const fresh = { coolUntil: -Infinity, limitedAt: -Infinity, usedAt: 0, isRefused: false };
    this.keys = values.map((value) => ({ ...fresh, account: accountOf(value), header: provider.authHeader(value) }));
    this.cooldown = cooldown;
    this.clock = clock;
    this.onNotice = onNotice;
  }

  /** The index of the key to use now. @param account the one that has to be used, if it is still there; empty: any */
  next(account = ''): number {
    const now = this.clock.now();
    const held = account === '' ? -1 : this.keys.findIndex((key) => key.account === account);
    if (held >= 0) return held;
    let best = 0;
    for (let i = 1; i < this.keys.length; i++) if (goesBefore(this.keys[i]!, this.keys[best]!, now)) best = i;
    this.keys[best]!.usedAt = ++this.uses;
    return best;
  }

  get size(): number {
    return this.keys.length;
  }

  header(index: number): readonly [name: string, value: string] {
    return this.keys[index]!.header;
  }

  account(index: number): string {
    return this.keys[index]!.account;
  }

  /** Some key but this one is not left alone. */
  hasAnother(index: number): boolean {
    const now = this.clock.now();
    return this.keys.some(({ coolUntil }, other) => other !== index && coolUntil <= now);
  }

  /** @returns whether the key was limited or refused */
  answered(index: number, reply: Pick<Attempt, 'status' | 'header'>, trouble: KeyTrouble | null): boolean {
    const key = this.keys[index]!;
    const { status } = reply;
    if (trouble === null) {
      if (status < 400 && key.isRefused) {
        // It was used for want of another one, and is accepted again.
        key.isRefused = false;
        key.coolUntil = -Infinity;
      }
      return false;
    }
    const { isRefused, wait } = trouble;
    const asked = isRefused ? null : (retryAfter(reply, this.clock) ?? wait);
    const time = Math.min(asked ?? (isRefused ? this.cooldown.refused : this.cooldown.limited), LONGEST_COOLDOWN);
    key.limitedAt = this.clock.now();
    key.coolUntil = Math.max(key.coolUntil, key.limitedAt + time);
    if (isRefused && !key.isRefused) this.onNotice({ key: index, status });
    key.isRefused ||= isRefused;
    return true;
  }

  /** Of each key, by its index: 0 where it is in use. */
  cooldowns(): readonly Milliseconds[] {
    const now = this.clock.now();
    return this.keys.map(({ coolUntil }) => Math.max(0, coolUntil - now));
  }
}

const ACCOUNT_CHARS = 16;

function accountOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, ACCOUNT_CHARS);
}

function goesBefore(a: PooledKey, b: PooledKey, now: Milliseconds): boolean {
  const [isACool, isBCool] = [a.coolUntil > now, b.coolUntil > now];
  if (isACool !== isBCool) return isBCool;
  if (isACool) return a.coolUntil < b.coolUntil;
  return a.limitedAt === b.limitedAt ? a.usedAt < b.usedAt : a.limitedAt < b.limitedAt;
}
