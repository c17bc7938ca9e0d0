import type { TextEdit } from '../core/json-document.ts';
import type { Finding } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { ArgumentText } from './argument-text.ts';
import { inOrder, notHidden } from './hidden-findings.ts';
import { Reading } from './reading.ts';
import type { TextForm } from './reading.ts';
import type { ScanContext, ScanEdit } from './span-settler.ts';
import { UrlTracker } from './url-tracker.ts';

/** `plain`: judged as it stands; `arguments`: JSON text, judged decoded and changed so that it stays valid JSON. */
export type LaneKind = 'plain' | 'arguments';

/**
 * One text that arrives in pieces, and what becomes of each piece. Offsets count the pieces as they came. It is read
 * normalised, and from the first character that is taken for another one on as it is written as well: what people see as
 * one word may be written as a key and something else.
 */
export class Lane implements TextForm {
  /** Length of all pieces so far. */
  length: Chars = 0;
  private readonly context: ScanContext;
  private readonly decoder: ArgumentText | null;
  private readonly onFinding: (finding: Finding) => void;
  private readonly normalised: Reading;
  private readonly urls: UrlTracker | null;
  /** Of what is pushed first. */
  private prefix: Chars;
  private written: Reading | null = null;
  /** The first character that is no blank. */
  private first = '';
  /** Findings of what is written, until it is known whether they are findings of the other reading. */
  private doubtful: Finding[] = [];
  /** Of the findings that were told, those which a doubtful one may overlap. */
  private told: Finding[] = [];
  /** Up to here text is replaced by changes that have left. */
  private replaced = 0;
  private isFinished = false;

  /** @param prefix so many characters are judged with the text and are no part of it */
  constructor(context: ScanContext, kind: LaneKind, onFinding: (finding: Finding) => void, prefix: Chars = 0) {
    this.context = context;
    this.decoder = kind === 'arguments' ? new ArgumentText() : null;
    this.onFinding = onFinding;
    this.prefix = prefix;
    this.urls =
      context.restoration === null
        ? null
        : new UrlTracker(kind === 'arguments', context.place === 'tool_arguments', prefix);
    this.normalised = Reading.normalised(context, this, this.urls, (finding) => {
      if (this.written !== null) this.told.push(finding);
      this.tell(finding);
    });
  }

  /** The offset before which every character is decided. */
  get decided(): number {
    if (this.isFinished) return this.length;
    const { decided } = this.normalised;
    return this.rawOffset(this.written === null ? decided : Math.min(decided, this.written.decided));
  }

  isBare(start: number): boolean {
    return this.decoder !== null && !this.decoder.isInsideString(start);
  }

  get beginsJson(): boolean {
    return this.decoder === null && (this.first === '{' || this.first === '[');
  }

  push(piece: string): void {
    if (this.first === '') this.first = /\S/.exec(piece)?.[0] ?? '';
    this.length += piece.length;
    this.isFinished = false;
    this.read(this.decoder === null ? piece : this.decoder.push(piece));
    const { normalised, written } = this;
    this.decoder?.forget(Math.min(normalised.firstNeeded, written?.firstNeeded ?? Infinity));
  }

  /** @param isBroken the text was cut off */
  finish(isBroken: boolean): void {
    if (this.decoder !== null) this.read(this.decoder.flush());
    this.normalised.finish(isBroken);
    this.written?.finish(isBroken);
    this.settleDoubts(Infinity);
    this.isFinished = true;
  }

  /** What leaves in the place of `piece`, which began at `start`; pieces leave in order, once decided. */
  rewrite(piece: string, start: number): string {
    const edits = this.edits();
    if (edits.length === 0 && this.replaced <= start) return piece;
    const end = start + piece.length;
    let result = '';
    let from = start;
    for (const edit of edits) {
      from = Math.min(Math.max(from, this.replaced), end);
      if (edit.start >= end) break;
      if (edit.start >= from) result += piece.slice(from - start, edit.start - start) + edit.text;
      this.replaced = Math.max(this.replaced, edit.end);
    }
    from = Math.min(Math.max(from, this.replaced), end);
    this.normalised.dropEditsBefore(end, this.rawOffset);
    this.written?.dropEditsBefore(end, this.rawOffset);
    return result + piece.slice(from - start);
  }

  /** All changes, once the text has been finished; for a text that is there in full. */
  changes(): TextEdit[] {
    const changes: { start: number; end: number; text: string }[] = [];
    for (const { start, end, text } of this.edits()) {
      const last = changes.at(-1);
      if (last === undefined || start >= last.end) changes.push({ start, end, text });
      else last.end = Math.max(last.end, end);
    }
    return changes;
  }

  private read(piece: string): void {
    const { normalised } = this;
    this.urls?.push(this.prefix === 0 ? piece : piece.slice(this.prefix));
    this.prefix = 0;
    const { unfinished } = normalised;
    const text = normalised.normalise(piece);
    if (this.written !== null) this.written.scan(piece);
    else if (normalised.isFolded) {
      this.written = Reading.asWritten(this.context, normalised, (finding) => this.doubtful.push(finding));
      this.written.scan(unfinished + piece);
    }
    normalised.scan(text);
    if (this.written !== null) this.settleDoubts(Math.min(normalised.settled, this.written.settled));
  }

  /** Findings of what is written count where the other reading finds nothing. */
  private settleDoubts(before: number): void {
    const { doubtful, told } = this;
    const isSettled = ({ end }: Finding): boolean => end <= before;
    for (const finding of inOrder(notHidden(inOrder(told), inOrder(doubtful.filter(isSettled))))) this.tell(finding);
    this.doubtful = doubtful.filter((finding) => !isSettled(finding));
    this.told = told.filter((finding) => !isSettled(finding));
  }

  private tell(finding: Finding): void {
    this.onFinding({ ...finding, start: this.rawOffset(finding.start), end: this.rawOffset(finding.end) });
  }

  /** The changes of both readings in order; of two that overlap the first one stands, over all that either covers. */
  private edits(): TextEdit[] {
    const edits = this.normalised.edits;
    if (this.written !== null && this.written.edits.length > 0) {
      edits.push(...this.written.edits);
      edits.sort((a, b) => a.start - b.start);
    }
    return edits.map((edit) => ({
      start: this.rawOffset(edit.start),
      end: this.rawOffset(edit.end),
      text: this.replacement(edit),
    }));
  }

  /** A number in JSON text becomes a string: its replacement is no number. A restored value may need escapes. */
  private replacement(edit: ScanEdit & { readonly text: string }): string {
    if (this.decoder === null || edit.isNumber) return edit.text;
    const quoted = JSON.stringify(edit.text);
    return this.decoder.isInsideString(edit.start) ? quoted.slice(1, -1) : quoted;
  }

  private readonly rawOffset = (offset: number): number =>
    this.decoder === null ? offset : this.decoder.rawOffset(offset);
}
