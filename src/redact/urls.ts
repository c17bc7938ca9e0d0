import type { Chars } from '../core/units.ts';
import { LEFT_CONTEXT } from './char-set.ts';
import { unescapedUrl } from './url-beginnings.ts';

/** What ends a URL in text, for comparing it. */
const URL_END = /[\s"'`<>()[\]{}|\\^\uffff]/;
const URL_REST = /[^\s"'`<>()[\]{}|\\^\uffff]*/y;
/** All of it from its scheme or slashes on, `jdbc:mysql://…` included. */
const WHOLE_URL = /(?:[a-z][a-z0-9+.-]*(?::[a-z0-9+.-]+)*:)?\/\/.*$|mailto:.*$/i;
const SENTENCE_END = /[.,;:!?*]+$/;
/** A longer rest of a URL is not waited for. */
export const LONGEST_URL_REST: Chars = 1024;

/** What may close a URL, and what is then the end of the word. */
const CLOSERS = /["'`>)\]}*,;:.!?]*/y;
const WORD_END = /[\s\uffff]/;
const HAS_PATH = /\/\/[^/?#]*[/?#]/;

/** What may make a host or its user of the word in front. */
const LINKS_ON = /[-.:@%&\\_]/;
const LINKED = /[!-~]*/y;
const LONGEST_LINKED: Chars = 256;
const HOST_BEHIND = /^[\w-]*\\?\.[\w-]|^[\w-]*(?::[^\s/?#"'<>]*)?@/;
/** Nor is a sentence that a wide full stop ends a host. */
const WIDE_HOST_BEHIND = /^[\w-]*\.\p{L}/u;

/** What stands beside a part of a text. */
export interface Surroundings {
  /** LEFT_CONTEXT characters, fewer at the beginning of the text. */
  readonly before: string;
  /** LONGEST_URL_REST characters, fewer at the end. */
  readonly behind: string;
}

/** The URL that `part` is in, from its scheme on, without what ends the sentence; null where not all of it can be seen. */
export function urlAround(part: string, { before, behind }: Surroundings): string | null {
  const start = urlStart(before);
  if (start === 0 && before.length >= LEFT_CONTEXT) return null;
  const beginning = WHOLE_URL.exec(before.slice(start));
  return beginning === null ? null : wholeUrl(beginning[0], part, behind);
}

/** The URL that begins with `beginning` and goes on with `part`; null where it does not end in `behind`. */
export function wholeUrl(beginning: string, part: string, behind: string): string | null {
  const end = urlRestEnd(behind, 0);
  return end >= LONGEST_URL_REST ? null : (beginning + part + behind.slice(0, end)).replace(SENTENCE_END, '');
}

/** What stands at the end of `before` may be a URL of the request: its end is waited for. */
export function mayBeKnownUrl(before: string): boolean {
  return /\/\/|mailto:/i.test(before) && WHOLE_URL.test(before.slice(urlStart(before)));
}

/** Whether nothing behind the URL can make another host of its own: as in a shell, a word goes on behind quotes. */
export function keepsHost(url: string, behind: string): boolean {
  const end = closedEnd(behind, 0);
  if (HAS_PATH.test(url)) return true;
  return (
    end < LONGEST_URL_REST && (end === behind.length || WORD_END.test(behind[end]!) || behind.startsWith('</', end))
  );
}

/** As `urlRestEnd`, with what closes it. */
export function closedEnd(text: string, from: number): number {
  CLOSERS.lastIndex = urlRestEnd(text, from);
  CLOSERS.test(text);
  return CLOSERS.lastIndex;
}

/** Where the URL ends that `from` is in. */
function urlRestEnd(text: string, from: number): number {
  URL_REST.lastIndex = from;
  URL_REST.test(text);
  return URL_REST.lastIndex;
}

/** Whether what begins at `from` makes a host of the word in front of it is decided here, or by the end of the text. */
export function linkedEnd(text: string, from: number): number {
  if (!LINKS_ON.test(text[from] ?? '')) return from;
  LINKED.lastIndex = from;
  LINKED.test(text);
  return Math.min(LINKED.lastIndex, from + LONGEST_LINKED);
}

/** The word in front of `behind` is a host's first part, or a user in front of one. */
export function isHostBehind(behind: string, isCommand: boolean): boolean {
  const end = linkedEnd(behind, 0);
  if (end === 0) return false;
  if (end === LONGEST_LINKED) return true;
  const linked = unescapedUrl(behind.slice(0, end + 1));
  return HOST_BEHIND.test(linked) || (isCommand && WIDE_HOST_BEHIND.test(linked));
}

function urlStart(before: string): number {
  let start = before.length;
  while (start > 0 && !URL_END.test(before[start - 1]!)) start--;
  return start;
}
