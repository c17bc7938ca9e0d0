import type { Chars } from '../../core/units.ts';
import { CharSet, EDGE_CODE, WORD } from '../char-set.ts';
import { accessorsEnd } from './accessors.ts';
import { KnownRun, rememberingPlace } from '../last-text.ts';

/** The rest of a longer name, or the words between it and what it is assigned: `adobe` in `adobe_prod_client.id`. */
const NAME_REST = new KnownRun(new CharSet('A-Za-z0-9_. -'));
const LONGEST_REST: Chars = 24;
/** What stands between a name and its value in code, env files, YAML, JSON (whose quotes are EDGE when decoded), XML. */
const GAP = new CharSet(' \t\r\n=:>"\'`\\,([{)]}|?-');
const LONGEST_GAP: Chars = 24;
const ASSIGNS = new CharSet('=:>(');
/** Behind one of these a comma stands between a name and its value: `set("name", "value")`. */
const BEFORE_COMMA = new CharSet('"\'`])');
const COMMA = 0x2c;
/** A type or attribute between: `password: string = …`, `name="password" value="…"`. */
const LONGEST_BETWEEN: Chars = 24;
const BACKSLASH = 0x5c;
const WHITE_ESCAPES = new CharSet('nrt');

/** Of a reference in Rust: `: &str = …`. */
const AMPERSAND = 0x26;
const SPACE = 0x20;
const VALUE_NAMES = ['value', 'Value', 'content'];
const LONGEST_VALUE_NAME: Chars = 7;

/** No value follows. */
export const NO_VALUE = -1;

/**
 * Where the value starts that is assigned to a name which ends at `after`; NO_VALUE; or the length of the text where it
 * ends before that is known.
 */
export const valueStart = rememberingPlace((text, after) => {
  const rest = NAME_REST.end(text, after, after + LONGEST_REST + 1);
  if (rest - after > LONGEST_REST) return NO_VALUE;
  return gapEnd(text, trimmedEnd(text, after, rest));
});

/** The value behind a type or attribute name that stands at `from`, where a value would be; as `valueStart`. */
export const laterValueStart = rememberingPlace((text, from) => {
  const end = WORD.runEnd(text, from, from + LONGEST_BETWEEN + 1);
  if (end === from || end - from > LONGEST_BETWEEN) return NO_VALUE;
  return gapEnd(text, end);
});

/** Spaces and dashes at the end of a name belong to what follows it. */
function trimmedEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && GAP.has(text.charCodeAt(end - 1))) end--;
  return end;
}

function endsName(code: number): boolean {
  return BEFORE_COMMA.has(code) || code === EDGE_CODE;
}

function gapEnd(text: string, from: number): number {
  let assigns = false;
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH && WHITE_ESCAPES.has(text.charCodeAt(at + 1))) at++;
    else if (code === AMPERSAND && assigns && text.charCodeAt(at - 1) === SPACE) continue;
    else if (!GAP.has(code) && code !== EDGE_CODE) return assigns ? at : namedStart(text, at);
    assigns ||= ASSIGNS.has(code) || (code === COMMA && endsName(text.charCodeAt(at - 1)));
    if (at - from > LONGEST_GAP) return NO_VALUE;
  }
  return text.length;
}

/** `key="vendor" value="…"`; `- name: VENDOR` and on the next line `value: …`; `Vendor { get; set; } = …`. */
function namedStart(text: string, at: number): number {
  const set = accessorsEnd(text, at);
  if (set >= 0) return set === text.length ? set : gapEnd(text, set - 1);
  const end = WORD.runEnd(text, at, at + LONGEST_VALUE_NAME + 1);
  const word = text.slice(at, end);
  if (end === text.length) return VALUE_NAMES.some((name) => name.startsWith(word)) ? end : NO_VALUE;
  return VALUE_NAMES.includes(word) ? gapEnd(text, end) : NO_VALUE;
}
