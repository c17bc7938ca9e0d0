import type { Milliseconds } from '../core/units.ts';

/** What a request asks of caches. */
export interface CacheControl {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly maxAge: Milliseconds;
}

const NOTHING_ASKED: CacheControl = { noStore: false, noCache: false, maxAge: Infinity };

/** @source RFC 9111 section 5.2.1 */
export function readCacheControl(header: string | undefined): CacheControl {
  if (header === undefined) return NOTHING_ASKED;
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
