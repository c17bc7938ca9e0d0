import type { Chars } from '../core/units.ts';
import { ALNUM, isDigit, LETTERS, WORD } from './char-set.ts';
import type { Detector, NumberForm } from './detector.ts';
import { valueOf } from './detectors/check-digits.ts';

/** What the characters of a form are: what stands for itself in one is listed here. */
const SEPARATORS = ' -./:+'; // spaces first
const DIGIT = 0;
const LETTER = 1;
const FIRST_SEPARATOR = 2;
const CLASSES = FIRST_SEPARATOR + SEPARATORS.length;
const NO_CLASS = 255;
const SPACE = 0x20;
const PLUS = 0x2b;
const DASH = 0x2d;
const DOT = 0x2e;
const NO_BREAK_SPACE = 0xa0;
const NARROW_SPACE = 0x202f;
const CLASS_OF = classify();
const DEAD = 0;
const START = 1;
const LONGEST_FORM: Chars = 40;

/** One form of one rule. */
interface Entry<R> {
  readonly rule: R;
  readonly form: NumberForm;
}

/**
 * All forms of all rules as one table: one walk over what follows the start of a word tells which forms it has, however
 * many there are.
 */
export class NumberForms<R extends { readonly detector: Detector }> {
  /** By state and class; DEAD where no form goes on. */
  private readonly next: Uint16Array;
  /** By state: forms that end there, and rules whose forms may go on. */
  private readonly ending: (readonly Entry<R>[])[] = [[], []];
  private readonly open: (readonly R[])[] = [[], []];
  /** Filled anew in each walk. */
  private readonly values = new Uint8Array(LONGEST_FORM);
  private readonly fitting: R[] = [];

  constructor(rules: readonly R[]) {
    const entries = rules.flatMap((rule) => (rule.detector.forms ?? []).map((form) => ({ rule, form })));
    this.next = Uint16Array.from(this.build(entries));
  }

  /**
   * The rules that have a form which begins at `at`, or may once the text goes on; valid until the next call.
   * @param final it does not go on
   */
  at(text: string, at: number, final: boolean): readonly R[] {
    const { next, values, fitting } = this;
    fitting.length = 0;
    if (isPartOfNumber(text, at)) return fitting;
    const isOneOfMany = followsNumber(text, at);
    for (let i = at, state = START, length = 0; ; i++) {
      const code = text.charCodeAt(i);
      if (code !== code) {
        if (!final) for (const rule of this.open[state]!) add(fitting, rule);
        return fitting;
      }
      const kind = classOf(code);
      if (kind === NO_CLASS || (state = next[state * CLASSES + kind]!) === DEAD) return fitting;
      if (kind < FIRST_SEPARATOR) values[length++] = valueOf(code);
      else if (isOneOfMany && kind === FIRST_SEPARATOR) return fitting;
      const ending = this.ending[state]!;
      if (ending.length > 0 && !WORD.has(text.charCodeAt(i + 1))) this.addEnding(ending);
    }
  }

  /** Some rule has a form that is all there is at `at`. */
  holdsAt(text: string, at: number): boolean {
    const { next, values } = this;
    if (isPartOfNumber(text, at)) return false;
    const isOneOfMany = followsNumber(text, at);
    for (let i = at, state = START, length = 0; ; i++) {
      const code = text.charCodeAt(i);
      const kind = classOf(code);
      if (kind === NO_CLASS || (state = next[state * CLASSES + kind]!) === DEAD) return false;
      if (kind < FIRST_SEPARATOR) values[length++] = valueOf(code);
      else if (isOneOfMany && kind === FIRST_SEPARATOR) return false;
      const ending = this.ending[state]!;
      if (ending.length > 0 && !WORD.has(text.charCodeAt(i + 1)) && this.anyHolds(ending)) return true;
    }
  }

  private anyHolds(entries: readonly Entry<R>[]): boolean {
    for (const { form } of entries) if (form.holds(this.values)) return true;
    return false;
  }

  private addEnding(entries: readonly Entry<R>[]): void {
    for (const { rule, form } of entries) if (form.holds(this.values)) add(this.fitting, rule);
  }

  /** Breadth first over the sets of forms that a beginning leaves possible. */
  private build(all: readonly Entry<R>[]): number[] {
    const next = Array.from({ length: 2 * CLASSES }, () => DEAD);
    const states = new Map<string, number>();
    const numbers = new Map(all.map((entry, number) => [entry, number]));
    const queue = [{ state: START, alive: all, depth: 0 }];
    this.open[START] = rulesOf(all);
    for (const { state, alive, depth } of queue) {
      for (let kind = 0; kind < CLASSES; kind++) {
        const going = alive.filter(({ form }) => accepts(form.text.charCodeAt(depth), kind));
        if (going.length === 0) continue;
        const key = `${depth} ${going.map((entry) => numbers.get(entry)).join(' ')}`;
        const known = states.get(key);
        const target = known ?? this.addState(next, going, depth + 1);
        next[state * CLASSES + kind] = target;
        if (known !== undefined) continue;
        states.set(key, target);
        queue.push({ state: target, alive: going, depth: depth + 1 });
      }
    }
    return next;
  }

  private addState(next: number[], alive: readonly Entry<R>[], depth: Chars): number {
    for (let kind = 0; kind < CLASSES; kind++) next.push(DEAD);
    this.ending.push(alive.filter(({ form }) => form.text.length === depth));
    // Also where a form has ended: what follows it may still say that it has not.
    this.open.push(rulesOf(alive));
    return this.ending.length - 1;
  }
}

/** It is no beginning: what stands before it is the same number, word or name. */
export function isPartOfNumber(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return before === PLUS || ((before === DOT || before === DASH) && ALNUM.has(text.charCodeAt(at - 2)));
}

/** One of many numbers in a row: none of them begins a number that has spaces itself. */
export function followsNumber(text: string, at: number): boolean {
  return isSpace(text.charCodeAt(at - 1)) && isDigit(text.charCodeAt(at - 2));
}

export function isSpace(code: number): boolean {
  return code === SPACE || code === NO_BREAK_SPACE || code === NARROW_SPACE;
}

function rulesOf<R>(entries: readonly Entry<R>[]): R[] {
  return [...new Set(entries.map(({ rule }) => rule))];
}

function add<R>(rules: R[], rule: R): void {
  if (!rules.includes(rule)) rules.push(rule);
}

function classify(): Uint8Array {
  const classes = new Uint8Array(128).fill(NO_CLASS);
  for (let code = 0; code < 128; code++) {
    if (isDigit(code)) classes[code] = DIGIT;
    else if (LETTERS.has(code)) classes[code] = LETTER;
  }
  for (let i = 0; i < SEPARATORS.length; i++) classes[SEPARATORS.charCodeAt(i)] = FIRST_SEPARATOR + i;
  return classes;
}

function classOf(code: number): number {
  if (code < 128) return CLASS_OF[code]!;
  return code === NO_BREAK_SPACE || code === NARROW_SPACE ? FIRST_SEPARATOR : NO_CLASS;
}

/** What a form has at a place accepts a class of characters: `9` digits, `A` letters, `X` both, others themselves. */
function accepts(written: number, kind: number): boolean {
  if (!ALNUM.has(written)) return classOf(written) === kind;
  const char = String.fromCharCode(written);
  return kind === DIGIT ? char !== 'A' : kind === LETTER && char !== '9';
}
