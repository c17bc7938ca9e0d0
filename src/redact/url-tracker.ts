import type { Chars } from '../core/units.ts';
import { EDGE } from './char-set.ts';
import { BLANK, OpenUrl, QUOTE } from './open-url.ts';
import type { UrlKind } from './open-url.ts';
import { PLACEHOLDER_HEAD } from './replacement.ts';
import { UrlBeginnings } from './url-beginnings.ts';
import type { Beginning } from './url-beginnings.ts';

/** What is kept of a URL, to compare it with those of the request. */
const LONGEST_KEPT: Chars = 1024;
/** A quote opens behind one of these or a blank; behind anything else it may close. */
const BEFORE_OPENING = /[\s([{<=,:;+!&|?>\\]/;
const BEFORE_DATA = /[([{,:]/;
/** In front of an apostrophe that opens: the marks of strings in code. In `l'URL` it does not. */
const STRING_MARK = /(?:^|[^a-z0-9])[fbru]{1,2}$/i;
/** A scheme, or slashes, at the end of what has been read: a URL that can be compared begins there. */
const HEAD = /(?:^|[^a-z0-9+.:/-])((?:[a-z][a-z0-9+.-]*:)*\/{0,2})$/i;

/** In front of a URL's first word. */
const ESCAPED_QUOTE =
  /(?:&quot|&apos|&#0*(?:34|39|96)|&#x0*(?:22|27|60)|%2[27]|%60|\\x2[27]|\\x60|\\u002[27]|\\u0060);?[\w:.@%/-]*$/i;
const REACH: Chars = 128;

interface Opener {
  readonly kind: '"' | "'" | '`' | '\\"' | "\\'" | '\\`' | '<';
  /** It stands where a quote opens. */
  readonly isOpening: boolean;
  readonly isData: boolean;
  /** Where what it opens begins. */
  readonly at: Chars;
}

/** What a placeholder stands in. */
export interface PlaceInUrl {
  readonly at: Chars;
  readonly isInUrl: boolean;
  /** The outermost URL up to the placeholder; null where it cannot be compared. */
  readonly url: string | null;
}

/**
 * Reads a text of a reply from its beginning and knows at each placeholder whether it may be part of a URL. In doubt, it
 * is. It is given the text as it is written and in order: how that was cut decides nothing.
 */
export class UrlTracker {
  private readonly beginnings = new UrlBeginnings();
  private readonly hasEdges: boolean;
  private readonly isArgument: boolean;
  /** Where the string begins that is read. */
  private valueStart: Chars;
  private length: Chars;
  private open: OpenUrl[] = [];
  private opener: Opener | null = null;
  /** Of a link: what follows is a URL. */
  private announced: Beginning | null = null;
  /** The end of the text so far, and where it begins. */
  private tail = '';
  private half = '';
  private isEscaped = false;
  private head: PlaceInUrl | null = null;
  private readonly places = new Map<Chars, PlaceInUrl>();

  /**
   * @param hasEdges the text is decoded JSON: EDGE stands where a string of it ends
   * @param isArgument it is handed to a tool
   * @param from the offset of the first character that is pushed
   */
  constructor(hasEdges: boolean, isArgument: boolean, from: Chars = 0) {
    this.hasEdges = hasEdges;
    this.isArgument = isArgument;
    this.length = this.valueStart = from;
  }

  push(text: string): void {
    const all = this.half + text;
    this.half = /[\ud800-\udbff]$/.test(all) ? all.slice(-1) : '';
    for (const char of this.half === '' ? all : all.slice(0, -1)) this.read(char);
  }

  /** What the placeholder that begins at `at` stands in: the offset counts from the first character ever pushed. */
  placeOf(at: Chars): PlaceInUrl | null {
    return this.places.get(at) ?? null;
  }

  forget(before: Chars): void {
    for (const at of this.places.keys()) {
      if (at >= before) break;
      this.places.delete(at);
    }
  }

  private read(char: string): void {
    if (char === EDGE && this.hasEdges) this.reset();
    else this.judge(char);
    this.tail += char;
    this.length += char.length;
    if (this.tail.length > 4 * LONGEST_KEPT) this.tail = this.tail.slice(-2 * LONGEST_KEPT);
    this.isEscaped = char === '\\' && !this.isEscaped;
    if (char === 'P') this.head = this.here();
    else if (char === '_' && this.head !== null && this.tail.endsWith(PLACEHOLDER_HEAD))
      this.places.set(this.head.at, this.head);
  }

  private judge(char: string): void {
    if (this.open.length > 0) this.open = this.open.filter((url) => url.next(char, this.isEscaped));
    const begun = this.beginnings.next(char);
    if (this.announced !== null) this.begin(this.announced, char);
    else if (begun === 'url') this.addUrl(this.startOfHead(char));
    else if (begun === 'name') this.add('word', null);
    if (begun !== null && begun !== 'url' && begun !== 'name') this.announced = begun;
    this.noteOpener(char);
  }

  /** The text of another string follows. */
  private reset(): void {
    this.open = [];
    this.opener = null;
    this.announced = null;
    this.valueStart = this.length + EDGE.length;
    this.beginnings.reset();
  }

  /** The first character of what a link leads to. */
  private begin(announced: Beginning, char: string): void {
    if (BLANK.test(char) && announced !== 'bulletin') return;
    this.announced = null;
    // A link of Markdown, or a word in brackets.
    if (announced === 'bulletin' && /[\s([]/.test(char)) return;
    if (announced === 'bulletin') this.add('bulletin', this.length, char);
    else if (announced === 'braces') this.add('{', this.length, char);
    else if (char === '<') this.add('<', this.length + 1);
    else if (announced === 'destination') this.add('(', this.length, char);
    else if (announced === 'reference') this.add('word', this.length);
    else if (QUOTE.test(char)) this.add(char as UrlKind, this.length + 1);
    else if (announced === 'function') this.add('(', this.length, char);
    else if (char !== '>') this.add('attribute', this.length, char);
  }

  private add(kind: UrlKind, start: Chars | null, first = ''): void {
    const { open } = this;
    if (kind === 'word' && open.some(({ isWithinOpener }) => isWithinOpener)) return;
    const same = open.find((url) => url.kind === kind);
    if (same !== undefined) return same.reopen(first, this.isEscaped);
    const url = new OpenUrl(kind, start ?? -Infinity, this.opener?.isData ?? false);
    if (first === '' || url.next(first, this.isEscaped)) open.push(url);
  }

  /** Of a tool's argument that begins with a URL, programs may take all for one: blanks are encoded, line ends taken out. */
  private addUrl(start: Chars | null): void {
    const kind = this.kindOfOpener();
    const isAll = this.isArgument && kind === 'word' && start === this.valueStart;
    this.add(isAll ? 'for good' : kind, start);
  }

  /** A quote that is written as an escape is closed by none that can be told. */
  private kindOfOpener(): UrlKind {
    return ESCAPED_QUOTE.test(this.tail.slice(-REACH)) ? 'for good' : (this.opener?.kind ?? 'word');
  }

  /** Null where the URL begins with a host. */
  private startOfHead(char: string): Chars | null {
    const isHead = char === ':' || char === '/';
    const head = HEAD.exec(this.tail.slice(-REACH) + (isHead ? char : ''))?.[1] ?? '';
    return head === '' ? null : this.length + (isHead ? char.length : 0) - head.length;
  }

  private noteOpener(char: string): void {
    if (char === ' ') {
      if (this.opener !== null && !(this.opener.isOpening && this.opener.at === this.length)) this.opener = null;
      else if (this.opener !== null) this.opener = { ...this.opener, at: this.length + 1 };
    } else if (BLANK.test(char)) {
      if (this.opener !== null && !this.opener.isOpening) this.opener = null;
    } else if (char === '>' || char === ')') this.opener = null;
    else if (char === '<' || QUOTE.test(char)) this.setOpener(char);
  }

  private setOpener(char: string): void {
    const { tail, isEscaped } = this;
    const before = tail.at(isEscaped ? -2 : -1) ?? ' ';
    if (char === "'" && /[\p{L}\p{N}]/u.test(before) && !STRING_MARK.test(tail.slice(-4))) return;
    const kind = (isEscaped && char !== '<' ? `\\${char}` : char) as Opener['kind'];
    const isOpening = char !== '<' && BEFORE_OPENING.test(before);
    this.opener = { kind, isOpening, isData: BEFORE_DATA.test(before), at: this.length + char.length };
  }

  private here(): PlaceInUrl {
    const at = this.length - 1;
    const outermost = this.open[0];
    if (outermost === undefined) return { at, isInUrl: false, url: null };
    const kept = at - outermost.start;
    const url = kept <= LONGEST_KEPT ? this.tail.slice(this.tail.length - 1 - kept, -1) : null;
    return { at, isInUrl: true, url };
  }
}
