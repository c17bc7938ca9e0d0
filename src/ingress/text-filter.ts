import { isUtf8 } from 'node:buffer';
import type { TextStream } from '../core/redaction.ts';
import { NOTHING, type BodyFilter, type Inspection } from './body-filter.ts';

/** Text has no such character. */
const BINARY = /[\0-\x08\x0e-\x1a\x1c-\x1f]/;

/**
 * Text of any length. `claimed` text that is not UTF-8 is told and read as if each byte were a character, which finds
 * what is written in ASCII; in a body that claims nothing it shows that the body is no text, and the rest passes.
 */
export class TextFilter implements BodyFilter {
  isRaw = false;
  private readonly inspection: Inspection;
  private readonly place: string;
  private readonly isClaimed: boolean;
  private charset: 'utf8' | 'latin1' = 'utf8';
  private text: TextStream;
  /** The first bytes of a character whose others have not come. */
  private partial: Buffer = EMPTY;
  private lineEnds = 0;
  private firstLine = 0;

  constructor(inspection: Inspection, place: string, isClaimed: boolean) {
    this.inspection = inspection;
    this.place = place;
    this.isClaimed = isClaimed;
    this.text = this.open();
  }

  push(chunk: Buffer): readonly Buffer[] {
    if (this.isRaw) return [chunk];
    const bytes = this.partial.length === 0 ? chunk : Buffer.concat([this.partial, chunk]);
    const end = this.charset === 'utf8' ? wholeCharacters(bytes) : bytes.length;
    this.partial = bytes.subarray(end);
    const whole = bytes.subarray(0, end);
    if (this.charset === 'latin1' || isText(whole)) return this.inspect(whole);
    this.partial = EMPTY;
    return this.leaveUtf8(bytes);
  }

  finish(isBroken: boolean): readonly Buffer[] {
    if (this.isRaw) return NOTHING;
    const rest = this.partial.length === 0 ? NOTHING : this.leaveUtf8(this.partial);
    this.partial = EMPTY;
    return this.isRaw ? rest : [...rest, ...this.encoded(this.text.finish(isBroken))];
  }

  private leaveUtf8(bytes: Buffer): readonly Buffer[] {
    const before = this.encoded(this.text.finish(false));
    if (!this.isClaimed) {
      this.isRaw = true;
      return [...before, bytes];
    }
    const { redactor, direction, log } = this.inspection;
    redactor.uninspected(direction, 'charset', log);
    this.charset = 'latin1';
    this.firstLine = this.lineEnds;
    this.text = this.open();
    return [...before, ...this.inspect(bytes)];
  }

  private inspect(bytes: Buffer): readonly Buffer[] {
    if (this.isClaimed) for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) this.lineEnds++;
    return this.encoded(this.text.push(bytes.toString(this.charset)));
  }

  private encoded(text: string): readonly Buffer[] {
    return text === '' ? NOTHING : [Buffer.from(text, this.charset)];
  }

  private open(): TextStream {
    const { redactor, direction, log } = this.inspection;
    const { place, firstLine } = this;
    const prefix = place === '' ? '' : `${place}, `;
    return redactor.openText(direction, log, (line) => `${prefix}line ${firstLine + line}`);
  }
}

const EMPTY = Buffer.alloc(0);
const LF = 0x0a;

/** UTF-8 without characters that no text has. */
export function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !BINARY.test(bytes.toString('latin1'));
}

/** Up to where the bytes hold no beginning of a character that is not complete. */
function wholeCharacters(bytes: Buffer): number {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back]!;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length - back : length;
  }
  return length;
}
