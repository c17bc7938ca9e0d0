import type { Bytes } from '../core/units.ts';
import { NOTHING, type BodyFilter, type Inspection } from './body-filter.ts';
import { inspectJson, PlacedLog, tryParse } from './inspect-json.ts';
import { LinesFilter } from './lines-filter.ts';
import { tooLarge } from './read-body.ts';
import { TextFilter } from './text-filter.ts';

/** What says that it is a document is one; or, as such files are often named, one a line. */
export class DocumentFilter implements BodyFilter {
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
    if (!isLines(bytes)) return [inspectWhole(bytes, inspection, place)];
    const lines = new LinesFilter(inspection, place);
    return [...lines.push(bytes), ...lines.finish()];
  }
}

/**
 * What begins as JSON does and says something else, or nothing: documents line by line where the first two lines show it,
 * else one document, if it is one when it is there in full. Anything else is text.
 */
export class LikelyDocumentFilter implements BodyFilter {
  readonly isRaw = false;
  private readonly inspection: Inspection;
  private readonly place: string;
  private pieces: Buffer[] = [];
  private size: Bytes = 0;
  /** The first line has ended. */
  private hasLine = false;
  /** By two lines it may be one document. */
  private isLikely = false;
  private known: BodyFilter | null = null;

  constructor(inspection: Inspection, place: string) {
    this.inspection = inspection;
    this.place = place;
  }

  push(chunk: Buffer): readonly Buffer[] {
    if (this.known !== null) return this.known.push(chunk);
    const isSecond = !this.isLikely && this.hasSecondLine(chunk);
    this.pieces.push(chunk);
    this.size += chunk.length;
    if (this.size > this.inspection.maxBytes) return this.give(this.tooLong());
    if (!isSecond) return NOTHING;
    const known = this.byLines(Buffer.concat(this.pieces));
    this.isLikely = known === null;
    return known === null ? NOTHING : this.give(known);
  }

  finish(isBroken: boolean): readonly Buffer[] {
    const { inspection, place } = this;
    if (this.known !== null) return this.known.finish(isBroken);
    const bytes = Buffer.concat(this.pieces);
    if (tryParse(bytes.toString('utf8')) !== null) return [inspectWhole(bytes, inspection, place)];
    return [...this.give(new TextFilter(inspection, place)), ...this.known!.finish(isBroken)];
  }

  /** More of it has come than blanks. */
  private hasSecondLine(chunk: Buffer): boolean {
    let from = 0;
    if (!this.hasLine) {
      const begin = this.size === 0 ? chunk.toString('latin1').search(/[{[]/) : 0;
      const end = chunk.indexOf(LF, begin);
      if (end < 0) return false;
      this.hasLine = true;
      from = end;
    }
    return /\S/.test(chunk.toString('latin1', from));
  }

  private byLines(bytes: Buffer): BodyFilter | null {
    const [first, second] = firstLines(bytes);
    if (tryParse(first) === null) return mayBeginDocument(first) ? null : new TextFilter(this.inspection, this.place);
    const isDocument = /^\s*[{[]/.test(second);
    return isDocument ? new LinesFilter(this.inspection, this.place) : new TextFilter(this.inspection, this.place);
  }

  /** No document of this length is read: nobody knows what its escapes hide. */
  private tooLong(): BodyFilter {
    const { redactor, direction, log } = this.inspection;
    redactor.uninspected(direction, 'invalid_json', log);
    return new TextFilter(this.inspection, this.place);
  }

  private give(known: BodyFilter): readonly Buffer[] {
    this.known = known;
    return known.push(Buffer.concat(this.pieces.splice(0)));
  }
}

/** Bytes that begin like this are read as JSON if they are JSON. */
export function mayBeJson(bytes: Buffer): boolean {
  return /^\uFEFF?\s*(?:\{\s*(?:["}]|$)|\[\s*(?:["{[\]\d-]|true|false|null|$))/.test(bytes.toString('utf8'));
}

const LF = 0x0a;
const SCALAR = /\s*(?:"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)\s*/y;
const SIGNS = /[\s{}[\],:]+/y;

/** Scalars, apart from each other: `[2026-11-21] started` has others. */
function mayBeginDocument(line: string): boolean {
  for (let at = line.startsWith('\uFEFF') ? 1 : 0; at < line.length;) {
    SIGNS.lastIndex = at;
    if (!SIGNS.test(line)) return false;
    at = SIGNS.lastIndex;
    SCALAR.lastIndex = at;
    if (SCALAR.test(line)) at = SCALAR.lastIndex;
  }
  return true;
}

function inspectWhole(bytes: Buffer, inspection: Inspection, place: string): Buffer {
  return inspectJson(bytes, place === '' ? inspection : { ...inspection, log: new PlacedLog(inspection.log, place) });
}

function isLines(bytes: Buffer): boolean {
  const end = bytes.indexOf(LF);
  if (end < 0 || end >= bytes.length - 2 || tryParse(firstLines(bytes)[0]) === null) return false;
  return tryParse(bytes.toString('utf8')) === null;
}

function firstLines(bytes: Buffer): [string, string] {
  const begin = Math.max(0, bytes.toString('latin1').search(/\S/));
  const end = bytes.indexOf(LF, begin);
  return end < 0 ? [bytes.toString('utf8'), ''] : [bytes.toString('utf8', begin, end), bytes.toString('utf8', end + 1)];
}
