import { hidesLetters, withoutInvisible } from './fold.ts';
import {
  FAMILIES,
  FIRST_MODIFIER,
  LAST_OVERRIDE,
  PART,
  PARTS,
  RULES_OF,
  SIGNAL,
  SIGNALS,
  type CompiledRule,
} from './grammar.ts';
import { VOCABULARIES } from './languages/index.ts';
import { TEMPLATE_TOKENS } from './languages/shared.ts';
import { codedRun, decoded, hiddenByTags, rot13 } from './payload.ts';
import { PhraseTable, SEPARATOR_CLASS, type Phrase } from './phrase-table.ts';
import { Quotation } from './quotation.ts';
import { Surroundings } from './surroundings.ts';
import { beginsSentence, span } from './word-form.ts';

/** Who wrote a text: a user, or what a tool or a document says. */
export type Source = 'user' | 'tool';

const FAR = -1_000_000;
/** Letters between a negation and its verb. */
const NEGATION_REACH = 5;
/** Single letters in a row that are a word written in spaces. */
const SPACED_LETTERS = 8;
/** Words of so many characters may be text in base64. */
const CODED_WORD = 20;

let table: PhraseTable | null = null;

/** Below that digits in place of letters are too often just digits. */
const SHORTEST_DISGUISED = 5;
/** Of a word whose beginning was found. */
const LONGEST_ENDING = 8;

/** Made where it is asked for first, in a tenth of a second or two: who detects no attacks does not pay for it. */
export function phraseTable(): PhraseTable {
  return (table ??= new PhraseTable(VOCABULARIES));
}

/** One text read once; its signals are 0 or 1 each. */
export class Reading {
  readonly signals = new Float64Array(SIGNALS.length);
  private readonly table = phraseTable();
  private readonly text: string;
  private readonly isNested: boolean;
  /** Where each part was found last, in letters. */
  private readonly starts = new Int32Array(PARTS.length).fill(FAR);
  private readonly ends = new Int32Array(PARTS.length).fill(FAR);
  private readonly quotation: Quotation;
  /** How often each signal was found outside of quotations, and at all. */
  private readonly plain = new Int32Array(SIGNALS.length);
  private readonly found = new Int32Array(SIGNALS.length);
  private readonly surroundings = new Surroundings();
  private readonly isFromTool: boolean;
  private letter = 0;
  private lastSignal = -1;
  private lastWasPlain = false;
  private heededAt = FAR;
  private codedTo = 0;
  private namesCipher = false;
  /** Words written letter by letter. */
  private spaced = '';

  /** @param isNested what another text holds in code: it is not decoded again */
  constructor(text: string, source: Source, isNested = false) {
    this.text = withoutInvisible(text);
    this.isNested = isNested;
    this.isFromTool = source === 'tool';
    // The quotation marks of JSON quote nobody.
    this.quotation = new Quotation(this.isFromTool || /^\s*[{[]/.test(text) ? '' : this.text);
    this.readPhrases();
    if (text.includes('<') || text.includes('[') || text.includes('\n') || text.includes('END')) this.readTemplates();
    if (!isNested) this.readHidden(text);
    this.conclude(text);
  }

  /** Whether anything was found that attacks have. */
  get isSuspicious(): boolean {
    return this.signals.some((value, number) => value > 0 && number < FIRST_MODIFIER);
  }

  private readPhrases(): void {
    const { text } = this;
    const { classOf, next, firstEnd, start } = this.table;
    let state = start;
    let separator = -1;
    let gaps = 0;
    let singles = 0;
    let singlesFrom = 0;
    for (let i = 0; i <= text.length; i++) {
      const each = i < text.length ? classOf[text.charCodeAt(i)]! : SEPARATOR_CLASS;
      if (each === SEPARATOR_CLASS) {
        gaps++;
        const length = i - separator - 1;
        const from = separator + 1;
        separator = i;
        if (length === 0) continue;
        if (length === 1) {
          if (singles++ === 0) singlesFrom = from;
        } else {
          if (singles >= SPACED_LETTERS) this.spaced += `${text.slice(singlesFrom, from)}  `;
          singles = 0;
          if (length >= CODED_WORD) this.takeCoded(from, i);
        }
      }
      state = next[(state << 6) | each]!;
      if (state >= firstEnd) this.meet(state, i, i - gaps);
    }
    if (singles >= SPACED_LETTERS) this.spaced += text.slice(singlesFrom);
  }

  /** @param at the last character; @param letter the last letter, counted from the beginning without separators */
  private meet(state: number, at: number, letter: number): void {
    for (const number of this.table.endingIn(state)) {
      const phrase = this.table.phrases[number]!;
      if (phrase.isShared && !this.table.standsAt(phrase, this.text, at)) continue;
      this.take(phrase, at, letter);
    }
  }

  private take(phrase: Phrase, at: number, letter: number): void {
    const { wordClass, letters, isDense } = phrase;
    const start = letter - letters + 1;
    this.letter = letter;
    if (wordClass === PART.heed) return this.heed(start, letter);
    if (wordClass === PART.cipher) this.namesCipher = true;
    if (wordClass >= PART.mention) return this.takeContext(phrase, at, letter);
    if (wordClass === PART.ai && this.isCalled(at, letters)) this.signal(SIGNAL.calledAi, at);
    if (this.isTakenBack(wordClass, start, letter)) return;
    this.noteForm(phrase, at);
    this.place(wordClass, start, letter, at, isDense);
  }

  private takeContext({ wordClass, letters, isDense }: Phrase, at: number, letter: number): void {
    const isQuestion = wordClass === PART.asking;
    if (isQuestion && !isDense && !beginsSentence(this.text, span(this.text, at, letters).start, isDense)) return;
    this.surroundings.take(wordClass, letter);
  }

  /** "Assistant: ..." */
  private isCalled(at: number, letters: number): boolean {
    if (!this.isFromTool || !beginsSentence(this.text, span(this.text, at, letters).start, true)) return false;
    const end = /[^\p{L}]/u.exec(this.text.slice(at, at + LONGEST_ENDING));
    return end !== null && ':：,，、'.includes(end[0]);
  }

  private isTakenBack(wordClass: number, start: number, letter: number): boolean {
    if (wordClass === PART.override && this.heededAt === letter) return true;
    if (wordClass !== PART.override && wordClass !== PART.reveal && wordClass !== PART.repeat) return false;
    const negation = this.ends[PART.not]!;
    return negation < start && start - negation <= NEGATION_REACH;
  }

  /** What was taken for an order to set aside was none. */
  private heed(start: number, letter: number): void {
    this.heededAt = letter;
    const { override, setAside } = PART;
    if (this.ends[override]! < start) return;
    if (this.lastSignal >= 0 && this.lastSignal <= LAST_OVERRIDE) this.takeBackSignal();
    this.ends[override] = this.starts[override] = FAR;
    this.ends[setAside] = this.starts[setAside] = FAR;
  }

  private takeBackSignal(): void {
    this.found[this.lastSignal]!--;
    if (this.lastWasPlain) this.plain[this.lastSignal]!--;
    this.lastSignal = -1;
  }

  private place(part: number, start: number, end: number, at: number, isDense: boolean): void {
    this.starts[part] = start;
    this.ends[part] = end;
    for (const rule of RULES_OF[part]!) {
      if (!this.completes(rule, isDense)) continue;
      if (rule.signal >= 0) this.signal(rule.signal, at);
      else this.place(rule.part, this.firstOf(rule), end, at, isDense);
    }
  }

  private completes({ parts, within, isOrdered }: CompiledRule, isDense: boolean): boolean {
    const { starts, ends } = this;
    if (isOrdered && starts[parts[0]!]! > starts[parts[1]!]!) return false;
    let firstEnd = ends[parts[0]!]!;
    let lastStart = starts[parts[0]!]!;
    for (let i = 1; i < parts.length; i++) {
      firstEnd = Math.min(firstEnd, ends[parts[i]!]!);
      lastStart = Math.max(lastStart, starts[parts[i]!]!);
    }
    return lastStart - firstEnd <= (isDense ? within / 2 : within);
  }

  private firstOf({ parts }: CompiledRule): number {
    return parts.reduce((first, part) => Math.min(first, this.starts[part]!), Infinity);
  }

  private signal(signal: number, at: number): void {
    this.lastSignal = signal;
    this.lastWasPlain = !this.quotation.isOpenAt(at);
    this.found[signal]!++;
    this.surroundings.find(this.letter);
    if (this.lastWasPlain) this.plain[signal]!++;
  }

  /** What it looks like and where it stands. */
  private noteForm(phrase: Phrase, at: number): void {
    const { wordClass, letters, isDense } = phrase;
    const isVerb =
      this.found[SIGNAL.ordered] === 0 &&
      (wordClass === PART.override || wordClass === PART.reveal || wordClass === PART.repeat);
    const isLatin = this.found[SIGNAL.disguised] === 0 && phrase.isLatin && letters >= SHORTEST_DISGUISED;
    if (!isVerb && !isLatin) return;
    const { start, isDisguised } = span(this.text, at, letters);
    // In other scripts it takes a second look to say which letters are at home.
    if (isLatin && isDisguised) this.found[SIGNAL.disguised] = 1;
    if (isVerb && beginsSentence(this.text, start, isDense)) this.found[SIGNAL.ordered] = 1;
  }

  private takeCoded(from: number, to: number): void {
    if (this.isNested || from < this.codedTo) return;
    const { start, end } = codedRun(this.text, from, to, this.codedTo);
    this.codedTo = end;
    this.readPayload(decoded(this.text.slice(start, end)));
  }

  private readHidden(text: string): void {
    if (this.spaced !== '') this.readSpaced();
    if (this.namesCipher) this.readPayload(rot13(this.text));
    this.readPayload(hiddenByTags(text));
  }

  private readPayload(said: string | null): void {
    if (said !== null && new Reading(said, 'tool', true).isSuspicious) this.signal(SIGNAL.payload, 0);
  }

  /** Between letters stands one character; more of them are the end of a word. */
  private readSpaced(): void {
    const words = this.spaced.replace(/(\S)[^\p{L}\p{N}](?=\S(?:\P{L}|$))/gu, '$1').replace(/\s+/g, ' ');
    // The last letter may be a word of its own that follows: "and" is "y" or "e".
    const { signals } = new Reading(`${words}  ${words.trimEnd().slice(0, -1)}`, 'tool', true);
    for (let number = 0; number < FIRST_MODIFIER; number++)
      if (signals[number]! > 0) {
        this.signal(number, 0);
        this.found[SIGNAL.disguised] = 1;
      }
  }

  private readTemplates(): void {
    const written = `\n${this.text}`;
    let kinds = 0;
    for (const token of TEMPLATE_TOKENS) if (written.includes(token)) kinds++;
    if (kinds > 0) this.signal(SIGNAL.template, 0);
    if (kinds > 1) this.signal(SIGNAL.manyTemplates, 0);
  }

  private conclude(text: string): void {
    const { signals, found } = this;
    let isAny = false;
    let isPlain = false;
    for (let number = 0; number < FIRST_MODIFIER; number++) {
      signals[number] = found[number]! > 0 ? 1 : 0;
      isAny ||= found[number]! > 0;
      isPlain ||= this.plain[number]! > 0;
    }
    if (!isAny) return;
    const families = FAMILIES.filter((family) => family.some((number) => found[number]! > 0)).length;
    signals[SIGNAL.disguised] = found[SIGNAL.disguised]! > 0 || hidesLetters(text) ? 1 : 0;
    signals[SIGNAL.ordered] = found[SIGNAL.ordered]! > 0 ? 1 : 0;
    signals[SIGNAL.several] = families > 1 ? 1 : 0;
    signals[SIGNAL.fromTool] = this.isFromTool ? 1 : 0;
    signals[SIGNAL.quoted] = isPlain ? 0 : 1;
    signals[SIGNAL.mention] = this.surroundings.count(PART.mention) > 0 ? 1 : 0;
    signals[SIGNAL.manyMentions] = this.surroundings.count(PART.mention) > 1 ? 1 : 0;
    signals[SIGNAL.task] = this.surroundings.count(PART.task) > 0 ? 1 : 0;
    signals[SIGNAL.manyTasks] = this.surroundings.count(PART.task) > 1 ? 1 : 0;
    signals[SIGNAL.asking] = this.surroundings.count(PART.asking) > 0 ? 1 : 0;
    signals[SIGNAL.ownRules] = found[SIGNAL.ownRules]! > 0 ? 1 : 0;
  }
}
