import { isUtf8 } from 'node:buffer';
import type { Bytes } from '../core/units.ts';
import { NOTHING, type BodyFilter, type Inspection } from './body-filter.ts';
import { inspectJson, PlacedLog } from './inspect-json.ts';
import { tooLarge } from './read-body.ts';

const LF = 0x0a;
const CR = 0x0d;

/** A file of documents, one a line; a line in which nothing is found leaves as the bytes that came. */
export class LinesFilter implements BodyFilter {
  readonly isRaw = false;
  private readonly inspection: Inspection;
  private readonly place: string;
  /** Of the line that has not ended. */
  private pieces: Buffer[] = [];
  private size: Bytes = 0;
  private line = 0;

  constructor(inspection: Inspection, place: string) {
    this.inspection = inspection;
    this.place = place === '' ? '' : `${place}, `;
  }

  push(chunk: Buffer): readonly Buffer[] {
    const leaving: Buffer[] = [];
    let from = 0;
    if (this.size > 0) from = this.endLine(chunk, 0, leaving);
    const end = chunk.lastIndexOf(LF) + 1;
    if (from < end && this.areClean(chunk.subarray(from, end))) {
      leaving.push(chunk.subarray(from, end));
      from = end;
    }
    while (from < end) from = this.endLine(chunk, from, leaving);
    if (from < chunk.length) this.add(chunk.subarray(from));
    return leaving;
  }

  finish(): readonly Buffer[] {
    if (this.size === 0) return NOTHING;
    const leaving: Buffer[] = [];
    this.inspectLine(leaving);
    return leaving;
  }

  /** Where the next line begins. */
  private endLine(chunk: Buffer, from: number, leaving: Buffer[]): number {
    const lineEnd = chunk.indexOf(LF, from);
    const next = lineEnd < 0 ? chunk.length : lineEnd + 1;
    this.add(chunk.subarray(from, next));
    if (lineEnd >= 0) this.inspectLine(leaving);
    return next;
  }

  /** Many lines cost no more than one: no value goes over several. */
  private areClean(lines: Buffer): boolean {
    const { redactor, direction } = this.inspection;
    if (!isUtf8(lines) || !redactor.isClean(lines.toString('utf8'), direction)) return false;
    for (let at = lines.indexOf(LF); at >= 0; at = lines.indexOf(LF, at + 1)) this.line++;
    return true;
  }

  private add(piece: Buffer): void {
    this.size += piece.length;
    if (this.size > this.inspection.maxBytes) throw tooLarge(this.inspection.maxBytes);
    this.pieces.push(piece);
  }

  private inspectLine(leaving: Buffer[]): void {
    const line = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces, this.size);
    this.pieces = [];
    this.size = 0;
    this.line++;
    const end = endOfText(line);
    const text = line.subarray(0, end);
    const inspected = end === 0 ? text : this.inspect(text);
    if (inspected === text) leaving.push(line);
    else leaving.push(inspected, line.subarray(end));
  }

  private inspect(text: Buffer): Buffer {
    const log = new PlacedLog(this.inspection.log, `${this.place}line ${this.line}`);
    return inspectJson(text, { ...this.inspection, log });
  }
}

function endOfText(line: Buffer): number {
  let end = line.length;
  if (end > 0 && line[end - 1] === LF) end--;
  if (end > 0 && line[end - 1] === CR) end--;
  return end;
}
