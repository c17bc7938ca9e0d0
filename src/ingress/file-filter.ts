import type { Bytes } from '../core/units.ts';
import { NOTHING, RAW_FILTER, type BodyFilter, type Inspection } from './body-filter.ts';
import { inspectJson, PlacedLog, tryParse } from './inspect-json.ts';
import { LinesFilter } from './lines-filter.ts';
import type { MediaKind } from './media-kind.ts';
import { tooLarge } from './read-body.ts';
import { ShortTextFilter } from './short-text-filter.ts';
import { TextFilter } from './text-filter.ts';
import { UrlencodedFilter } from './urlencoded-filter.ts';

/**
 * Inspects a file, or a field of a form.
 * @param place what findings are told to stand in; empty for a whole body
 * @param isField of a form: it is text, whatever its bytes are
 */
export function fileFilter(kind: MediaKind, isField: boolean, inspection: Inspection, place: string): BodyFilter {
  if (kind === 'json') return new DocumentFilter(inspection, place);
  if (kind === 'jsonl') return new LinesFilter(inspection, place);
  if (kind === 'media') return RAW_FILTER;
  if (kind === 'urlencoded') return new UrlencodedFilter(inspection, place);
  if (kind === 'unknown') return new UnknownFilter(inspection, place, isField);
  return textFilter(inspection, place, true);
}

/** Replies leave as they come. */
function textFilter(inspection: Inspection, place: string, isClaimed: boolean): BodyFilter {
  if (inspection.direction === 'response') return new TextFilter(inspection, place, isClaimed);
  return new ShortTextFilter(inspection, place, isClaimed);
}

/** One document; or, as such files are often named, one a line. */
class DocumentFilter implements BodyFilter {
  readonly isRaw = false;
  private readonly inspection: Inspection;
  private readonly place: string;
  private readonly pieces: Buffer[] = [];
  private size: Bytes = 0;

  constructor(inspection: Inspection, place: string) {
    this.inspection = inspection;
    this.place = place;
  }

  push(chunk: Buffer): readonly Buffer[] {
    const { maxBytes } = this.inspection;
    this.size += chunk.length;
    if (this.size > maxBytes) throw tooLarge(maxBytes);
    this.pieces.push(chunk);
    return NOTHING;
  }

  finish(): readonly Buffer[] {
    const bytes = Buffer.concat(this.pieces, this.size);
    const { inspection, place } = this;
    const log = place === '' ? inspection.log : new PlacedLog(inspection.log, place);
    if (!isLines(bytes)) return [inspectJson(bytes, { ...inspection, log })];
    const lines = new LinesFilter(inspection, place);
    return [...lines.push(bytes), ...lines.finish()];
  }
}

/** Told by its first bytes: text, documents line by line, or neither. */
class UnknownFilter implements BodyFilter {
  private readonly inspection: Inspection;
  private readonly place: string;
  private readonly isField: boolean;
  private pieces: Buffer[] = [];
  private size: Bytes = 0;
  private known: BodyFilter | null = null;

  constructor(inspection: Inspection, place: string, isField: boolean) {
    this.inspection = inspection;
    this.place = place;
    this.isField = isField;
  }

  get isRaw(): boolean {
    return this.known?.isRaw === true;
  }

  push(chunk: Buffer): readonly Buffer[] {
    if (this.known !== null) return this.known.push(chunk);
    this.pieces.push(chunk);
    this.size += chunk.length;
    const isTooLong = this.size > this.inspection.maxBytes;
    const first = this.pieces[0]!;
    // Only what may be JSON is waited for, up to the end of its first line.
    if (mayBeJson(first) && !chunk.includes(LF) && !isTooLong && !chunk.includes(0)) return NOTHING;
    return this.decide().push(Buffer.concat(this.pieces.splice(0)));
  }

  finish(isBroken: boolean): readonly Buffer[] {
    if (this.known !== null) return this.known.finish(isBroken);
    if (this.size === 0) return NOTHING;
    const known = this.decide();
    return [...known.push(Buffer.concat(this.pieces.splice(0))), ...known.finish(isBroken)];
  }

  private decide(): BodyFilter {
    return (this.known = this.recognise(Buffer.concat(this.pieces)));
  }

  private recognise(bytes: Buffer): BodyFilter {
    const { inspection, place, isField } = this;
    if (!isField && bytes.subarray(0, PDF.length).equals(PDF)) return RAW_FILTER;
    const isJson = mayBeJson(bytes) && tryParse(firstLine(bytes)) !== null;
    return isJson ? new LinesFilter(inspection, place) : textFilter(inspection, place, isField);
  }
}

const LF = 0x0a;
/** Its head is text. */
const PDF = Buffer.from('%PDF-');

function mayBeJson(bytes: Buffer): boolean {
  return /^\uFEFF?\s*[{[]/.test(bytes.subarray(0, 16).toString('utf8'));
}

function firstLine(bytes: Buffer): string {
  const end = bytes.indexOf(LF);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

function isLines(bytes: Buffer): boolean {
  const end = bytes.indexOf(LF);
  if (end < 0 || end >= bytes.length - 2 || tryParse(firstLine(bytes)) === null) return false;
  return tryParse(bytes.toString('utf8')) === null;
}
