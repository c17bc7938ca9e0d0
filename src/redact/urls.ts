import type { Chars } from '../core/units.ts';
import { LEFT_CONTEXT } from './char-set.ts';

/** What ends a URL in text, for comparing it. */
const URL_END = /[\s"'`<>()[\]{}|\\^\uffff]/;
const URL_REST = /[^\s"'`<>()[\]{}|\\^\uffff]*/y;
/** All of it from its scheme or slashes on, `jdbc:mysql://…` included. */
const WHOLE_URL = /(?:[a-z][a-z0-9+.-]*(?::[a-z0-9+.-]+)*:)?\/\/.*$/i;
const SENTENCE_END = /[.,;:!?*]+$/;
/** A longer rest of a URL is not waited for. */
export const LONGEST_URL_REST: Chars = 1024;

/**
 * Where a URL may begin: a scheme and slashes, slashes alone, a host or address with a path, port or query, which many
 * programs make a link of, and schemes that need no slashes.
 */
const BEGINNING =
  /[a-z][a-z0-9+.-]{0,30}:\/+|(?:^|[^a-z0-9/:])\/\/|[a-z0-9-]\.[a-z]{2,63}[/?#:]|[0-9]{1,3}(?:\.[0-9]{1,3}){3}[/?#:]|localhost[/?#:]|\][/?#:]|(?:^|[^a-z])(?:data|javascript|mailto|tel|sms):/gi;
/** A host of which the placeholder is the first part. */
const HOST_BEHIND = /^\.[a-z0-9-]{1,63}\.[a-z]{2,63}/i;
/** How slashes and colons are written as well; browsers take a backslash for a slash. */
const COLONS = /%3a|&#0*58;|&#x0*3a;|&colon;/gi;
const SLASHES = /\\|%2f|&#0*47;|&#x0*2f;|&sol;/gi;
/** What closes a URL that stands behind it. Behind anything else a URL goes on to a blank, a quote or an angle bracket. */
const CLOSERS: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['<', '>'],
]);
const BARE_END = /[\s"<>\uffff]/;

/** What stands beside a part of a text. */
export interface Surroundings {
  /** LEFT_CONTEXT characters, fewer at the beginning of the text. */
  readonly before: string;
  /** LONGEST_URL_REST characters, fewer at the end. */
  readonly behind: string;
}

/** Between the two is part of a URL, however it is bracketed or quoted: programs differ in what they make a link of. */
export function isInUrl({ before, behind }: Surroundings): boolean {
  return continuesUrl(before) || HOST_BEHIND.test(behind);
}

/** A run that is longer than what can be seen counts as one: its beginning may be anything. */
export function continuesUrl(before: string): boolean {
  if (before.length >= LEFT_CONTEXT && !/\s/.test(before)) return true;
  const text = before.replaceAll(COLONS, ':').replaceAll(SLASHES, '/');
  for (const { index, 0: beginning } of text.matchAll(BEGINNING)) {
    const closer = CLOSERS.get(openerOf(text, index, beginning));
    const rest = text.slice(index + beginning.length);
    if (closer === undefined ? !BARE_END.test(rest) : !rest.includes(closer)) return true;
  }
  return false;
}

/** What stands before the word that the beginning is part of. */
function openerOf(text: string, index: number, beginning: string): string {
  let start = index;
  if (/^[^a-z0-9/[]/i.test(beginning)) return beginning[0]!;
  while (start > 0 && /[a-z0-9.:@%_-]/i.test(text[start - 1]!)) start--;
  return start === 0 ? '' : text[start - 1]!;
}

/** The URL that `part` is in, from its scheme on, without what ends the sentence; null where not all of it can be seen. */
export function urlAround(part: string, { before, behind }: Surroundings): string | null {
  const start = urlStart(before);
  const end = urlRestEnd(behind, 0);
  if ((start === 0 && before.length >= LEFT_CONTEXT) || end >= LONGEST_URL_REST) return null;
  const beginning = WHOLE_URL.exec(before.slice(start));
  return beginning === null ? null : (beginning[0] + part + behind.slice(0, end)).replace(SENTENCE_END, '');
}

/** Where the URL ends that `from` is in. */
export function urlRestEnd(text: string, from: number): number {
  URL_REST.lastIndex = from;
  URL_REST.test(text);
  return URL_REST.lastIndex;
}

function urlStart(before: string): number {
  let start = before.length;
  while (start > 0 && !URL_END.test(before[start - 1]!)) start--;
  return start;
}
