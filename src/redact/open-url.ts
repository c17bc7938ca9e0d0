import type { Chars } from '../core/units.ts';

/** What opened it, and so what closes it; quotes may be written with a backslash. */
export type UrlKind =
  | '"'
  | "'"
  | '`'
  | '\\"'
  | "\\'"
  | '\\`'
  | '<'
  | '('
  | '{'
  | 'word'
  | 'attribute'
  | 'bulletin'
  | 'for good';

/** `open`: within its opener. The rest: that has been closed, and what follows decides whether the URL goes on. */
type State = 'open' | 'closed' | 'punctuated' | 'blank' | 'joining' | 'word' | 'term';

export const BLANK = /[ \t\r\n\f\v]/;
export const QUOTE = /["'`]/;
/** Behind these, a quote within a word opens. */
const BEFORE_QUOTE = /[=&+,({$"'`]/;
const PUNCTUATION = /[,;:.!?)\]}*_/\\]/;
/** With a blank behind it. */
const ENDS = /[,;:!?]/;
/** What may stand behind a string in data. */
const SEPARATOR = /[,:}\]]/;
/** In code, these join two strings. */
const JOINS = /[+.&|%<~]/;
const PAIRS: Readonly<Record<string, string>> = { '(': ')', '{': '}' };

/** A URL that has begun in a text. It goes on for as long as some program might take what follows as part of it. */
export class OpenUrl {
  readonly kind: UrlKind;
  readonly start: Chars;
  /** The quote that opened it stands where data has one: behind a bracket, a comma or a colon. */
  private readonly isData: boolean;
  private state: State;
  private depth = 0;
  /** The quote that is open in a word or term. */
  private inner = '';
  /** The last one that is no blank. */
  private last = '';

  constructor(kind: UrlKind, start: Chars, isData: boolean) {
    this.kind = kind;
    this.start = start;
    this.isData = isData;
    this.state = kind === 'word' || kind === 'attribute' ? 'word' : 'open';
  }

  get isWithinOpener(): boolean {
    return this.state === 'open';
  }

  /** What opened it opens another one. */
  reopen(first: string, isEscaped: boolean): void {
    if (this.state === 'open' || this.state === 'word' || this.state === 'term') return;
    this.state = 'open';
    this.depth = 0;
    if (first !== '') this.next(first, isEscaped);
  }

  /** @returns false where it ended before `char` */
  next(char: string, isEscaped: boolean): boolean {
    const goesOn = this.follow(char, isEscaped);
    if (!BLANK.test(char)) this.last = char;
    return goesOn;
  }

  private follow(char: string, isEscaped: boolean): boolean {
    if (this.state === 'open') this.followOpen(char, isEscaped);
    else if (this.state === 'word') return this.followWord(char);
    else if (this.state === 'term') return this.followTerm(char, isEscaped);
    else return this.followClosed(char);
    return true;
  }

  private followOpen(char: string, isEscaped: boolean): void {
    const { kind } = this;
    const closer = PAIRS[kind];
    if (closer !== undefined) {
      if (isEscaped) return;
      if (char === kind) this.depth++;
      else if (char === closer && this.depth-- === 0) this.state = 'closed';
    } else if (kind === 'bulletin') {
      if (char === '/' && this.last === '[') this.state = 'closed';
    } else if (kind === '<') {
      if (char === '>' && !isEscaped) this.state = 'closed';
    } else if (kind !== 'for good' && char === kind.at(-1) && isEscaped === kind.length > 1) this.state = 'closed';
  }

  /** As in a shell, where quoted parts belong to the word. */
  private followWord(char: string): boolean {
    if (this.inner !== '') {
      if (char === this.inner) this.inner = '';
      return true;
    }
    if (BLANK.test(char) || (this.kind === 'attribute' && char === '>')) return false;
    if (QUOTE.test(char) && (this.kind !== 'word' || BEFORE_QUOTE.test(this.last))) this.inner = char;
    return true;
  }

  /** To where a term in code ends. */
  private followTerm(char: string, isEscaped: boolean): boolean {
    if (this.inner !== '') {
      if (char === this.inner && !isEscaped) this.inner = '';
      return true;
    }
    if (QUOTE.test(char) && !isEscaped) this.inner = char;
    else if (/[([{]/.test(char)) this.depth++;
    else if (/[)\]}]/.test(char)) return --this.depth >= 0;
    else if (/[,;]/.test(char)) return this.depth > 0;
    else if (char === '\n' && this.depth === 0 && !JOINS.test(this.last)) this.state = 'blank';
    return true;
  }

  private followClosed(char: string): boolean {
    const { state } = this;
    if (state === 'joining') return this.followJoining(char);
    if (BLANK.test(char)) {
      if (state === 'punctuated' && ENDS.test(this.last)) return false;
      this.state = 'blank';
    } else if (state === 'blank') return this.followBlank(char);
    else if (char === '>' || (state === 'closed' && this.isData && SEPARATOR.test(char))) return false;
    else if (PUNCTUATION.test(char)) this.state = 'punctuated';
    else this.goOn(JOINS.test(char) || state === 'punctuated' ? 'term' : 'word', char);
    return true;
  }

  private followBlank(char: string): boolean {
    if (char === '\\') return true;
    if (this.kind.length > 2 || PAIRS[this.kind] !== undefined || this.kind === '<') return false;
    if (QUOTE.test(char)) this.goOn('term', char);
    else if (JOINS.test(char)) this.state = 'joining';
    else return false;
    return true;
  }

  /** `&&` and a single bar stand between commands. */
  private followJoining(char: string): boolean {
    if (char === '&' || (this.last === '|' && char !== '|')) return false;
    this.goOn('term', char);
    return true;
  }

  private goOn(state: 'word' | 'term', char: string): void {
    this.state = this.kind in PAIRS || this.kind === '<' ? 'word' : state;
    this.depth = 0;
    this.inner = QUOTE.test(char) ? char : '';
  }
}
