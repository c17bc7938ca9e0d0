import type { Finding } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { EDGE_CODE, LEFT_CONTEXT } from './char-set.ts';
import { changesText } from './live-rules.ts';
import type { LiveRule, LiveRules } from './live-rules.ts';
import { resolveOverlaps } from './overlaps.ts';
import type { Span } from './overlaps.ts';
import { asBareNumber, isOwnToken, maskOf } from './replacement.ts';
import type { Replacements } from './replacement.ts';
import type { ReplyPlace, Restoration } from './restoration.ts';
import type { PlaceInUrl } from './url-tracker.ts';
import { LONGEST_URL_REST } from './urls.ts';
import type { Vault } from './vault.ts';

/** A longer value is masked whatever the action, and its rest is dropped as it comes: memory stays bounded. */
const LONGEST_DERIVED: Chars = 16 * 1024;
/** Where the replacement does not depend on the value, there is less to wait for. */
const LONGEST_HELD: Chars = 1024;

/** `text[start, end)` becomes `text`; null where it stays as it is. `end` grows while an over-long value goes on. */
export interface ScanEdit {
  readonly start: number;
  end: number;
  readonly text: string | null;
  /** It is a number of JSON text and stands there without quotes. */
  readonly isNumber: boolean;
}

const DIGITS = /^[0-9]+$/;
/** The end of a member's name, and what may stand before its value. */
const MEMBER = /[^\\]"\s*:\s*$/;
const LONGEST_NAME_END: Chars = 32;

/** What all scanners of one direction share. */
export interface ScanContext {
  readonly rules: LiveRules;
  readonly replacements: Replacements;
  readonly allowed: ReadonlySet<string>;
  /** Only rules count whose prefix leaves no doubt: the text is an id or seal that other rules may take for a value. */
  readonly onlyCertain: boolean;
  /** Takes the values behind placeholders; null: nobody wants them back. */
  readonly vault: Vault | null;
  /** Of replies to requests with placeholders; null: none is given its value back. */
  readonly restoration: Restoration | null;
  /** Where in the reply the text stands. */
  readonly place: ReplyPlace;
  /** How many times what is judged was decoded. */
  readonly decoded: number;
  /** What cannot be inspected is refused. */
  readonly failsClosed: boolean;
}

/** The context of one body or stream, which remembers replacements that it has made. */
export function forOneText(context: ScanContext): ScanContext {
  return { ...context, replacements: context.replacements.remembering() };
}

/** Of text that stands there in a reply. */
export function placed(context: ScanContext, place: ReplyPlace): ScanContext {
  return context.restoration === null || context.place === place ? context : { ...context, place };
}

/** Told of decisions in the order of the text. */
export interface ScanSink {
  edit(edit: ScanEdit): void;
  /** @throws GatewayError to refuse the text */
  found(finding: Finding): void;
  /** The range was written as it is judged; absent where all is. */
  isVerbatim?(start: number, end: number): boolean;
  /** In JSON text that is judged decoded: it stands outside of strings. */
  isBare?(start: number): boolean;
  /** The text is judged as it stands and begins as JSON does. */
  readonly beginsJson?: boolean;
  /** What the placeholder stands in that begins at `start`; absent or null where nobody knows. */
  placeInUrl?(start: number): PlaceInUrl | null;
  /** What was written there, if that is another text than the one that is judged and is still known. */
  original?(start: number, end: number): string | null;
}

/** A value that has outgrown what is held. */
export interface LongSpan extends Span {
  isRunning: boolean;
}

/** An over-long value whose mask has been decided. */
interface Swallowed {
  readonly edit: ScanEdit;
  readonly span: LongSpan;
  isReported: boolean;
}

function isLong(span: Span): span is LongSpan {
  return 'isRunning' in span;
}

/** How long a match of the rule may become before it is masked without waiting for its end. */
export function longestHeld({ action }: LiveRule): Chars {
  return action === 'hash' || action === 'placeholder' ? LONGEST_DERIVED : LONGEST_HELD;
}

/** Turns the matches in a text into edits and findings, in order, as soon as no earlier match can come any more. */
export class SpanSettler {
  /** All text before this offset is decided. */
  decided = 0;
  private readonly context: ScanContext;
  private readonly sink: ScanSink;
  private readonly valueOf: (start: number, end: number) => string;
  private spans: Span[] = [];
  private swallowed: Swallowed | null = null;

  constructor(context: ScanContext, sink: ScanSink, valueOf: (start: number, end: number) => string) {
    this.context = context;
    this.sink = sink;
    this.valueOf = valueOf;
  }

  add(rule: LiveRule, start: number, end: number): void {
    if (!this.counts(rule)) return;
    const value = this.valueOf(start, end);
    if (rule.action === 'restore') this.addRestored(rule, start, end, value);
    else if (!this.isAllowed(value) && !isOwnToken(value)) this.spans.push({ rule, start, end });
  }

  /** A value that is asked for in a set is read in full: no set has none. */
  private isAllowed(value: string): boolean {
    const { allowed } = this.context;
    return allowed.size > 0 && allowed.has(value);
  }

  /** @param found the placeholder, between the quotes of JSON text where it is a whole string */
  private addRestored(rule: LiveRule, from: number, to: number, found: string): void {
    const { restoration, place } = this.context;
    const quote = found.charCodeAt(0) === EDGE_CODE ? 1 : 0;
    const start = from + quote;
    const end = to - quote;
    if (restoration === null || this.sink.isVerbatim?.(start, end) === false) return;
    const around = {
      before: this.valueOf(Math.max(0, start - LEFT_CONTEXT), start),
      behind: this.valueOf(end, end + LONGEST_URL_REST),
    };
    const placeholder = found.slice(quote, found.length - quote);
    const restored = restoration.valueOf(placeholder, place, around, this.sink.placeInUrl?.(start) ?? null);
    if (restored === null) return;
    const isWhole = quote === 1 || this.sink.isBare?.(start) === true;
    const isNumber = isWhole && place === 'tool_arguments' && restoration.isNumber(placeholder);
    this.spans.push(isNumber ? { rule, start: from, end: to, restored, isNumber } : { rule, start, end, restored });
  }

  /** Where the first change begins that is not decided yet. */
  get firstChange(): number {
    let first = Infinity;
    for (const { rule, start } of this.spans) if (start < first && changesText(rule)) first = start;
    return first;
  }

  addLong(span: LongSpan): void {
    if (this.counts(span.rule)) this.spans.push(span);
  }

  private counts({ detector }: LiveRule): boolean {
    // What only looks like a secret does so in most of what is decoded.
    if (this.context.decoded > 0 && detector.category === 'generic_secrets') return false;
    return !this.context.onlyCertain || detector.redactsPartial || detector.category === 'ibans';
  }

  /** After the end of the text has been settled. */
  reset(): void {
    this.spans = [];
    this.swallowed = null;
  }

  /** Decides all text before `horizon`: no span that is still unknown starts there. */
  settle(horizon: number): void {
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
        if (next.index === settled + 1) this.emitAlone(first);
        else this.emitCluster(spans.slice(settled, next.index), next.end);
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

  private emitAlone(span: Span): void {
    span.start = Math.max(span.start, this.decided);
    if (span.start < span.end) this.emit(span);
    this.decided = Math.max(this.decided, span.end);
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

  private emit(span: Span): void {
    const { rule, start, end, restored, isNumber = false } = span;
    const value = this.valueOf(start, end);
    const canonical = rule.detector.canonical(value);
    this.report(rule, start, end, canonical);
    if (rule.action === 'report') this.sink.edit({ start, end, text: null, isNumber });
    else if (restored !== undefined) this.sink.edit({ start, end, text: restored, isNumber });
    else this.sink.edit(this.replacementOf(rule, start, end, value, canonical));
  }

  private replacementOf(rule: LiveRule, start: number, end: number, value: string, canonical: string): ScanEdit {
    const { replacements, vault } = this.context;
    const { detector, action } = rule;
    if (action === 'restore') return { start, end, text: value, isNumber: false };
    const isBare = this.isNumber(value, start);
    // What stands behind a sign can be nothing but a number.
    if (isBare && this.valueOf(start - 1, start) === '-') return { start, end, text: '0', isNumber: true };
    const written = this.sink.original?.(start, end) ?? value;
    const spelling = isBare ? asBareNumber(written) : written;
    const text = replacements.of(detector, action, canonical, spelling);
    if (action === 'placeholder')
      vault?.issue(text, { value: written, isNumber: isBare, rule: detector.id, category: detector.category });
    // Who judges decoded text writes the quotes; here they would be missing.
    const isQuoted = isBare && this.sink.isBare?.(start) !== true;
    return { start, end, text: isQuoted ? `"${text}"` : text, isNumber: false };
  }

  /** Its own value: what replaces it would not be JSON without quotes. */
  private isNumber(value: string, start: number): boolean {
    const { sink } = this;
    if (sink.isBare?.(start) !== true && sink.beginsJson !== true) return false;
    if (!DIGITS.test(value)) return false;
    return sink.isBare?.(start) === true || MEMBER.test(this.valueOf(Math.max(0, start - LONGEST_NAME_END), start));
  }

  /** @param canonical the value; null where it is too long to be held */
  private report({ detector, action }: LiveRule, start: number, end: number, canonical: string | null): void {
    if (action === 'restore') return;
    const finding = { rule: detector.id, category: detector.category, action, start, end };
    if (canonical === null) this.sink.found(finding);
    else {
      const hash = this.context.replacements.fingerprint(detector, canonical);
      this.sink.found({ ...finding, hash });
    }
  }

  private beginSwallow(span: LongSpan): void {
    const { rule } = span;
    const start = Math.max(span.start, this.decided);
    if (rule.action === 'block') this.report(rule, start, span.end, null);
    const text = rule.action === 'report' ? null : maskOf(rule.detector);
    const edit: ScanEdit = { start, end: span.end, text, isNumber: false };
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
    this.report(span.rule, edit.start, edit.end, null);
  }
}
