import type { Direction, RedactionAction, RedactionPolicy } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { CustomDetector } from './custom-rule.ts';
import type { Detector } from './detector.ts';
import { DETECTORS } from './detectors/registry.ts';
import { mayHaveRuns } from './encoded-runs.ts';
import { mayHaveEscapes } from './escapes.ts';
import { KeywordOpenings } from './keyword-openings.ts';
import { KeywordTable, ROOT } from './keyword-table.ts';
import type { KeywordJudge, SearchResult } from './keyword-table.ts';
import { isNormal, normalised } from './normalised-text.ts';
import { NumberRules } from './number-words.ts';
import { PLACEHOLDER } from './restoration.ts';

/** Escapes of JSON that can hide a character of a keyword; the others stand for none that keywords have. */
const HIDING_ESCAPES = ['\\u', '\\/'];
/** What stands before a file as base64, or names it: see `file`, and of requests `payload`. */
const FILES = ['data:text/', 'data:application/', 'data:;', 'file_data'];
const SENT_FILES = [';base64,', 'media_type', 'input_audio', 'image_generation_call'];

/** Of rules, in the search for keywords in quarters. */
const ASKED_AT_LEAST = 64;
const CHARS_PER_QUESTION: Chars = 128;

interface RuleKeyword {
  readonly text: string;
  readonly anyCase: boolean;
  /** Null for an escape or a file. */
  readonly detector: Detector | null;
}

function keywordsOf(detector: Detector): RuleKeyword[] {
  const names = detector.names ?? [];
  return [
    ...alsoEscaped(detector.keywords).map((text) => ({ text, anyCase: false, detector })),
    ...alsoEscaped(names).map((text) => ({ text, anyCase: true, detector })),
  ];
}

/** A document is searched as it is written: quotes in it have a backslash. */
function alsoEscaped(keywords: readonly string[]): string[] {
  return [...new Set(keywords.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]))];
}

/** Of all rules, whoever has which of them switched on: policies differ by route and key, and the table is large. */
const KEYWORDS: readonly RuleKeyword[] = [
  ...[...DETECTORS, PLACEHOLDER].flatMap(keywordsOf),
  ...[...HIDING_ESCAPES, ...FILES].map((text) => ({ text, anyCase: false, detector: null })),
  ...SENT_FILES.map((text) => ({ text, anyCase: true, detector: null })),
];
const KEYWORD_TABLE = new KeywordTable(KEYWORDS);
const LONGEST_KEYWORD: Chars = Math.max(...KEYWORDS.map(({ text }) => text.length));

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

interface Keyword {
  /** Null for what may hide a keyword, and for what stands before text as base64. */
  readonly rule: LiveRule<Detector> | null;
  readonly length: Chars;
}

/** The rules of one direction, compiled. */
export class LiveRules implements KeywordJudge {
  readonly custom: readonly LiveRule<CustomDetector>[];
  readonly numbers: NumberRules<LiveRule<Detector>>;
  readonly numbersChangeText: boolean;
  /** Rules with a `tailStart`. */
  readonly tails: readonly LiveRule<Detector>[];
  readonly isEmpty: boolean;
  /** Escapes and encoded text are looked into. */
  readonly decodes: boolean;
  readonly table = KEYWORD_TABLE;
  readonly longestKeyword = LONGEST_KEYWORD;
  /** By keyword number; null where its rule is switched off. */
  private readonly keywords: readonly (Keyword | null)[];
  private readonly bundled: readonly LiveRule<Detector>[];
  private anyOpenings: KeywordOpenings | null = null;
  private changes: KeywordOpenings | null = null;
  /** The text last searched for keywords, and a place before which no keyword ends behind which its rule may match. */
  private searched = '';
  private ruledOut = 0;
  /** How many more questions of a search in quarters are answered. */
  private mayAsk = Infinity;
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
    this.decodes = direction === 'request';
    this.isEmpty = bundled.length + this.custom.length === 0;
    const ruleOf = new Map(bundled.map((rule) => [rule.detector, rule]));
    const isIdle = (text: string): boolean => !this.decodes && SENT_FILES.includes(text);
    this.keywords = KEYWORDS.map(({ text, detector }) => (isIdle(text) ? null : keywordFor(text, detector, ruleOf)));
    this.bundled = bundled;
  }

  /** Of matches of any rule. Made when the first text is streamed: a policy is ready sooner. */
  get openings(): KeywordOpenings {
    return (this.anyOpenings ??= openingsOf(this.bundled));
  }

  /** Of matches that change the text. */
  get changingOpenings(): KeywordOpenings {
    return (this.changes ??= openingsOf(this.bundled.filter(changesText)));
  }

  /** What the keyword that was found to end at `end` stands for; null where it is not written like this, or switched off. */
  keywordAt(number: number, text: string, end: number): Keyword | null {
    const keyword = this.keywords[number]!;
    return keyword !== null && KEYWORD_TABLE.isAt(number, text, end) ? keyword : null;
  }

  /**
   * No rule can match, neither in the text as it is written nor as it is read; allocates nothing where both are the same.
   * For text of JSON it answers for the strings in it, however they are escaped: no rule accepts quotes or backslashes,
   * and escapes that could hide a keyword make the answer false.
   */
  isClean(text: string): boolean {
    if (!this.isCleanAsWritten(text) || (this.decodes && (mayHaveEscapes(text) || mayHaveRuns(text)))) return false;
    return isNormal(text) || this.isCleanAsWritten(normalised(text));
  }

  private isCleanAsWritten(text: string): boolean {
    for (const { detector } of this.custom) if (detector.test(text)) return false;
    return this.hasNoKeyword(text) && (this.numbers.isEmpty || !this.numbers.mayMatch(text));
  }

  /** As `isClean`; custom patterns may depend on what an escape hides or on where a string ends, so they rule it out. */
  isCleanJson(text: string): boolean {
    return this.custom.length === 0 && this.isClean(text);
  }

  /** No rule matches at a keyword that ends before it: what was asked there already is not asked again. */
  firstKeywordIn(text: string): number {
    return text === this.searched ? this.firstPlausible(text, this.ruledOut) : 0;
  }

  /** Ends no earlier than at `from`; Infinity where there is none. */
  private firstPlausible(text: string, from: number): number {
    const { found } = this;
    this.mayAsk = Infinity;
    let state = ROOT;
    for (let at = Math.max(0, from - LONGEST_KEYWORD); ; at = found.end, state = found.state) {
      KEYWORD_TABLE.search(text, at, text.length, state, found);
      if (found.end < 0) return Infinity;
      if (found.end >= from && this.counts(found.state, text, found.end)) return found.end;
    }
  }

  private hasNoKeyword(text: string): boolean {
    this.searched = text;
    this.mayAsk = ASKED_AT_LEAST + text.length / CHARS_PER_QUESTION;
    this.ruledOut = KEYWORD_TABLE.ruledOut(text, this);
    // Where many keywords stand, rules remember what they have read: only of a text that is read from its beginning.
    if (this.mayAsk < 0) this.ruledOut = this.firstPlausible(text, this.ruledOut);
    return this.ruledOut === Infinity;
  }

  /** A rule asks for the keyword that was found, and may match there. */
  counts(state: number, text: string, end: number): boolean {
    for (const number of KEYWORD_TABLE.endingIn(state)) {
      const keyword = this.keywordAt(number, text, end);
      if (keyword === null) continue;
      if (keyword.rule === null || --this.mayAsk < 0 || keyword.rule.detector.plausible(text, end)) return true;
    }
    return false;
  }
}

function keywordFor(
  text: string,
  detector: Detector | null,
  ruleOf: ReadonlyMap<Detector, LiveRule<Detector>>,
): Keyword | null {
  if (detector === null) return { rule: null, length: text.length };
  const rule = ruleOf.get(detector);
  return rule === undefined ? null : { rule, length: text.length };
}

function openingsOf(rules: readonly LiveRule<Detector>[]): KeywordOpenings {
  const keywords = rules.flatMap(({ detector: { keywords: texts, begins } }) =>
    texts.map((text) => ({ text, begins })),
  );
  return new KeywordOpenings(KEYWORD_TABLE, keywords);
}
