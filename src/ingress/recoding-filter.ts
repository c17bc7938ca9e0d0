import { wholeCharacters } from '../core/loose-utf8.ts';
import { fromUtf8, toUtf8, type Utf16 } from '../core/utf16.ts';
import { NOTHING, type BodyFilter } from './body-filter.ts';

/** Text in UTF-16 through a filter for UTF-8, and back. */
export class RecodingFilter implements BodyFilter {
  readonly isRaw = false;
  private readonly charset: Utf16;
  private readonly inner: BodyFilter;
  /** Half of a unit, or a unit whose other half has not come. */
  private came: Buffer = EMPTY;
  private leaving: Buffer = EMPTY;

  constructor(charset: Utf16, inner: BodyFilter) {
    this.charset = charset;
    this.inner = inner;
  }

  push(chunk: Buffer): readonly Buffer[] {
    const bytes = Buffer.concat([this.came, chunk]);
    const end = wholeUnits(bytes, this.charset);
    this.came = bytes.subarray(end);
    if (end === 0) return NOTHING;
    return this.recoded(this.inner.push(toUtf8(bytes.subarray(0, end), this.charset)), false);
  }

  finish(isBroken: boolean): readonly Buffer[] {
    const end = this.came.length & ~1;
    const last = end === 0 ? NOTHING : this.inner.push(toUtf8(this.came.subarray(0, end), this.charset));
    const rest = this.recoded([...last, ...this.inner.finish(isBroken)], true);
    return end === this.came.length ? rest : [...rest, this.came.subarray(end)];
  }

  private recoded(pieces: readonly Buffer[], isLast: boolean): readonly Buffer[] {
    const bytes = Buffer.concat([this.leaving, ...pieces]);
    const end = isLast ? bytes.length : wholeCharacters(bytes);
    this.leaving = bytes.subarray(end);
    return end === 0 ? NOTHING : [fromUtf8(bytes.subarray(0, end), this.charset)];
  }
}

const EMPTY = Buffer.alloc(0);

function wholeUnits(bytes: Buffer, charset: Utf16): number {
  const end = bytes.length & ~1;
  if (end === 0) return 0;
  const last = charset === 'utf16le' ? bytes.readUInt16LE(end - 2) : bytes.readUInt16BE(end - 2);
  return last >= 0xd800 && last <= 0xdbff ? end - 2 : end;
}
