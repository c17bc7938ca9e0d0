import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet, EDGE_CODE, WORD } from '../char-set.ts';
import { accessorsEnd, stringStart } from './declarations.ts';
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

const AMPERSAND = 0x26;
const SPACE = 0x20;
const LESS = 0x3c;
const DASH = 0x2d;
const BAR = 0x7c;
const QUESTION_MARK = 0x3f;
const QUOTE = 0x22;
const VALUE_NAMES = ['value', 'Value', 'content', 'default', 'key', 'Key', 'KEY'];
/** First characters of what `namedStart` and `isOfOperator` look for. */
const NAMED_STARTS = new CharSet('g<vVcdkK');
const MAY_ASSIGN = new CharSet('&<|?"');
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
  return gapEnd(text, end, true);
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

/** @param isNamed one name, and a word for its value, have been read: no further word may follow */
function gapEnd(text: string, from: number, isNamed = false): number {
  let assigns = false;
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH && WHITE_ESCAPES.has(text.charCodeAt(at + 1))) at++;
    else if ((code === EDGE_CODE || MAY_ASSIGN.has(code)) && isOfOperator(text, at, assigns)) assigns = true;
    else if (!GAP.has(code) && code !== EDGE_CODE) return valueOrName(text, at, assigns, isNamed);
    assigns ||= ASSIGNS.has(code) || (code === COMMA && endsName(text.charCodeAt(at - 1)));
    if (at - from > LONGEST_GAP) return NO_VALUE;
  }
  return text.length;
}

function valueOrName(text: string, at: number, assigns: boolean, isNamed: boolean): number {
  if (assigns) return at;
  return isNamed || !NAMED_STARTS.has(text.charCodeAt(at)) ? NO_VALUE : namedStart(text, at);
}

/** `x <- "…"`, `x || '…'`, `x ?? '…'`, `(def x "…")`; and the reference in Rust, `x: &str`. */
function isOfOperator(text: string, at: number, assigns: boolean): boolean {
  const code = text.charCodeAt(at);
  const before = text.charCodeAt(at - 1);
  if (code === AMPERSAND) return assigns && before === SPACE;
  if (code === LESS) return before === SPACE && text.charCodeAt(at + 1) === DASH;
  if (code === BAR || code === QUESTION_MARK) return before === code;
  return before === SPACE && (code === QUOTE || code === EDGE_CODE) && ALNUM.has(text.charCodeAt(at - 2));
}

/**
 * `key="vendor" value="…"`; `- name: VENDOR` and on the next line `value: …`; `[vendor]` and on the next line `key = …`;
 * `variable "vendor" { default = …`; `Vendor { get; set; } = …`; `<key>Vendor</key> <string>…`
 */
function namedStart(text: string, at: number): number {
  const start = Math.max(accessorsEnd(text, at), stringStart(text, at));
  if (start >= 0) return start === text.length ? start : gapEnd(text, start - 1, true);
  const end = WORD.runEnd(text, at, at + LONGEST_VALUE_NAME + 1);
  const word = text.slice(at, end);
  if (end === text.length) return VALUE_NAMES.some((name) => name.startsWith(word)) ? end : NO_VALUE;
  return VALUE_NAMES.includes(word) ? gapEnd(text, end, true) : NO_VALUE;
}
