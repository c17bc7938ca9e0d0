import { LRUCache } from 'lru-cache';
import type { TranslatedItem } from './core/translation.ts';
import type { Bytes, Milliseconds } from './core/units.ts';

const MOST_BYTES: Bytes = 32 * 1024 * 1024;
const KEPT_FOR: Milliseconds = 60 * 60 * 1000;

/**
 * What translated replies told under ids that clients may name later instead of sending it back, as some SDKs do by
 * themselves: OpenAI keeps it for them, other vendors do not. In memory, of each caller apart, as the provider wrote it:
 * before placeholders became values again.
 */
export class ToldItems {
  private readonly items = new LRUCache<string, string>({
    maxSize: MOST_BYTES,
    sizeCalculation: (json, key) => json.length + key.length,
    ttl: KEPT_FOR,
  });

  keep(caller: string, items: readonly TranslatedItem[]): void {
    for (const { id, json } of items) this.items.set(keyOf(caller, id), json);
  }

  /** Those of the caller that a request names and that are not here. @param text of the request, JSON */
  missing(caller: string, text: string): readonly string[] {
    const { input } = JSON.parse(text) as { readonly input?: unknown };
    if (!Array.isArray(input)) return [];
    return input.flatMap((item: unknown) =>
      isReference(item) && !this.items.has(keyOf(caller, item.id)) ? [item.id] : [],
    );
  }

  /** Those of them that are here. */
  known(caller: string, ids: readonly string[]): readonly TranslatedItem[] {
    return ids.flatMap((id) => {
      const json = this.items.get(keyOf(caller, id));
      return json === undefined ? [] : [{ id, json }];
    });
  }

  /** @param asked a request with `input`; what it names and is not here stays as it is */
  resolved(caller: string, asked: unknown): unknown {
    const { input } = asked as { readonly input?: unknown };
    if (!Array.isArray(input) || !input.some(isReference)) return asked;
    return { ...(asked as object), input: input.map((item: unknown) => this.itemOf(caller, item)) };
  }

  private itemOf(caller: string, item: unknown): unknown {
    const json = isReference(item) ? this.items.get(keyOf(caller, item.id)) : undefined;
    return json === undefined ? item : (JSON.parse(json) as unknown);
  }
}

function keyOf(caller: string, id: string): string {
  return `${caller} ${id}`;
}

/** The type may be left out. */
function isReference(item: unknown): item is { readonly id: string } {
  if (typeof item !== 'object' || item === null) return false;
  const { type = null, id, role, ...rest } = item as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || role !== undefined) return false;
  return type === 'item_reference' || (type === null && Object.keys(rest).length === 0);
}
