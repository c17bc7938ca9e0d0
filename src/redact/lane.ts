import type { TextEdit } from '../core/json-document.ts';
import type { Finding } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { ArgumentText } from './argument-text.ts';
import { TextScanner } from './text-scanner.ts';
import type { ScanContext, ScanEdit, ScanSink } from './span-settler.ts';

/** `plain`: judged as it stands; `arguments`: JSON text, judged decoded and changed so that it stays valid JSON. */
export type LaneKind = 'plain' | 'arguments';

/** One text that arrives in pieces, and what becomes of each piece. Offsets count the pieces as they came. */
export class Lane implements ScanSink {
  /** Length of all pieces so far. */
  length: Chars = 0;
  private readonly scanner: TextScanner;
  private readonly decoder: ArgumentText | null;
  private readonly onFinding: (finding: Finding) => void;
  /** Changes, in order; `pending` ones may lie in pieces that have not left. */
  private edits: ScanEdit[] = [];

  constructor(context: ScanContext, kind: LaneKind, onFinding: (finding: Finding) => void) {
    this.scanner = new TextScanner(context, this);
    this.decoder = kind === 'arguments' ? new ArgumentText() : null;
    this.onFinding = onFinding;
  }

  /** The offset before which every character is decided. */
  get decided(): number {
    const { decided } = this.scanner;
    return this.decoder === null ? decided : this.decoder.rawOffset(decided);
  }

  push(piece: string): void {
    this.length += piece.length;
    this.scanner.push(this.decoder === null ? piece : this.decoder.push(piece));
    this.decoder?.forget(Math.min(this.scanner.settled, this.edits[0]?.start ?? Infinity));
  }

  /** @param isBroken the text was cut off */
  finish(isBroken: boolean): void {
    if (this.decoder !== null) this.scanner.push(this.decoder.flush());
    this.scanner.finish(isBroken);
  }

  edit(edit: ScanEdit): void {
    if (edit.text !== null) this.edits.push(edit);
  }

  found(finding: Finding): void {
    const { decoder } = this;
    if (decoder === null) this.onFinding(finding);
    else this.onFinding({ ...finding, start: decoder.rawOffset(finding.start), end: decoder.rawOffset(finding.end) });
  }

  /** What leaves in the place of `piece`, which began at `start`; pieces leave in order, once decided. */
  rewrite(piece: string, start: number): string {
    if (this.edits.length === 0) return piece;
    const end = start + piece.length;
    let result = '';
    let from = start;
    for (const edit of this.edits) {
      const editStart = this.raw(edit.start);
      if (editStart >= end) break;
      const editEnd = this.raw(edit.end);
      if (editEnd <= start) continue;
      if (editStart >= start) result += piece.slice(from - start, editStart - start) + this.replacement(edit);
      from = Math.min(editEnd, end);
    }
    this.dropEditsBefore(end);
    return result + piece.slice(from - start);
  }

  /** All changes, once the text has been finished; for a text that is there in full. */
  changes(): TextEdit[] {
    return this.edits.map((edit) => ({
      start: this.raw(edit.start),
      end: this.raw(edit.end),
      text: this.replacement(edit),
    }));
  }

  private raw(offset: number): number {
    return this.decoder === null ? offset : this.decoder.rawOffset(offset);
  }

  /** A number in JSON text becomes a string: its replacement is no number. */
  private replacement(edit: ScanEdit): string {
    const isBare = this.decoder !== null && !this.decoder.isInsideString(edit.start);
    return isBare ? `"${edit.text}"` : edit.text!;
  }

  /** An edit that ends where the decided text ends may still grow. */
  private dropEditsBefore(end: number): void {
    const { edits, scanner } = this;
    let done = 0;
    while (done < edits.length && this.raw(edits[done]!.end) <= end && edits[done]!.end < scanner.settled) done++;
    if (done > 0) this.edits = edits.slice(done);
  }
}
