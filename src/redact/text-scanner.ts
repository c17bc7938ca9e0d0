import type { Chars } from '../core/units.ts';
import { LEFT_CONTEXT, WORD } from './char-set.ts';
import type { CharSet } from './char-set.ts';
import type { Detector, Match, Walker } from './detector.ts';
import { ROOT } from './keyword-table.ts';
import type { SearchResult } from './keyword-table.ts';
import { changesText } from './live-rules.ts';
import type { LiveRule } from './live-rules.ts';
import { LONGEST_RUN, wordStart } from './number-words.ts';
import { longestHeld, SpanSettler } from './span-settler.ts';
import type { LongSpan, ScanContext, ScanSink } from './span-settler.ts';

/** Judged text is cut off the buffer in steps, so that short pieces of text do not copy it each time. */
const TRIM_STEP: Chars = 512;

/** A place where a rule may match and that is not decided yet. */
interface Candidate {
  readonly rule: LiveRule<Detector>;
  readonly at: number;
  readonly after: number;
  /** Set once the match is certain and only its end is not. */
  tail: Tail | null;
  /** Set while more of the same characters would decide nothing. */
  wait: Wait | null;
}

interface Wait {
  readonly run: CharSet;
  /** Offsets: where the match would start, where the run decides, how far it was followed. */
  readonly from: number;
  readonly limit: number;
  seen: number;
}

interface Tail {
  readonly start: number;
  /** Where `walker` began. */
  readonly from: number;
  readonly walker: Walker;
  fed: number;
  /** Set once the value has outgrown what is held. */
  span: LongSpan | null;
}

/** Offsets before which no open candidate can match: any, and one that would change the text. */
interface Horizons {
  any: number;
  changing: number;
}

/**
 * Judges one text that arrives in pieces. Every decision depends on the text alone, never on where it was cut: a rule
 * that would look past the end is asked again when more has come, and nothing after its candidate is decided before.
 * Offsets count from the first character ever pushed.
 */
export class TextScanner {
  private readonly context: ScanContext;
  private readonly settler: SpanSettler;
  private text = '';
  /** Offset of `text[0]`. */
  private base = 0;
  /** Offset up to which candidates were looked for. */
  private scanned = 0;
  private state = ROOT;
  /** Offset of the run of letters and digits at the end of the text that may go on and become a number; -1 for none. */
  private openRun = -1;
  /** No change is still to come before this offset. */
  private free = 0;
  private readonly horizons: Horizons = { any: 0, changing: 0 };
  private candidates: Candidate[] = [];
  /** How far the open-ended matches of a rule reach: a keyword within one begins no other. */
  private covered: Map<LiveRule, number> | null = null;
  /** Offsets from which each custom rule is searched next. */
  private readonly customFrom: number[];
  private readonly searched: SearchResult = { state: ROOT, end: -1 };
  /** Keywords that end before it are known to be none of a match. */
  private firstKeyword = 0;
  /** All of the text is there: a candidate is judged where it is found. */
  private isWhole = false;

  /** @param before has scanned the text so far; what it has not decided is judged again */
  constructor(context: ScanContext, sink: ScanSink, before?: TextScanner) {
    this.context = context;
    this.settler = new SpanSettler(context, sink, (start, end) => this.text.slice(start - this.base, end - this.base));
    this.text = before?.text ?? '';
    this.base = this.scanned = before?.base ?? 0;
    this.customFrom = context.rules.custom.map(() => this.base);
  }

  /** What stands before this offset is decided, findings that are only reported included. */
  get settled(): number {
    return this.settler.decided;
  }

  /** All changes before this offset are known: the text may leave. */
  get decided(): number {
    return Math.max(this.free, this.settler.decided);
  }

  get end(): number {
    return this.base + this.text.length;
  }

  /** Judges a text that is there in full; instead of `push` and `finish`. */
  scanWhole(text: string): void {
    this.text = text;
    this.isWhole = true;
    this.firstKeyword = this.context.rules.firstKeywordIn(text);
    this.advance(true, false);
  }

  push(piece: string): void {
    if (piece.length === 0) return;
    this.text += piece;
    this.advance(false, false);
    this.trim();
  }

  /**
   * The text ends here: everything is decided. Should more come after all, it is judged together with the last
   * characters of what has left.
   * @param isBroken it was cut off: candidates that began like a secret are redacted unfinished
   */
  finish(isBroken: boolean): void {
    this.advance(true, isBroken);
    this.candidates = [];
    this.settler.reset();
    this.state = ROOT;
    this.openRun = -1;
    this.scanned = Math.max(this.base, this.end - LEFT_CONTEXT);
  }

  private advance(final: boolean, isBroken: boolean): void {
    this.collectKeywords();
    if (!this.context.rules.numbers.isEmpty) this.collectNumbers(final);
    this.scanned = this.end;
    const { horizons, settler } = this;
    horizons.any = horizons.changing = this.end;
    if (this.candidates.length > 0) this.judgeCandidates(final, isBroken);
    for (let i = 0; i < this.customFrom.length; i++)
      this.lower(this.context.rules.custom[i]!, this.searchCustom(i, final));
    if (!final) this.judgeOpenEnd();
    settler.settle(horizons.any);
    this.free = Math.min(horizons.changing, settler.firstChange);
  }

  private lower(rule: LiveRule, open: number): void {
    const { horizons } = this;
    if (open < horizons.any) horizons.any = open;
    if (open < horizons.changing && changesText(rule)) horizons.changing = open;
  }

  /** Where a match may have begun whose trigger is not complete. */
  private judgeOpenEnd(): void {
    const { openings, changingOpenings, tails } = this.context.rules;
    const { horizons, state, text } = this;
    const depth = openings.depth(state, text);
    if (depth > 0) {
      horizons.any = Math.min(horizons.any, this.end - depth);
      horizons.changing = Math.min(horizons.changing, this.end - changingOpenings.depth(state, text));
    }
    if (this.openRun >= 0) this.judgeOpenRun(this.openRun);
    for (const rule of tails) this.lower(rule, this.base + rule.detector.tailStart!(text));
  }

  private judgeOpenRun(start: number): void {
    const { numbers, numbersChangeText } = this.context.rules;
    const { horizons, text, base } = this;
    const from = numbers.openFrom(text, start - base, text.length);
    if (from < 0) return;
    horizons.any = Math.min(horizons.any, base + from);
    if (numbersChangeText) horizons.changing = Math.min(horizons.changing, base + from);
  }

  private collectKeywords(): void {
    const { rules } = this.context;
    const { text, base, searched } = this;
    const from = Math.max(this.scanned - base, this.firstKeyword - rules.longestKeyword);
    for (let at = from; at < text.length; at = searched.end) {
      rules.table.search(text, at, text.length, this.state, searched);
      this.state = searched.state;
      if (searched.end < 0) break;
      if (searched.end < this.firstKeyword) continue;
      for (const number of rules.table.endingIn(searched.state)) this.addKeyword(number, searched.end);
    }
  }

  /** Words that are complete: which rules look at one depends on its whole shape. */
  private collectNumbers(final: boolean): void {
    const { text } = this;
    let at = this.firstRun();
    this.openRun = -1;
    for (; at < text.length; at++) {
      if (!WORD.has(text.charCodeAt(at))) continue;
      const end = WORD.runEnd(text, at, text.length);
      if (end < text.length || final) this.addNumber(at, end, final);
      else if (end - at <= LONGEST_RUN) this.openRun = this.base + at;
      at = end;
    }
  }

  /** Where the first run of letters and digits begins that has not been judged; the rest of an over-long one is skipped. */
  private firstRun(): number {
    const { text, base } = this;
    if (this.openRun >= 0) return this.openRun - base;
    const from = this.scanned - base;
    return WORD.has(text.charCodeAt(from - 1)) ? WORD.runEnd(text, from, text.length) : from;
  }

  private addNumber(run: number, end: number, final: boolean): void {
    const { text, base } = this;
    const at = wordStart(text, run, end);
    for (const rule of this.context.rules.numbers.rulesAt(text, at, end, final))
      this.addCandidate(rule, base + at, base + end);
  }

  private addKeyword(number: number, end: number): void {
    const keyword = this.context.rules.keywordAt(number, this.text, end);
    if (keyword === null || keyword.rule === null) return;
    const after = this.base + end;
    this.addCandidate(keyword.rule, after - keyword.length, after);
  }

  private addCandidate(rule: LiveRule<Detector>, at: number, after: number): void {
    if (this.isWhole) this.judgeWhole(rule, at, after);
    else this.candidates.push({ rule, at, after, tail: null, wait: null });
  }

  private judgeCandidates(final: boolean, isBroken: boolean): void {
    let kept = 0;
    for (const candidate of this.candidates) {
      const open = this.judge(candidate, final, isBroken);
      if (open < 0) continue;
      this.lower(candidate.rule, open);
      this.candidates[kept++] = candidate;
    }
    this.candidates.length = kept;
  }

  /** Where an undecided candidate's match would start; -1 where it is decided. */
  private judge(candidate: Candidate, final: boolean, isBroken: boolean): number {
    if (candidate.tail !== null) return this.follow(candidate, candidate.tail, final);
    const { text, base } = this;
    const { detector } = candidate.rule;
    if (candidate.wait !== null && !final && this.goesOnWaiting(candidate.wait)) return candidate.wait.from;
    if (this.covered !== null && candidate.at < (this.covered.get(candidate.rule) ?? 0)) return -1;
    const verdict = detector.match(text, candidate.at - base, candidate.after - base, final);
    if (verdict === null) {
      if (isBroken && detector.redactsPartial) this.addPartial(candidate);
      return -1;
    }
    if (verdict.kind === 'match') return this.accept(candidate, verdict, final);
    const from = base + verdict.from;
    if (verdict.run !== null) candidate.wait = { run: verdict.run, from, limit: base + verdict.limit, seen: this.end };
    return from;
  }

  /** As `judge`, of a text that is there in full: nothing is pending. */
  private judgeWhole(rule: LiveRule<Detector>, at: number, after: number): void {
    if (this.covered !== null && at < (this.covered.get(rule) ?? 0)) return;
    const verdict = rule.detector.match(this.text, at, after, true);
    if (verdict?.kind === 'match') this.accept({ rule, at, after, tail: null, wait: null }, verdict, true);
  }

  private goesOnWaiting(wait: Wait): boolean {
    wait.seen = this.base + wait.run.runEnd(this.text, wait.seen - this.base, wait.limit - this.base);
    return wait.seen === this.end && wait.seen < wait.limit;
  }

  private accept(candidate: Candidate, { start, end, walker }: Match, final: boolean): number {
    const { base } = this;
    if (walker === null) {
      this.settler.add(candidate.rule, base + start, base + end);
      return -1;
    }
    candidate.tail = { start: base + start, from: base + end, walker, fed: base + end, span: null };
    return this.follow(candidate, candidate.tail, final);
  }

  private addPartial(candidate: Candidate): void {
    const { text, base } = this;
    const before = candidate.rule.detector.match(text, candidate.at - base, candidate.after - base, false);
    if (before?.kind === 'pending') this.settler.add(candidate.rule, base + before.from, this.end);
  }

  private follow(candidate: Candidate, tail: Tail, final: boolean): number {
    const { text, base } = this;
    let goesOn = true;
    for (let at = tail.fed - base; goesOn && at < text.length; at++) goesOn = tail.walker.next(text.charCodeAt(at));
    tail.fed = this.end;
    goesOn = goesOn && !final;
    const end = tail.from + tail.walker.accepted;
    (this.covered ??= new Map()).set(candidate.rule, end);
    if (tail.span !== null || end - tail.start > longestHeld(candidate.rule))
      return this.followLong(candidate, tail, end, goesOn);
    if (goesOn) return tail.start;
    this.settler.add(candidate.rule, tail.start, end);
    return -1;
  }

  private followLong(candidate: Candidate, tail: Tail, end: number, goesOn: boolean): number {
    if (tail.span === null) {
      tail.span = { rule: candidate.rule, start: tail.start, end, isRunning: goesOn };
      this.settler.addLong(tail.span);
    }
    tail.span.end = end;
    tail.span.isRunning = goesOn;
    return goesOn ? end : -1;
  }

  private searchCustom(index: number, final: boolean): number {
    const rule = this.context.rules.custom[index]!;
    const { text, base } = this;
    const from = this.customFrom[index]! - base;
    const reached = rule.detector.search(text, from, final, (start, end) => {
      this.settler.add(rule, base + start, base + end);
    });
    const next = Math.max(reached, final ? text.length : text.length - rule.detector.longest);
    this.customFrom[index] = base + next;
    return base + next;
  }

  /** Keeps what is undecided and what rules look at to the left of it. */
  private trim(): void {
    let keep = this.decided;
    for (const { at, tail } of this.candidates)
      keep = Math.min(keep, tail === null ? at : tail.span === null ? tail.start : tail.fed);
    if (this.openRun >= 0) keep = Math.min(keep, this.openRun);
    for (const from of this.customFrom) keep = Math.min(keep, from);
    const excess = keep - LEFT_CONTEXT - this.base;
    if (excess < TRIM_STEP) return;
    this.text = this.text.slice(excess);
    this.base += excess;
  }
}
