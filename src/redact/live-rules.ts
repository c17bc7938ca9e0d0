import type { Direction, RedactionAction, RedactionPolicy } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { CustomDetector } from './custom-rule.ts';
import type { Detector } from './detector.ts';
import { DETECTORS } from './detectors/registry.ts';
import { KeywordAutomaton, ROOT } from './keyword-automaton.ts';
import type { SearchResult } from './keyword-automaton.ts';
import { isNormal, normalised } from './normalised-text.ts';
import { NumberRules } from './number-words.ts';
import { PLACEHOLDER } from './restoration.ts';

/** Escapes of JSON that can hide a character of a keyword; the others stand for none that keywords have. */
const HIDING_ESCAPES = ['\\u', '\\/'];
/** What stands before text as base64, or names it: see `text_file`. */
const FILES = ['data:text/', 'data:application/', 'file_data'];

/** A rule that is not switched off in this direction. */
export interface LiveRule<D = Detector | CustomDetector> {
  readonly detector: D;
  readonly action: RedactionAction | 'restore';
}

function actionOf(detector: Detector, policy: RedactionPolicy, direction: Direction): LiveRule['action'] {
  const category = detector.category === 'custom' ? 'secrets' : detector.category;
  return policy.overrides[detector.id]?.[direction] ?? policy.categories[category][direction];
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
  readonly numbers: NumberRules<LiveRule<Detector>>;
  readonly numbersChangeText: boolean;
  /** Rules with a `tailStart`. */
  readonly tails: readonly LiveRule<Detector>[];
  readonly isEmpty: boolean;
  readonly automaton: KeywordAutomaton;
  private readonly keywords: readonly Keyword[];
  private readonly found: SearchResult = { state: ROOT, end: -1 };

  /** @param restores placeholders are found as well, to be given their values back */
  constructor(policy: RedactionPolicy, direction: Direction, restores = false) {
    const bundled = DETECTORS.map((detector) => ({ detector, action: actionOf(detector, policy, direction) }))
      .concat(restores ? [{ detector: PLACEHOLDER, action: 'restore' }] : [])
      .filter(({ action }) => action !== 'allow');
    this.custom = policy.rules
      .map((rule) => ({ detector: new CustomDetector(rule), action: rule[direction] }))
      .filter(({ action }) => action !== 'allow');
    const numbers = bundled.filter(({ detector }) => detector.trigger === 'number');
    this.numbers = new NumberRules(numbers);
    this.numbersChangeText = numbers.some(changesText);
    this.tails = bundled.filter(({ detector }) => detector.tailStart !== null);
    this.isEmpty = bundled.length + this.custom.length === 0;
    this.keywords = bundled.flatMap((rule) => rule.detector.keywords.map((text) => ({ rule, length: text.length })));
    const texts = bundled.flatMap((rule) =>
      rule.detector.keywords.map((text) => ({ text, begins: rule.detector.begins, changesText: changesText(rule) })),
    );
    const escapes = [...HIDING_ESCAPES, ...FILES].map((text) => ({
      text,
      begins: 'after' as const,
      changesText: false,
    }));
    this.automaton = new KeywordAutomaton([...texts, ...escapes]);
  }

  /** Null for an escape. */
  keyword(number: number): Keyword | null {
    return this.keywords[number] ?? null;
  }

  /**
   * No rule can match, neither in the text as it is written nor as it is read; allocates nothing where both are the same.
   * For text of JSON it answers for the strings in it, however they are escaped: no rule accepts quotes or backslashes,
   * and escapes that could hide a keyword make the answer false.
   */
  isClean(text: string): boolean {
    return this.isCleanAsWritten(text) && (isNormal(text) || this.isCleanAsWritten(normalised(text)));
  }

  private isCleanAsWritten(text: string): boolean {
    for (const { detector } of this.custom) if (detector.test(text)) return false;
    return this.hasNoKeyword(text) && (this.numbers.isEmpty || !this.numbers.mayMatch(text));
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
}
