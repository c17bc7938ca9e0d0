import type { Finding } from '../core/redaction.ts';
import { NormalisedText } from './normalised-text.ts';
import type { ScanContext, ScanEdit, ScanSink } from './span-settler.ts';
import { TextScanner } from './text-scanner.ts';
import type { PlaceInUrl, UrlTracker } from './url-tracker.ts';

/** What is known of the text that is read, by offsets in what was pushed; see ScanSink. */
export interface TextForm {
  isBare(start: number): boolean;
  readonly beginsJson: boolean;
}

/**
 * One way of reading a text that arrives in pieces: normalised, as people see it, or as it is written. All offsets that
 * it takes and gives count what was pushed.
 */
export class Reading implements ScanSink {
  private readonly normaliser: NormalisedText | null;
  private readonly scanner: TextScanner;
  private readonly urls: UrlTracker | null;
  private readonly onFinding: (finding: Finding) => void;
  private readonly form: TextForm;
  /** What begins before has been judged by the other reading. */
  private readonly from: number;
  /** Changes, in order; the last one may still grow. */
  private kept: ScanEdit[] = [];

  private constructor(
    context: ScanContext,
    other: Reading | null,
    form: TextForm,
    urls: UrlTracker | null,
    onFinding: (finding: Finding) => void,
  ) {
    this.form = form;
    this.urls = urls;
    this.normaliser = other === null ? new NormalisedText(context.vault !== null) : null;
    this.from = other?.settled ?? 0;
    this.onFinding = onFinding;
    this.scanner = new TextScanner(context, this, other?.scanner);
  }

  /** @param urls is ahead of what is scanned; null where no placeholder is to be restored */
  static normalised(
    context: ScanContext,
    form: TextForm,
    urls: UrlTracker | null,
    onFinding: (finding: Finding) => void,
  ): Reading {
    return new Reading(context, null, form, urls, onFinding);
  }

  /**
   * Placeholders are left to the other reading, which knows how they were written.
   * @param other has read the text so far, and nothing in it differed: goes on where that one has decided nothing yet
   */
  static asWritten(context: ScanContext, other: Reading, onFinding: (finding: Finding) => void): Reading {
    return new Reading({ ...context, restoration: null }, other, other.form, null, onFinding);
  }

  /** Some character was taken for another one. */
  get isFolded(): boolean {
    return this.normaliser?.isFolded ?? false;
  }

  /** Half a character that is not judged yet. */
  get unfinished(): string {
    return this.normaliser?.unfinished ?? '';
  }

  /** What stands before this offset is decided, findings that are only reported included. */
  get settled(): number {
    return this.toEnd(this.scanner.settled);
  }

  /** All changes before this offset are known. Invisible characters behind it may yet be inside a value. */
  get decided(): number {
    return this.toEnd(this.scanner.decided);
  }

  /** Offsets before this one are not asked for again. */
  get firstNeeded(): number {
    return Math.min(this.settled, this.kept.length === 0 ? Infinity : this.toStart(this.kept[0]!.start));
  }

  get edits(): (ScanEdit & { readonly text: string })[] {
    return this.kept.map(({ start, end, text, isNumber }) => ({
      start: this.toStart(start),
      end: this.toEnd(end),
      text: text!,
      isNumber,
    }));
  }

  normalise(piece: string): string {
    return this.normaliser === null ? piece : this.normaliser.push(piece);
  }

  /** @param text as `normalise` gave it */
  scan(text: string): void {
    this.scanner.push(text);
    this.urls?.forget(this.firstNeeded);
    this.normaliser?.forget(Math.min(this.scanner.settled, this.kept[0]?.start ?? Infinity));
  }

  /** @param isBroken the text was cut off */
  finish(isBroken: boolean): void {
    if (this.normaliser !== null) this.scanner.push(this.normaliser.flush());
    this.scanner.finish(isBroken);
  }

  /** Drops what ends before `offset`, except an edit that may still grow. */
  dropEditsBefore(offset: number, toOffset: (pushed: number) => number): void {
    const { kept } = this;
    const { settled } = this.scanner;
    const isDone = ({ end }: ScanEdit): boolean => end < settled && toOffset(this.toEnd(end)) <= offset;
    let done = 0;
    while (done < kept.length && isDone(kept[done]!)) done++;
    if (done > 0) this.kept = kept.slice(done);
  }

  edit(edit: ScanEdit): void {
    if (edit.text !== null && edit.start >= this.from) this.kept.push(edit);
  }

  found(finding: Finding): void {
    if (finding.start < this.from) return;
    this.onFinding({ ...finding, start: this.toStart(finding.start), end: this.toEnd(finding.end) });
  }

  isBare(start: number): boolean {
    return this.form.isBare(this.toStart(start));
  }

  get beginsJson(): boolean {
    return this.form.beginsJson;
  }

  isVerbatim(start: number, end: number): boolean {
    return this.normaliser === null || this.normaliser.isVerbatim(start, end);
  }

  placeInUrl(start: number): PlaceInUrl | null {
    return this.urls?.placeOf(this.toStart(start)) ?? null;
  }

  original(start: number, end: number): string | null {
    return this.normaliser?.original(start, end) ?? null;
  }

  private toStart(offset: number): number {
    return this.normaliser === null ? offset : this.normaliser.rawStart(offset);
  }

  private toEnd(offset: number): number {
    return this.normaliser === null ? offset : this.normaliser.rawEnd(offset);
  }
}
