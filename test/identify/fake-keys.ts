import type { KeySettings, StoredKey, StoredSecret } from '../../src/core/keys.ts';
import type { JsonValue } from '../../src/core/rollout.ts';
import { SETTINGS } from './key-fixtures.ts';

export const START = Date.UTC(2026, 0, 31, 12);

/** A clock that only a test moves, and what waits for it. */
export class FakeTime {
  at = 0;
  private waiting: { readonly due: number; readonly callback: () => void }[] = [];
  readonly clock = { now: () => this.at, wall: () => START + this.at };
  readonly after = (delay: number, callback: () => void): void => {
    this.waiting.push({ due: this.at + delay, callback });
  };

  async pass(ms: number): Promise<void> {
    this.at += ms;
    const due = this.waiting.filter((each) => each.due <= this.at);
    this.waiting = this.waiting.filter((each) => each.due > this.at);
    for (const { callback } of due) callback();
    await settled();
  }
}

/** After everything that needs no time. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A store in memory that counts what it is asked and can be taken down. */
export class FakeKeys {
  readonly keys = new Map<string, StoredKey>();
  change = 0;
  reads: (readonly string[])[] = [];
  isDown = false;
  /** Runs between the read and its answer. */
  meanwhile: (() => Promise<void>) | null = null;

  put(
    id: string,
    secrets: readonly StoredSecret[],
    settings: Partial<KeySettings> = {},
    revokedAt: number | null = null,
  ) {
    const name = settings.name ?? id;
    const declared = { ...SETTINGS, name, ...settings } as unknown as JsonValue;
    const version = (this.keys.get(id)?.version ?? 0) + 1;
    const change = ++this.change;
    this.keys.set(id, { id, name, declared, secrets, createdAt: 0, updatedAt: 0, revokedAt, version, change });
  }

  async withDigests(digests: readonly string[]): Promise<readonly StoredKey[]> {
    this.check();
    this.reads.push(digests);
    const found = [...this.keys.values()].filter(({ secrets }) =>
      secrets.some(({ digest }) => digests.includes(digest)),
    );
    const { meanwhile } = this;
    this.meanwhile = null;
    await meanwhile?.();
    return found;
  }

  async changedAfter(change: number, limit: number): Promise<readonly StoredKey[]> {
    this.check();
    const changed = [...this.keys.values()].filter((key) => key.change > change);
    return changed.toSorted((a, b) => a.change - b.change).slice(0, limit);
  }

  async newestChange(): Promise<number> {
    return this.change;
  }

  private check(): void {
    if (this.isDown) throw new Error('the disk is gone');
  }
}

export function secret(digest: string, validUntil: number | null = null): StoredSecret {
  return { digest, prefix: 'sk-sluice-ab12…', createdAt: 0, validUntil };
}
