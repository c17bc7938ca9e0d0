import { LRUCache } from 'lru-cache';

type Name = string | number;

/**
 * An `LRUCache` that takes its room with the first value. The library takes it at once, for as many as there may ever be: a
 * megabyte and some milliseconds for each start, reload and rule, though most gateways never keep anything in most of them.
 */
export class LateCache<K extends Name, V extends object | Name> {
  private readonly max: number;
  private cache: LRUCache<K, V> | null = null;

  constructor({ max }: { readonly max: number }) {
    this.max = max;
  }

  get(name: K): V | undefined {
    return this.cache?.get(name);
  }

  /** Counts as no use. */
  peek(name: K): V | undefined {
    return this.cache?.peek(name);
  }

  has(name: K): boolean {
    return this.cache?.has(name) ?? false;
  }

  set(name: K, value: V): void {
    this.cache ??= new LRUCache<K, V>({ max: this.max });
    this.cache.set(name, value);
  }

  delete(name: K): void {
    this.cache?.delete(name);
  }

  /** The latest first. */
  entries(): Iterable<readonly [K, V]> {
    return this.cache?.entries() ?? [];
  }

  values(): Iterable<V> {
    return this.cache?.values() ?? [];
  }
}
