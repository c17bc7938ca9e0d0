import type { Chars } from '../../core/units.ts';
import { CharSet, EDGE_CODE, isDigit, LETTERS } from '../char-set.ts';
import { closingOf } from './closing-quotes.ts';
import { accessorsEnd, stringStart } from './declarations.ts';

/**
 * How a value is tied to its name: `=` and its kin; `==` and its kin; `:`; as a later argument; as the argument; between XML tags; as
 * the default of a lookup; as `value` of something with that name; by a verb; by nothing but a space.
 */
export type Tie =
  | 'equals'
  | 'compared'
  | 'colon'
  | 'argument'
  | 'call'
  | 'element'
  | 'default'
  | 'named'
  | 'verb'
  | 'space';

/** Where a value begins, and how. */
export interface Link {
  readonly tie: Tie;
  readonly start: number;
  /** Code of the closing quote; 0 for a bare word. */
  readonly quote: number;
  /** Backslashes before the opening quote: so many has the closing one. */
  readonly escapes: number;
  /** Nothing stands between name, operator and value. */
  readonly isTight: boolean;
}

const OPERATORS = new Map<string, Tie>([
  ...['=', '=>', '->', '||=', '??=', '?=', '+=', ':='].map((op) => [op, 'equals'] as const),
  ...['==', '===', '!=', '!=='].map((op) => [op, 'compared'] as const),
  ...[':', '?:', '!:'].map((op) => [op, 'colon'] as const),
  ...['||', '??', ':-', '?'].map((op) => [op, 'default'] as const),
  ['>', 'element'],
  ['|', 'space'],
]);
const OPERATOR_CHARS = new CharSet('=:!|?+>-');
const LONGEST_OPERATOR: Chars = 3;
/** Of a member in C++, Rust and Ruby, and of a node in a file's name. */
const SCOPE = '::';
/** English, German, French, Spanish and Portuguese, Italian. */
const VERBS = new Set(['is', 'was', 'ist', 'lautet', 'est', 'es', 'to', 'were', 'be']);
const TYPES = new Set(['string', 'String', 'str', 'VARCHAR', 'varchar', 'text']);
const VALUE_NAMES = new Set(['value', 'Value', 'content', 'default', 'defaultValue', 'data', 'with']);
/** Of emphasis in Markdown, which ends behind the colon. */
const STARS = new CharSet('*');
const QUOTES = new CharSet('"\'`');
const BLANK = new CharSet(' \t');
const WHITE = new CharSet(' \t\r\n');
const CLOSERS = new CharSet('"\'`])}*\\');
const OPENERS = new CharSet('([');
const STRING_PREFIX = new CharSet('bBuUrRfFLN@$');
const TYPE_CHARS = new CharSet("A-Za-z0-9_.<>|&[]? *'");
const TYPE_STARTS = new CharSet('A-Za-z&*[');
const WORD_CHARS = new CharSet('A-Za-z');
const LONGEST_CLOSERS: Chars = 6;
const LONGEST_BLANK: Chars = 40;
const LONGEST_WORD: Chars = 12;
const LONGEST_TYPE: Chars = 40;
const ATTRIBUTE_CHARS = new CharSet('A-Za-z0-9_="\' .:-');
const LONGEST_ATTRIBUTES: Chars = 64;
const LONGEST_PREFIX: Chars = 8;
const COMMA = 0x2c;
const DOT = 0x2e;
const GREATER = 0x3e;
/** What fills in a form: `get('#password').type('…')`. */
const METHODS = new Set(['type', 'fill', 'sendKeys', 'value', 'val', 'setValue', 'equals', 'setText']);
const LESS = 0x3c;
const SPACE = 0x20;
const DASH = 0x2d;
const OPENING_BRACE = 0x7b;
/** A line of a block that is not the one looked for. */
const SETTING = new CharSet(' -z|~');
const LONGEST_SETTING: Chars = 120;
const MOST_LINES = 4;
const PREPOSITIONS = new Set('for of on für zum pour para per di del della de do da van voor til till'.split(' '));
const NAME_CHARS = new CharSet("A-Za-z0-9_.@'-");
const MOST_WORDS = 5;
const LONGEST_PLACE: Chars = 24;
const PARENTHESIS = 0x28;
const EQUALS = 0x3d;
const COLON = 0x3a;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;

/**
 * Reads on from the end of a name. A number: more text is needed, and the value starts there at the earliest.
 * @returns null where no value follows
 */
export function readLink(text: string, from: number, final: boolean): Link | number | null {
  return new LinkReader(text, from, final).read();
}

/** The value that stands at `from`, tied as `tie`; as `readLink`. */
export function readValue(text: string, from: number, tie: Tie, final: boolean): Link | number | null {
  return new LinkReader(text, from, final).value(tie, from, false);
}

class LinkReader {
  private readonly text: string;
  private readonly from: number;
  private readonly final: boolean;

  constructor(text: string, from: number, final: boolean) {
    this.text = text;
    this.from = from;
    this.final = final;
  }

  read(): Link | number | null {
    const { text, from } = this;
    const closed = this.closersEnd(from);
    const at = BLANK.runEnd(text, closed, closed + LONGEST_BLANK);
    if (at >= text.length) return this.open(text.length);
    const code = text.charCodeAt(at);
    if (code === COMMA) return this.argument(at + 1);
    if (code === DOT && closed > from) return this.method(at + 1);
    if (code === PARENTHESIS) return closed === from ? this.value('call', at + 1, true) : null;
    if (OPERATOR_CHARS.has(code)) return this.operator(at, at === closed);
    if (code === NEWLINE) return this.nextLine(at);
    if (code === LESS && text.charCodeAt(at + 1) === DASH)
      return this.quoted('equals', BLANK.runEnd(text, at + 2, at + 4));
    if (code === LESS) return this.propertyList(at);
    if (code === OPENING_BRACE) return this.block(at + 1, QUOTES.has(text.charCodeAt(closed - 1)) ? MOST_LINES : 1);
    if (at === closed) return null;
    return LETTERS.has(code) ? this.word(at) : (this.quoted('space', at) ?? this.bare('space', at, false));
  }

  /** `- name: PASSWORD`, and on the next line `value: …`; behind a brace `default = …`. */
  private nextLine(from: number): Link | number | null {
    const { text } = this;
    const at = WHITE.runEnd(text, from, from + LONGEST_BLANK);
    const end = WORD_CHARS.runEnd(text, at, at + LONGEST_WORD);
    if (end >= text.length) return this.open(text.length);
    return VALUE_NAMES.has(text.slice(at, end)) ? this.named(end) : null;
  }

  /** `string Password { get; set; } = …`; `variable "password" {`, then on one of its first lines `default = …`. */
  private block(from: number, most: number): Link | number | null {
    const { text } = this;
    const set = accessorsEnd(text, BLANK.runEnd(text, from, from + 2));
    if (set >= 0) return set === text.length ? this.open(set) : this.value('equals', set, false);
    let at = from;
    for (let lines = 0; lines < most; lines++) {
      const link = this.nextLine(at);
      if (link !== null) return link;
      at = WHITE.runEnd(text, at, at + LONGEST_BLANK);
      at = SETTING.runEnd(text, at, at + LONGEST_SETTING);
      if (at >= text.length) return this.open(at);
      if (text.charCodeAt(at) !== NEWLINE) return null;
    }
    return null;
  }

  /** `<key>password</key>`, then `<string>…`. */
  private propertyList(from: number): Link | number | null {
    const start = stringStart(this.text, from);
    if (start < 0) return null;
    return start === this.text.length ? this.open(from) : this.bare('named', start, false);
  }

  /** What is said at the open end of a text. */
  private open(from: number): number | null {
    return this.final ? null : from;
  }

  private closersEnd(from: number): number {
    const { text } = this;
    let at = from;
    if (text.charCodeAt(at) === 0x5b) {
      while (isDigit(text.charCodeAt(at + 1)) && at - from < LONGEST_CLOSERS) at++;
      at++;
    }
    while (at - from < LONGEST_CLOSERS && (CLOSERS.has(text.charCodeAt(at)) || text.charCodeAt(at) === EDGE_CODE)) at++;
    return at;
  }

  private operator(at: number, isTight: boolean): Link | number | null {
    const { text } = this;
    const end = OPERATOR_CHARS.runEnd(text, at, at + LONGEST_OPERATOR);
    if (end === text.length && !this.final) return at + 1;
    if (text.startsWith(SCOPE, at)) return null;
    for (let to = end; to > at; to--) {
      const tie = OPERATORS.get(text.slice(at, to));
      if (tie !== undefined) return this.value(tie, to, isTight);
    }
    return null;
  }

  /** `("password", "…")`, `name: 'password', value: '…'`. */
  private argument(from: number): Link | number | null {
    const { text } = this;
    const at = WHITE.runEnd(text, from, from + LONGEST_BLANK);
    const wordStart = this.closersEnd(at);
    const end = WORD_CHARS.runEnd(text, wordStart, wordStart + LONGEST_WORD);
    if (end >= text.length) return this.open(at);
    if (VALUE_NAMES.has(text.slice(wordStart, end))) return this.named(end);
    return this.value('argument', from, false);
  }

  private method(from: number): Link | number | null {
    const { text } = this;
    const end = WORD_CHARS.runEnd(text, from, from + LONGEST_WORD);
    if (end >= text.length) return this.open(from);
    if (!METHODS.has(text.slice(from, end))) return null;
    return text.charCodeAt(end) === PARENTHESIS ? this.value('argument', end + 1, false) : this.named(end);
  }

  /** Attributes of an element: `<password encrypted="false">…`. */
  private attributes(from: number): Link | number | null {
    const { text } = this;
    const end = ATTRIBUTE_CHARS.runEnd(text, from, from + LONGEST_ATTRIBUTES);
    if (end >= text.length) return this.open(from);
    return text.charCodeAt(end) === GREATER ? this.bare('element', end + 1, false) : null;
  }

  /** Behind the word `value`. */
  private named(from: number): Link | number | null {
    const { text } = this;
    const closed = this.closersEnd(from);
    const at = BLANK.runEnd(text, closed, closed + LONGEST_BLANK);
    if (at >= text.length) return this.open(text.length);
    const code = text.charCodeAt(at);
    return code === EQUALS || code === COLON ? this.value('named', at + 1, false) : null;
  }

  private word(at: number): Link | number | null {
    const { text } = this;
    const end = WORD_CHARS.runEnd(text, at, at + LONGEST_WORD);
    if (end >= text.length && !this.final) return at;
    const word = text.slice(at, end);
    if (VALUE_NAMES.has(word)) return this.named(end);
    if (word === 'android' && text.charCodeAt(end) === COLON) return this.word(end + 1);
    if (PREPOSITIONS.has(word)) return this.sentence(end);
    if (text.charCodeAt(end) === EQUALS && QUOTES.has(text.charCodeAt(end + 1))) return this.attributes(end);
    if (word === 'or') return this.value('default', end, false);
    if (VERBS.has(word)) return this.value('verb', text.charCodeAt(end) === COLON ? end + 1 : end, false);
    if (TYPES.has(word)) return this.named(end);
    return this.bare('space', at, false);
  }

  /** `for the server is …` */
  private sentence(from: number): Link | number | null {
    const { text } = this;
    let at = from;
    for (let words = 0; words < MOST_WORDS && text.charCodeAt(at) === SPACE; words++) {
      const end = NAME_CHARS.runEnd(text, at + 1, at + 1 + LONGEST_PLACE);
      if (end >= text.length) return this.open(from);
      if (VERBS.has(text.slice(at + 1, end)))
        return this.value('verb', text.charCodeAt(end) === COLON ? end + 1 : end, false);
      at = end;
    }
    if (at >= text.length) return this.open(from);
    return text.charCodeAt(at) === COLON ? this.value('verb', at + 1, false) : null;
  }

  value(tie: Tie, from: number, isTight: boolean): Link | number | null {
    const { text } = this;
    const starred = STARS.runEnd(text, from, from + 2);
    const at = WHITE.runEnd(text, starred, from + LONGEST_BLANK + LONGEST_BLANK);
    if (at >= text.length) return this.open(from);
    if (at === starred && starred > from) return this.bare(tie, from, isTight);
    const quoted = this.quoted(tie, at);
    if (quoted !== null) return quoted;
    for (let i = from; i < at; i++) if (text.charCodeAt(i) === 0x0a) return null;
    return this.typed(tie, at) ?? this.bare(tie, at, isTight && at === from);
  }

  /** An opening quote at most some brackets, a string prefix and backslashes away. */
  private quoted(tie: Tie, from: number): Link | number | null {
    const { text } = this;
    let at = OPENERS.runEnd(text, from, from + 2);
    at = STRING_PREFIX.runEnd(text, at, at + 2);
    const slashes = at;
    while (text.charCodeAt(at) === BACKSLASH && at - from < LONGEST_PREFIX) at++;
    if (at >= text.length) return this.open(from);
    const quote = text.charCodeAt(at);
    if (!QUOTES.has(quote) && quote !== EDGE_CODE) {
      const closing = closingOf(quote);
      return closing === 0 ? null : { tie, start: at + 1, quote: closing, escapes: 0, isTight: false };
    }
    const tripled = tripleEnd(text, at);
    return tripled >= text.length && !this.final
      ? from
      : { tie, start: tripled, quote, escapes: at - slashes, isTight: false };
  }

  /** `password: Option<string> = "…"` */
  private typed(tie: Tie, from: number): Link | number | null {
    const { text } = this;
    if (tie !== 'colon' || !TYPE_STARTS.has(text.charCodeAt(from))) return null;
    const limit = from + LONGEST_TYPE;
    const end = TYPE_CHARS.runEnd(text, from, limit);
    if (end >= text.length && end < limit) return this.open(from);
    if (text.charCodeAt(end) !== EQUALS) return null;
    if (end + 1 >= text.length) return this.open(from);
    const isType = BLANK.has(text.charCodeAt(end - 1)) && !OPERATOR_CHARS.has(text.charCodeAt(end + 1));
    return isType ? this.value('equals', end + 1, false) : null;
  }

  private bare(tie: Tie, start: number, isTight: boolean): Link {
    return { tie, start, quote: 0, escapes: 0, isTight };
  }
}

/** Behind the opening quote or quotes. */
function tripleEnd(text: string, at: number): number {
  const quote = text.charCodeAt(at);
  return quote === text.charCodeAt(at + 1) && quote === text.charCodeAt(at + 2) && quote !== EDGE_CODE
    ? at + 3
    : at + 1;
}
