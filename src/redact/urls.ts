import type { Chars } from '../core/units.ts';
import { LEFT_CONTEXT } from './char-set.ts';

/** What ends a URL, e-mail address or path in text. */
const URL_END = /[\s"'`<>()[\]{}|\\^\uffff]/;
const URL_REST = /[^\s"'`<>()[\]{}|\\^\uffff]*/y;
/** `https://…`, `//host/…`, and a host with a path or query, which many programs make a link of. */
const URL_BEGINNING = /:\/\/|^\/\/|[a-z0-9-]\.[a-z]{2,}[/?#:]|^(?:data|javascript):/i;
const SENTENCE_END = /[.,;:!?*]+$/;
/** A longer rest of a URL is not waited for. */
export const LONGEST_URL_REST: Chars = 1024;

/** What stands beside a part of a text. */
export interface Surroundings {
  /** LEFT_CONTEXT characters, fewer at the beginning of the text. */
  readonly before: string;
  /** LONGEST_URL_REST characters, fewer at the end. */
  readonly behind: string;
}

/** What follows `before` is part of a URL. A run longer than what can be seen counts as one: its beginning may be anything. */
export function isInUrl(before: string): boolean {
  const start = urlStart(before);
  return (start === 0 && before.length >= LEFT_CONTEXT) || URL_BEGINNING.test(before.slice(start));
}

/** The URL that `part` is in, without what ends the sentence; null where not all of it can be seen. */
export function urlAround(part: string, { before, behind }: Surroundings): string | null {
  const start = urlStart(before);
  const end = urlRestEnd(behind, 0);
  if ((start === 0 && before.length >= LEFT_CONTEXT) || end >= LONGEST_URL_REST) return null;
  return (before.slice(start) + part + behind.slice(0, end)).replace(SENTENCE_END, '');
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
