import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet, endsText, isDigit, isUpper, LETTERS, startsText, WORD } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Example, NumberForm, RuleInfo, Verdict } from '../detector.ts';
import { followsNumber, isPartOfNumber, isSpace } from '../number-forms.ts';
import { charOf, valueOf } from './check-digits.ts';
import type { Values } from './check-digits.ts';
import { CONTEXT_WORDS, WORDS_BEHIND } from './context-words.ts';
import { OTHER_NUMBERS } from './other-numbers.ts';

/** A number of fixed forms: how it is written, what is true of its characters, and how sure that makes. */
interface NumberSpec {
  readonly id: string;
  readonly category: RuleInfo['category'];
  readonly description: string;
  readonly source: string;
  /** Forms, see NumberForm, that leave no doubt wherever they stand. */
  readonly certain?: readonly string[];
  /** Forms that few other numbers have: they count near one of `words`, or where they are the entire text. */
  readonly likely?: readonly string[];
  /** Forms that count near one of `words` only. */
  readonly named?: readonly string[];
  readonly words: readonly string[];
  /** @param length how many characters the form has without separators; @param isCertain nothing else tells what it is */
  readonly accepts: (values: Values, length: Chars, isCertain: boolean) => boolean;
  readonly examples: readonly (string | Example)[];
  readonly nearMisses: readonly string[];
}

type Strength = 'certain' | 'likely' | 'named';

interface Form extends NumberForm {
  readonly firstWord: string;
  readonly strength: Strength;
  readonly hasSpaces: boolean;
  readonly hasLetters: boolean;
}

const LONGEST_ID: Chars = 32;
const MISFIT = -1;
const TOO_SHORT = -2;
const SPACE = 0x20;
const DOT = 0x2e;
const DASH = 0x2d;
const AT = 0x40;
const DIGIT = 0x39;
const LETTER = 0x41;
const EITHER = 0x58;
/** What may follow while a form of digits is incomplete and still decides nothing. */
const NUMBER_CHARS = new CharSet('0-9 ./-');
const ANY = new CharSet('\u0000-\u007f');
/** All that may stand beside a number where it is the entire text: other numbers, in a list. */
const LIST_CHARS = new CharSet('0-9 ,;./\n\r\t-');
const OTHER = CONTEXT_WORDS.add(OTHER_NUMBERS);
/** A longer text is more than a number. */
const LONGEST_LIST: Chars = 64;
const RANK = 0;

/** Filled anew at each word that is looked at. */
const values: Values = new Uint8Array(LONGEST_ID);

export function numberDetector(spec: NumberSpec): Detector {
  const shape = new NumberShape(spec);
  return {
    id: spec.id,
    category: spec.category,
    description: spec.description,
    source: spec.source,
    keywords: [],
    begins: 'word',
    trigger: 'number',
    firstWords: shape.firstWords,
    forms: shape.forms,
    rank: RANK,
    redactsPartial: false,
    tailStart: null,
    plausible: (text, at) => shape.plausible(text, at),
    match: (text, at, _after, final) => shape.match(text, at, final),
    canonical: compact,
    examples: spec.examples.map((example): Example => (typeof example === 'string' ? { text: example } : example)),
    nearMisses: spec.nearMisses,
  };
}

/** Letters and digits only, in upper case. */
function compact(value: string): string {
  let text = '';
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (ALNUM.has(code)) text += charOf(valueOf(code));
  }
  return text;
}

class NumberShape {
  readonly firstWords: readonly string[];
  readonly forms: readonly Form[];
  private readonly topic: number;

  constructor({ certain = [], likely = [], named = [], words, accepts }: NumberSpec) {
    this.forms = [
      ...certain.map((text) => formOf(text, 'certain', accepts)),
      ...likely.map((text) => formOf(text, 'likely', accepts)),
      ...named.map((text) => formOf(text, 'named', accepts)),
    ];
    this.firstWords = [...new Set(this.forms.flatMap(({ firstWord }) => spellings(firstWord)))];
    this.topic = CONTEXT_WORDS.add(words);
  }

  plausible(text: string, at: number): boolean {
    return this.forms.some((form) => fit(form, text, at) >= 0 && form.holds(values));
  }

  match(text: string, at: number, final: boolean): Verdict {
    for (const form of this.forms) {
      const verdict = this.matchForm(form, text, at, final);
      if (verdict !== null) return verdict;
    }
    return null;
  }

  private matchForm(form: Form, text: string, at: number, final: boolean): Verdict {
    const end = fit(form, text, at);
    if (end === MISFIT || isPartOfNumber(text, at)) return null;
    if (form.hasSpaces && followsNumber(text, at)) return null;
    if (end === TOO_SHORT) return final ? null : waitFor(form, at);
    if (!final && !isEndKnown(text, end)) return pending(at);
    if (!endsNumber(form, text, end) || !form.holds(values)) return null;
    if (form.strength === 'certain' && !(form.hasLetters && hasLowerCase(text, at, end))) return match(at, end);
    return this.matchNamed(form, text, at, end, final);
  }

  private matchNamed({ strength }: Form, text: string, at: number, end: number, final: boolean): Verdict {
    if (CONTEXT_WORDS.isBefore(this.topic, text, at)) return match(at, end);
    if (text.length - end < WORDS_BEHIND && !final) return pending(at, ANY, end + WORDS_BEHIND);
    if (CONTEXT_WORDS.isBehind(this.topic, text, end)) return match(at, end);
    if (strength === 'named' || !isAmongNumbers(text, at)) return null;
    if (CONTEXT_WORDS.isBefore(OTHER, text, at)) return null;
    const limit = end + LONGEST_LIST;
    const listEnd = LIST_CHARS.runEnd(text, end, limit);
    if (endsText(text, listEnd, final)) return match(at, end);
    return listEnd === text.length && listEnd < limit ? pending(at, LIST_CHARS, limit) : null;
  }
}

function formOf(text: string, strength: Strength, accepts: NumberSpec['accepts']): Form {
  const length = text.replaceAll(/[^9AX]/g, '').length;
  const firstWord = /^[9AX]+/.exec(text)![0];
  const isCertain = strength === 'certain';
  return {
    text,
    firstWord,
    strength,
    hasSpaces: text.includes(' '),
    hasLetters: /[AX]/.test(text),
    holds: (characters) => accepts(characters, length, isCertain),
  };
}

/** `X` stands for a letter or a digit: all that a word can look like. */
function spellings(word: string): string[] {
  const [head, ...rest] = word.split('X');
  return rest.reduce((heads, part) => heads.flatMap((text) => [`${text}9${part}`, `${text}A${part}`]), [head!]);
}

/** Where the form ends that begins at `at`, its characters in `values`; MISFIT, or TOO_SHORT where the text ends before. */
function fit({ text: form }: Form, text: string, at: number): number {
  let length = 0;
  for (let i = 0; i < form.length; i++) {
    const code = text.charCodeAt(at + i);
    const kind = form.charCodeAt(i);
    if (code !== code) return TOO_SHORT;
    if (kind === DIGIT || kind === LETTER || kind === EITHER) {
      if (kind === DIGIT ? !isDigit(code) : kind === LETTER ? !LETTERS.has(code) : !ALNUM.has(code)) return MISFIT;
      values[length++] = valueOf(code);
    } else if (code !== kind && !(kind === SPACE && isSpace(code))) return MISFIT;
  }
  return at + form.length;
}

/** More digits and separators decide nothing before the form is complete. */
function waitFor({ text, hasLetters }: Form, at: number): Verdict {
  return hasLetters ? pending(at) : pending(at, NUMBER_CHARS, at + text.length);
}

function endsNumber({ hasSpaces }: Form, text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  if (WORD.has(code) || code === AT) return false;
  if (code === DASH) return !ALNUM.has(text.charCodeAt(end + 1));
  return !((code === DOT || (hasSpaces && isSpace(code))) && isDigit(text.charCodeAt(end + 1)));
}

/** The end is known: one character behind it is there, and the next where the first separates. */
function isEndKnown(text: string, end: number): boolean {
  const known = text.length - end;
  if (known !== 1) return known > 1;
  const code = text.charCodeAt(end);
  return code !== DOT && code !== DASH && !isSpace(code);
}

function hasLowerCase(text: string, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (LETTERS.has(text.charCodeAt(i)) && !isUpper(text.charCodeAt(i))) return true;
  return false;
}

/** What was last asked for: all rules ask about the same number. */
const asked = { text: '', at: -1, answer: false };

/** Only numbers stand before it. */
function isAmongNumbers(text: string, at: number): boolean {
  if (asked.at === at && asked.text === text) return asked.answer;
  asked.text = text;
  asked.at = at;
  asked.answer = hasOnlyNumbersBefore(text, at);
  return asked.answer;
}

function hasOnlyNumbersBefore(text: string, at: number): boolean {
  for (let i = at; at - i <= LONGEST_LIST; i--) {
    if (startsText(text, i)) return true;
    if (!LIST_CHARS.has(text.charCodeAt(i - 1))) return false;
  }
  return false;
}
