import { formatOf, SIGNATURE_BYTES } from '../core/media-signature.ts';
import { utf16Of } from '../core/utf16.ts';
import type { Bytes } from '../core/units.ts';
import { NOTHING, passUnread, RAW_FILTER, type BodyFilter, type Inspection } from './body-filter.ts';
import { DocumentFilter, LikelyDocumentFilter, mayBeJson } from './document-filter.ts';
import { LinesFilter } from './lines-filter.ts';
import type { MediaKind } from './media-kind.ts';
import { RecodingFilter } from './recoding-filter.ts';
import { ShortTextFilter } from './short-text-filter.ts';
import { TextFilter } from './text-filter.ts';
import { UrlencodedFilter } from './urlencoded-filter.ts';

/** Blanks before the first character are waited out, up to here. */
const MOST_BLANKS: Bytes = 64 * 1024;
/** Of a reply that says it is text: it may come in pieces, over minutes. */
const MARK_BYTES: Bytes = 4;

/**
 * Inspects a file, or a field of a form, as its bytes have it. What it says it is tells only how it is divided.
 * @param place what findings are told to stand in; empty for a whole body
 * @param isField it is text, whatever its bytes are: of a form
 */
export function fileFilter(kind: MediaKind, isField: boolean, inspection: Inspection, place: string): BodyFilter {
  return new SniffingFilter({ kind, isField, inspection, place });
}

interface File {
  readonly kind: MediaKind;
  readonly isField: boolean;
  readonly inspection: Inspection;
  readonly place: string;
}

class SniffingFilter implements BodyFilter {
  private readonly file: File;
  private readonly enough: Bytes;
  private pieces: Buffer[] = [];
  private size: Bytes = 0;
  private isBlank = true;
  private known: BodyFilter | null = null;

  constructor(file: File) {
    this.file = file;
    this.enough = isTextReply(file) ? MARK_BYTES : SIGNATURE_BYTES;
  }

  get isRaw(): boolean {
    return this.known?.isRaw === true;
  }

  push(chunk: Buffer): readonly Buffer[] {
    if (this.known !== null) return this.known.push(chunk);
    this.pieces.push(chunk);
    this.size += chunk.length;
    this.isBlank &&= !NO_BLANK.test(chunk.toString('latin1'));
    const isEnough = this.size >= this.enough && !(this.isBlank && this.size < MOST_BLANKS);
    return isEnough || this.isKnownFormat() ? this.decide() : NOTHING;
  }

  finish(isBroken: boolean): readonly Buffer[] {
    if (this.known !== null) return this.known.finish(isBroken);
    return this.size === 0 ? NOTHING : [...this.decide(), ...this.known!.finish(isBroken)];
  }

  /** Then nothing that comes can tell otherwise. */
  private isKnownFormat(): boolean {
    return !this.file.isField && this.size < SIGNATURE_BYTES && formatOf(Buffer.concat(this.pieces)) !== null;
  }

  private decide(): readonly Buffer[] {
    const bytes = Buffer.concat(this.pieces.splice(0));
    this.known = recognise(bytes, this.file);
    return this.known.push(bytes);
  }
}

const NO_BLANK = /[^\s\xef\xbb\xbf]/;

function isTextReply({ kind, inspection }: File): boolean {
  return inspection.direction === 'response' && kind === 'text';
}

/** @param bytes its first ones, or all of it */
function recognise(bytes: Buffer, file: File): BodyFilter {
  const { kind, isField, inspection, place } = file;
  const format = isField ? null : formatOf(bytes);
  if (format !== null) {
    passUnread(format, inspection);
    return RAW_FILTER;
  }
  const charset = utf16Of(bytes);
  if (charset !== null) return new RecodingFilter(charset, new SniffingFilter({ ...file, isField: true }));
  if (kind === 'jsonl') return new LinesFilter(inspection, place);
  if (kind === 'json') return new DocumentFilter(inspection, place);
  const isLikely = !isTextReply(file) && mayBeJson(bytes);
  if (isLikely) return new LikelyDocumentFilter(inspection, place);
  return kind === 'urlencoded' ? new UrlencodedFilter(inspection, place) : textFilter(inspection, place);
}

/** Replies leave as they come. */
function textFilter(inspection: Inspection, place: string): BodyFilter {
  const { direction } = inspection;
  return direction === 'response' ? new TextFilter(inspection, place) : new ShortTextFilter(inspection, place);
}
