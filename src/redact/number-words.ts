import type { Chars } from '../core/units.ts';
import { ALNUM, CharSet, isDigit, isUpper, startsText, WORD } from './char-set.ts';
import type { Detector } from './detector.ts';
import { CONTEXT_WORDS } from './detectors/context-words.ts';
import { opensValue } from './detectors/opens-value.ts';
import { NumberForms } from './number-forms.ts';

/** The longest first word that a rule can ask for; all IBANs fit. */
const LONGEST_WORD: Chars = 34;
/** The end of an escape may be part of the run. */
export const LONGEST_RUN: Chars = LONGEST_WORD + 2;
/** Of words that begin with letters and digits in an order, and go on as they like. */
const HEAD: Chars = 4;
/** What a value in lower case has before it; see `lowerCase`. */
export const LETTERS_BEFORE: Chars = 2;
const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const ESCAPE_LETTERS = new CharSet('nrtbf');
/** Where a text has no digit, native code tells ten times as fast as a loop. */
const DIGIT = /[0-9]/;
const ALL_DIGITS = new CharSet('0-9');
const HEX = new CharSet('A-Fa-f0-9');
/** Where the first words of a value with spaces are short, they stand before the first two digits in a row. */
const MOST_WORDS_BEFORE = 3;
const SHORT_WORD: Chars = 3;
/** Before numbers whose letters are often typed in lower case. */
const NAMED = CONTEXT_WORDS.add([
  'iban',
  'konto',
  'account',
  'conto',
  'compte',
  'cuenta',
  'codice fiscale',
  'fiscal code',
  'cf',
  'c.f.',
  'national insurance',
  'nino',
  'nie',
]);

/**
 * The rules for values that look like numbers, by the shape of their first word: a text is cut into words once, and each
 * rule is asked only about words that fit it. A shape is written with `9` for a digit and `A` for a letter; `*` at its
 * end stands for any letters and digits.
 */
export class NumberRules<R extends { readonly detector: Detector }> {
  readonly isEmpty: boolean;
  private readonly byShape = new Map<number, R[]>();
  private readonly byHead = new Map<number, R[]>();
  /** Those with `lowerCase`. */
  private readonly lowerByHead = new Map<number, R[]>();
  /** By length, as nothing is more common than words of digits only. */
  private readonly byDigits: R[][] = Array.from({ length: LONGEST_WORD + 1 }, () => []);
  /** What the shapes begin with: a word that has come in part may become one of them. */
  private readonly beginnings = new Set<number>();
  /** Every value of these rules holds as many digits in a row. */
  private readonly stride: Chars;
  private readonly both = new Map<number, R[]>();
  private readonly forms: NumberForms<R>;
  /** Filled anew at each word. */
  private readonly all: R[] = [];

  constructor(rules: readonly R[]) {
    this.isEmpty = rules.length === 0;
    for (const rule of rules) for (const shape of rule.detector.firstWords ?? []) this.add(rule, shape);
    this.forms = new NumberForms(rules);
    this.stride = Math.min(2, ...rules.map(({ detector }) => detector.digitsInRow ?? 2));
  }

  private add(rule: R, shape: string): void {
    const written = shape.endsWith('*') ? shape.slice(0, HEAD) : shape;
    for (let end = 1; end <= written.length; end++) this.beginnings.add(keyOfShape(written.slice(0, end)));
    if (rule.detector.lowerCase !== undefined) push(listOf(this.lowerByHead, keyOfShape(shape.slice(0, HEAD))), rule);
    if (rule.detector.forms !== undefined) return;
    if (/^9+$/.test(shape)) push(this.byDigits[shape.length]!, rule);
    else if (shape.endsWith('*')) push(listOf(this.byHead, keyOfShape(shape.slice(0, HEAD))), rule);
    else push(listOf(this.byShape, keyOfShape(shape)), rule);
  }

  /** Where a match starts at the earliest if the run `text[run, end)` is the beginning of a word that rules ask for; -1 if it is not. */
  openFrom(text: string, run: number, end: number): number {
    // What stands before it may be an escape: two characters of it are too few to tell.
    if (end - run < 3 && isEscapeSign(text.charCodeAt(run - 1))) return run;
    const at = wordStart(text, run, end);
    if (end - at > LONGEST_WORD) return -1;
    if (hasFittingCase(text, at, end)) return this.mayBegin(text, at, end) ? run : -1;
    return beginsBehindLetters(text, at) && this.lowerByHead.size > 0 ? at + LETTERS_BEFORE : -1;
  }

  private mayBegin(text: string, at: number, end: number): boolean {
    let shape = 1;
    for (let i = at; i < end; i++) {
      shape = shape * 2 + (isDigit(text.charCodeAt(i)) ? 1 : 0);
      if (!this.beginnings.has(shape)) return i - at >= HEAD && this.byHead.has(keyOf(text, at, at + HEAD));
    }
    return true;
  }

  /** The rules that may match at the word `text[at, end)`; valid until the next call. @param final the text ends where it ends */
  rulesAt(text: string, at: number, end: number, final: boolean): readonly R[] {
    if (end - at > LONGEST_WORD || isProse(text, at, end)) return NONE;
    const lower = this.lowerRulesAt(text, at, end);
    const ofShape = this.rulesOfShape(text, at, end);
    const ofForm = this.forms.at(text, at, final);
    // Asked last: it may have to read what stands before the word.
    if (ofShape.length === 0 && ofForm.length === 0 && lower.length === 0) return NONE;
    if (!hasFittingCase(text, at, end)) return lower;
    if (ofShape.length === 0) return ofForm;
    if (ofForm.length === 0) return ofShape;
    const { all } = this;
    all.length = 0;
    for (const rule of ofShape) all.push(rule);
    for (const rule of ofForm) all.push(rule);
    return all;
  }

  private lowerRulesAt(text: string, at: number, end: number): readonly R[] {
    if (!beginsBehindLetters(text, at) || end - at < HEAD) return NONE;
    return this.lowerByHead.get(keyOf(text, at, at + HEAD)) ?? NONE;
  }

  private rulesOfShape(text: string, at: number, end: number): readonly R[] {
    const length = end - at;
    if (length > LONGEST_WORD) return NONE;
    if (ALL_DIGITS.runEnd(text, at, end) === end) return this.byDigits[length]!;
    if (ALNUM.runEnd(text, at, end) < end) return NONE;
    const shape = keyOf(text, at, end);
    const open = length < HEAD ? undefined : this.byHead.get(keyOf(text, at, at + HEAD));
    return this.union(this.byShape.get(shape) ?? NONE, open ?? NONE, shape);
  }

  private union(exact: readonly R[], open: readonly R[], shape: number): readonly R[] {
    if (open.length === 0) return exact;
    if (exact.length === 0) return open;
    const known = this.both.get(shape);
    if (known !== undefined) return known;
    const all = [...new Set([...exact, ...open])];
    this.both.set(shape, all);
    return all;
  }

  /**
   * Some rule may match in this text, whatever stands around it. Looks at every second character only: a digit in front
   * of or behind each other digit of a value is one that it sees.
   */
  mayMatch(text: string): boolean {
    const { stride } = this;
    const first = text.search(DIGIT);
    if (first < 0) return false;
    for (let at = first - (first % stride) + stride - 1; at < text.length; at += stride) {
      if ((text.charCodeAt(at) - 0x30) >>> 0 > 9) continue;
      let start = at;
      while (WORD.has(text.charCodeAt(start - 1))) start--;
      const end = WORD.runEnd(text, at, text.length);
      if (this.mayMatchAround(text, start, end)) return true;
      at = end - 1;
    }
    return false;
  }

  private mayMatchAround(text: string, start: number, end: number): boolean {
    if (this.mayMatchAt(text, start, end)) return true;
    for (let i = 0, before = start; i < MOST_WORDS_BEFORE; i++) {
      const previous = shortWordBefore(text, before);
      // A word with as many digits in a row as the stride has been looked at itself.
      if (previous < 0 || hasDigits(text, previous, before, this.stride)) return false;
      if (this.mayMatchAt(text, previous, WORD.runEnd(text, previous, before))) return true;
      before = previous;
    }
    return false;
  }

  private mayMatchAt(text: string, run: number, end: number): boolean {
    const at = wordStart(text, run, end);
    for (const { detector } of this.rulesOfShape(text, at, end)) if (detector.plausible(text, at)) return true;
    return this.forms.holdsAt(text, at);
  }
}

const NONE: readonly never[] = [];

function push<R>(rules: R[], rule: R): void {
  if (!rules.includes(rule)) rules.push(rule);
}

function listOf<R>(lists: Map<number, R[]>, key: number): R[] {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = []));
  return list;
}

function keyOf(text: string, at: number, end: number): number {
  let key = 1;
  for (let i = at; i < end; i++) key = key * 2 + (isDigit(text.charCodeAt(i)) ? 1 : 0);
  return key;
}

/**
 * Letters in front are upper case, except at the very start of a string, behind what opens a value, and behind the name of
 * a number that is often typed so: else every beginning of a word of prose would have to wait in a stream for the digits that may follow.
 */
export function hasFittingCase(text: string, at: number, end: number): boolean {
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isDigit(code)) return true;
    if (!isUpper(code)) return startsText(text, at) || opensValue(text, at) || CONTEXT_WORDS.isBefore(NAMED, text, at);
  }
  return true;
}

/** Two letters in lower case, and a digit. */
function beginsBehindLetters(text: string, at: number): boolean {
  return (
    isLower(text.charCodeAt(at)) && isLower(text.charCodeAt(at + 1)) && isDigit(text.charCodeAt(at + LETTERS_BEFORE))
  );
}

function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

/** Letters that are not all upper case, nor two of lower case: a word of prose. */
function isProse(text: string, at: number, end: number): boolean {
  let uppers = 0;
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isDigit(code)) return false;
    if (isUpper(code)) uppers++;
  }
  return uppers < end - at && (uppers > 0 || end - at > 2);
}

function keyOfShape(shape: string): number {
  let key = 1;
  for (const char of shape) key = key * 2 + (char === '9' ? 1 : 0);
  return key;
}

/** Where the short word starts that stands one character before `at`; -1 where none does. */
function shortWordBefore(text: string, at: number): number {
  const end = at - 1;
  let start = end;
  while (start > 0 && end - start <= SHORT_WORD && ALNUM.has(text.charCodeAt(start - 1))) start--;
  return start === end || end - start > SHORT_WORD ? -1 : start;
}

function hasDigits(text: string, from: number, to: number, inRow: Chars): boolean {
  for (let i = from, row = 0; i < to; i++) {
    row = isDigit(text.charCodeAt(i)) ? row + 1 : 0;
    if (row === inRow) return true;
  }
  return false;
}

function isEscapeSign(code: number): boolean {
  return code === BACKSLASH || code === PERCENT;
}

/** The word in the run of letters, digits and underscores `text[run, end)`: the end of an escape before it is no part of it. */
export function wordStart(text: string, run: number, end: number): number {
  const before = text.charCodeAt(run - 1);
  if (before === BACKSLASH) return ESCAPE_LETTERS.has(text.charCodeAt(run)) && end - run > 1 ? run + 1 : run;
  if (before !== PERCENT || end - run < 3) return run;
  return HEX.has(text.charCodeAt(run)) && HEX.has(text.charCodeAt(run + 1)) ? run + 2 : run;
}
