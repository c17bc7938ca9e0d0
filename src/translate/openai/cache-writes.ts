import type { TokenUsage } from '../completion.ts';
import { numberOrNull, objectOf, type JsonObject } from './fields.ts';

/** @source https://developers.openai.com/api/docs/guides/prompt-caching */
const DETAILS = 'cache_write_tokens_details';
const LONG = 'ttl_12h_tokens';

/** @param details of the input */
export function readLongWrite(details: JsonObject): Pick<TokenUsage, 'longCacheWrite'> {
  const long = numberOrNull(objectOf(details[DETAILS])[LONG]) ?? 0;
  return long > 0 ? { longCacheWrite: long } : {};
}

export function writeLongWrite({ longCacheWrite = 0 }: TokenUsage): JsonObject {
  return longCacheWrite > 0 ? { [DETAILS]: { [LONG]: longCacheWrite } } : {};
}
