import type { Finding } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { LEFT_CONTEXT } from './char-set.ts';
import type { Detector, Match, Walker } from './detector.ts';
import { ROOT } from './keyword-automaton.ts';
import type { SearchResult } from './keyword-automaton.ts';
import type { LiveRule, LiveRules } from './live-rules.ts';
import { resolveOverlaps } from './overlaps.ts';
import type { Span } from './overlaps.ts';
import { isOwnToken, maskOf } from './replacement.ts';
import type { Replacements } from './replacement.ts';

/** A longer value is masked whatever the action, and its rest is dropped as it comes: memory stays bounded. */
const LONGEST_DERIVED: Chars = 16 * 1024;
/** Where the replacement does not depend on the value, there is less to wait for. */
const LONGEST_HELD: Chars = 1024;
/** Judged text is cut off the buffer in steps, so that short pieces of text do not copy it each time. */
const TRIM_STEP: Chars = 512;

/** `text[start, end)` becomes `text`; null where it stays as it is. `end` grows while an over-long value goes on. */
export interface ScanEdit {
  readonly start: number;
  end: number;
  readonly text: string | null;
}

/** What all scanners of one direction share. */
export interface ScanContext {
  readonly rules: LiveRules;
  readonly replacements: Replacements;
  readonly allowed: ReadonlySet<string>;
}

/** Told of decisions in the order of the text. */
export interface ScanSink {
  edit(edit: ScanEdit): void;
  /** @throws GatewayError to refuse the text */
  found(finding: Finding): void;
}

/** A place where a rule may match and that is not decided yet. */
interface Candidate {
  readonly rule: LiveRule<Detector>;
  readonly at: number;
  readonly after: number;
  /** Set once the match is certain and only its end is not. */
  tail: Tail | null;
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

interface LongSpan extends Span {
  isRunning: boolean;
}

function isLong(span: Span): span is LongSpan {
  return 'isRunning' in span;
}

function longestHeld({ action }: LiveRule): Chars {
  return action === 'hash' || action === 'placeholder' ? LONGEST_DERIVED : LONGEST_HELD;
}

/** An over-long value whose mask has been decided. */
interface Swallowed {
  readonly edit: ScanEdit;
  readonly span: LongSpan;
  isReported: boolean;
}

/**
 * Judges one text that arrives in pieces. Every decision depends on the text alone, never on where it was cut: a rule
 * that would look past the end is asked again when more has come, and nothing after its candidate is decided before.
 * Offsets count from the first character ever pushed.
 */
export class TextScanner {
  /** All text before this offset is decided. */
  decided = 0;
  private readonly context: ScanContext;
  private readonly sink: ScanSink;
  private text = '';
  /** Offset of `text[0]`. */
  private base = 0;
  /** Offset up to which candidates were looked for. */
  private scanned = 0;
  private state = ROOT;
  private candidates: Candidate[] = [];
  private spans: Span[] = [];
  private swallowed: Swallowed | null = null;
  /** How far the open-ended matches of a rule reach: a keyword within one begins no other. */
  private covered: Map<LiveRule, number> | null = null;
  /** Offsets from which each custom rule is searched next. */
  private readonly customFrom: number[];
  private readonly searched: SearchResult = { state: ROOT, end: -1 };

  constructor(context: ScanContext, sink: ScanSink) {
    this.context = context;
    this.sink = sink;
    this.customFrom = context.rules.custom.map(() => 0);
  }

  get end(): number {
    return this.base + this.text.length;
  }

  /** Judges a text that is there in full; instead of `push` and `finish`. */
  scanWhole(text: string): void {
    this.text = text;
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
    this.spans = [];
    this.swallowed = null;
    this.state = ROOT;
    this.scanned = Math.max(this.base, this.end - LEFT_CONTEXT);
  }

  private advance(final: boolean, isBroken: boolean): void {
    this.collectCandidates();
    let horizon = this.end;
    if (this.candidates.length > 0) horizon = this.judgeCandidates(final, isBroken);
    for (let i = 0; i < this.customFrom.length; i++) horizon = Math.min(horizon, this.searchCustom(i, final));
    if (!final) horizon = Math.min(horizon, this.openEnd());
    this.settle(horizon);
  }

  /** Where a match may have begun whose trigger is not complete. */
  private openEnd(): number {
    const { rules } = this.context;
    let open = this.end - rules.automaton.openDepth(this.state);
    for (const { tailStart } of rules.tails) open = Math.min(open, this.base + tailStart!(this.text));
    return open;
  }

  private collectCandidates(): void {
    const { rules } = this.context;
    const { text, base, searched } = this;
    const from = this.scanned - base;
    for (let at = from; at < text.length; at = searched.end) {
      rules.automaton.search(text, at, text.length, this.state, searched);
      this.state = searched.state;
      if (searched.end < 0) break;
      for (const number of rules.automaton.endingIn(searched.state)) this.addKeyword(number, base + searched.end);
    }
    if (rules.digit.length + rules.upper.length > 0) {
      for (let at = from; at < text.length; at++) {
        for (const rule of rules.triggeredAt(text, at)) this.addCandidate(rule, base + at, base + at);
      }
    }
    this.scanned = this.end;
  }

  private addKeyword(number: number, after: number): void {
    const keyword = this.context.rules.keyword(number);
    if (keyword !== null) this.addCandidate(keyword.rule, after - keyword.length, after);
  }

  private addCandidate(rule: LiveRule<Detector>, at: number, after: number): void {
    this.candidates.push({ rule, at, after, tail: null });
  }

  /** Returns the offset before which no open candidate can match. */
  private judgeCandidates(final: boolean, isBroken: boolean): number {
    let horizon = this.end;
    let kept = 0;
    for (const candidate of this.candidates) {
      const open = this.judge(candidate, final, isBroken);
      if (open < 0) continue;
      horizon = Math.min(horizon, open);
      this.candidates[kept++] = candidate;
    }
    this.candidates.length = kept;
    return horizon;
  }

  /** Where an undecided candidate's match would start; -1 where it is decided. */
  private judge(candidate: Candidate, final: boolean, isBroken: boolean): number {
    if (candidate.tail !== null) return this.follow(candidate, candidate.tail, final);
    const { text, base } = this;
    const { detector } = candidate.rule;
    if (this.covered !== null && candidate.at < (this.covered.get(candidate.rule) ?? 0)) return -1;
    const verdict = detector.match(text, candidate.at - base, candidate.after - base, final);
    if (verdict === null) {
      if (isBroken && detector.redactsPartial) this.addPartial(candidate);
      return -1;
    }
    if (verdict.kind === 'pending') return base + verdict.from;
    return this.accept(candidate, verdict, final);
  }

  private accept(candidate: Candidate, { start, end, walker }: Match, final: boolean): number {
    const { base } = this;
    if (walker === null) {
      this.addSpan(candidate.rule, base + start, base + end);
      return -1;
    }
    candidate.tail = { start: base + start, from: base + end, walker, fed: base + end, span: null };
    return this.follow(candidate, candidate.tail, final);
  }

  private addPartial(candidate: Candidate): void {
    const { text, base } = this;
    const before = candidate.rule.detector.match(text, candidate.at - base, candidate.after - base, false);
    if (before?.kind === 'pending') this.addSpan(candidate.rule, base + before.from, this.end);
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
    this.addSpan(candidate.rule, tail.start, end);
    return -1;
  }

  private followLong(candidate: Candidate, tail: Tail, end: number, goesOn: boolean): number {
    if (tail.span === null) {
      tail.span = { rule: candidate.rule, start: tail.start, end, isRunning: goesOn };
      this.spans.push(tail.span);
    }
    tail.span.end = end;
    tail.span.isRunning = goesOn;
    return goesOn ? end : -1;
  }

  private searchCustom(index: number, final: boolean): number {
    const rule = this.context.rules.custom[index]!;
    const { text, base } = this;
    let from = this.customFrom[index]! - base;
    for (;;) {
      const found = rule.detector.find(text, from, final);
      if (found === null) break;
      this.addSpan(rule, base + found.start, base + found.end);
      from = found.end;
    }
    from = Math.max(from, final ? text.length : text.length - rule.detector.longest);
    this.customFrom[index] = base + from;
    return base + from;
  }

  private addSpan(rule: LiveRule, start: number, end: number): void {
    const value = this.text.slice(start - this.base, end - this.base);
    if (this.context.allowed.has(value) || isOwnToken(value)) return;
    this.spans.push({ rule, start, end });
  }

  /** Decides all text before `horizon`: no span that is still unknown starts there. */
  private settle(horizon: number): void {
    if (this.swallowed !== null) this.swallow(this.swallowed);
    const { spans } = this;
    if (spans.length > 1) spans.sort((a, b) => a.start - b.start);
    let settled = 0;
    while (settled < spans.length) {
      const first = spans[settled]!;
      if (first.start >= horizon) break;
      if (this.isBehind(first)) settled++;
      else if (isLong(first)) {
        this.beginSwallow(first);
        settled++;
      } else {
        const next = this.clusterEnd(settled);
        if (next.end > horizon) {
          horizon = first.start;
          break;
        }
        this.emitCluster(spans.slice(settled, next.index), next.end);
        settled = next.index;
      }
    }
    if (settled > 0) spans.splice(0, settled);
    this.decided = Math.max(this.decided, horizon);
  }

  /** Drops what a swallowed value covers; a span that began in text that has left is cut. */
  private isBehind(span: Span): boolean {
    if (span.start >= this.decided) return false;
    if (this.swallowed !== null && span.start < this.swallowed.span.end) return true;
    span.start = this.decided;
    return span.start >= span.end;
  }

  /** Where the group of overlapping spans that begins at `index` ends, in the text and in the list. */
  private clusterEnd(index: number): { readonly end: number; readonly index: number } {
    const { spans } = this;
    const { start } = spans[index]!;
    let { end } = spans[index]!;
    let next = index + 1;
    for (; next < spans.length; next++) {
      const span = spans[next]!;
      if (span.start >= end) break;
      if (isLong(span)) return { end: Math.max(start, span.start), index: next };
      if (span.start - start > LONGEST_DERIVED) {
        span.start = end;
        break;
      }
      end = Math.max(end, span.end);
    }
    return { end, index: next };
  }

  private emitCluster(spans: readonly Span[], end: number): void {
    const cut = spans.map(({ rule, start, end: own }) => ({
      rule,
      start: Math.max(start, this.decided),
      end: Math.min(own, end),
    }));
    for (const span of resolveOverlaps(cut.filter((span) => span.start < span.end))) this.emit(span);
    this.decided = Math.max(this.decided, end);
  }

  private emit({ rule, start, end }: Span): void {
    this.report(rule, start, end);
    const value = this.text.slice(start - this.base, end - this.base);
    const { detector, action } = rule;
    const text = action === 'report' ? null : this.context.replacements.of(detector, action, detector.canonical(value));
    this.sink.edit({ start, end, text });
  }

  private report({ detector, action }: LiveRule, start: number, end: number): void {
    this.sink.found({ rule: detector.id, category: detector.category, action, start, end });
  }

  private beginSwallow(span: LongSpan): void {
    const { rule } = span;
    const start = Math.max(span.start, this.decided);
    if (rule.action === 'block') this.report(rule, start, span.end);
    const edit: ScanEdit = { start, end: span.end, text: rule.action === 'report' ? null : maskOf(rule.detector) };
    this.sink.edit(edit);
    this.swallowed = { edit, span, isReported: false };
    this.swallow(this.swallowed);
  }

  private swallow(swallowed: Swallowed): void {
    const { edit, span } = swallowed;
    edit.end = span.end;
    this.decided = Math.max(this.decided, span.end);
    if (span.isRunning || swallowed.isReported) return;
    swallowed.isReported = true;
    this.report(span.rule, edit.start, edit.end);
  }

  /** Keeps what is undecided and what rules look at to the left of it. */
  private trim(): void {
    let keep = this.decided;
    for (const { at, tail } of this.candidates)
      keep = Math.min(keep, tail === null ? at : tail.span === null ? tail.start : tail.fed);
    for (const from of this.customFrom) keep = Math.min(keep, from);
    const excess = keep - LEFT_CONTEXT - this.base;
    if (excess < TRIM_STEP) return;
    this.text = this.text.slice(excess);
    this.base += excess;
  }
}
