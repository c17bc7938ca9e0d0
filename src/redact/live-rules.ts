import type { Direction, RedactionAction, RedactionPolicy } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { CharSet, isDigit, isUpper } from './char-set.ts';
import { CustomDetector } from './custom-rule.ts';
import type { Detector } from './detector.ts';
import { DETECTORS } from './detectors/registry.ts';
import { KeywordAutomaton, ROOT } from './keyword-automaton.ts';
import type { SearchResult } from './keyword-automaton.ts';

/** Escapes of JSON that can hide a character of a keyword; the others stand for none that keywords have. */
const HIDING_ESCAPES = ['\\u', '\\/'];
const NUMBER_RUN = new CharSet('A-Z0-9 -');
/** The shortest card number or IBAN; every longer run holds a multiple of it. */
const SHORTEST_NUMBER: Chars = 13;

/** A rule that is not switched off in this direction. */
export interface LiveRule<D = Detector | CustomDetector> {
  readonly detector: D;
  readonly action: RedactionAction;
}

/** What is only reported is counted: it changes nothing, so nothing waits for it. */
export function changesText({ action }: LiveRule): boolean {
  return action !== 'report';
}

export interface Keyword {
  readonly rule: LiveRule<Detector>;
  readonly length: Chars;
}

/** The rules of one direction, compiled. */
export class LiveRules {
  readonly custom: readonly LiveRule<CustomDetector>[];
  readonly digit: readonly LiveRule<Detector>[];
  readonly upper: readonly LiveRule<Detector>[];
  /** Rules with a `tailStart`. */
  readonly tails: readonly LiveRule<Detector>[];
  readonly isEmpty: boolean;
  readonly automaton: KeywordAutomaton;
  private readonly keywords: readonly Keyword[];
  private readonly hasNumbers: boolean;
  private readonly found: SearchResult = { state: ROOT, end: -1 };

  constructor(policy: RedactionPolicy, direction: Direction) {
    const bundled = DETECTORS.map((detector): LiveRule<Detector> => {
      const category = detector.category === 'custom' ? 'secrets' : detector.category;
      return { detector, action: policy.categories[category][direction] };
    }).filter(({ action }) => action !== 'allow');
    this.custom = policy.rules
      .map((rule) => ({ detector: new CustomDetector(rule), action: rule[direction] }))
      .filter(({ action }) => action !== 'allow');
    this.digit = bundled.filter(({ detector }) => detector.trigger === 'digit');
    this.upper = bundled.filter(({ detector }) => detector.trigger === 'upper');
    this.tails = bundled.filter(({ detector }) => detector.tailStart !== null);
    this.hasNumbers = this.digit.length + this.upper.length > 0;
    this.isEmpty = bundled.length + this.custom.length === 0;
    this.keywords = bundled.flatMap((rule) => rule.detector.keywords.map((text) => ({ rule, length: text.length })));
    const texts = bundled.flatMap((rule) =>
      rule.detector.keywords.map((text) => ({ text, begins: rule.detector.begins, changesText: changesText(rule) })),
    );
    const escapes = HIDING_ESCAPES.map((text) => ({ text, begins: 'after' as const, changesText: false }));
    this.automaton = new KeywordAutomaton([...texts, ...escapes]);
  }

  /** Null for an escape. */
  keyword(number: number): Keyword | null {
    return this.keywords[number] ?? null;
  }

  /**
   * No rule can match; allocates nothing. For text of JSON it answers for the strings in it, however they are escaped:
   * no rule accepts quotes or backslashes, and escapes that could hide a keyword make the answer false.
   */
  isClean(text: string): boolean {
    for (const { detector } of this.custom) if (detector.test(text)) return false;
    return this.hasNoKeyword(text) && !(this.hasNumbers && this.hasNumber(text));
  }

  /** As `isClean`; custom patterns may depend on what an escape hides or on where a string ends, so they rule it out. */
  isCleanJson(text: string): boolean {
    return this.custom.length === 0 && this.isClean(text);
  }

  private hasNoKeyword(text: string): boolean {
    const { found, automaton } = this;
    for (let from = 0, state = ROOT; ; from = found.end, state = found.state) {
      automaton.search(text, from, text.length, state, found);
      if (found.end < 0) return true;
      for (const number of automaton.endingIn(found.state)) {
        const keyword = this.keyword(number);
        if (keyword === null || keyword.rule.detector.plausible(text, found.end)) return false;
      }
    }
  }

  /** Looks at every thirteenth character only: a run that is long enough contains one of them. */
  private hasNumber(text: string): boolean {
    for (let at = SHORTEST_NUMBER - 1; at < text.length; at += SHORTEST_NUMBER) {
      if (!NUMBER_RUN.has(text.charCodeAt(at))) continue;
      let start = at;
      while (NUMBER_RUN.has(text.charCodeAt(start - 1))) start--;
      const end = NUMBER_RUN.runEnd(text, at, text.length);
      if (end - start >= SHORTEST_NUMBER && this.hasNumberIn(text, start, end)) return true;
      at = end - 1;
    }
    return false;
  }

  private hasNumberIn(text: string, start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      for (const { detector } of this.triggeredAt(text, at))
        if (detector.match(text, at, at, true) !== null) return true;
    }
    return false;
  }

  /** The rules for numbers of which a match may start at `at`. */
  triggeredAt(text: string, at: number): readonly LiveRule<Detector>[] {
    const code = text.charCodeAt(at);
    const before = text.charCodeAt(at - 1);
    if (isDigit(code)) return isDigit(before) ? NONE : this.digit;
    return isUpper(code) && !isUpper(before) ? this.upper : NONE;
  }
}

const NONE: readonly LiveRule<Detector>[] = [];
