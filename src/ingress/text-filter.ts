import { isUtf8 } from 'node:buffer';
import { decodeLoose, encodeLoose, wholeCharacters } from '../core/loose-utf8.ts';
import type { TextStream } from '../core/redaction.ts';
import { NOTHING, type BodyFilter, type Inspection } from './body-filter.ts';

/** Text of any length. What is not UTF-8 in it is told once: all that is written in ASCII is found there, too. */
export class TextFilter implements BodyFilter {
  readonly isRaw = false;
  private readonly inspection: Inspection;
  private readonly text: TextStream;
  /** The first bytes of a character whose others have not come. */
  private partial: Buffer = EMPTY;
  private isTold = false;

  constructor(inspection: Inspection, place: string) {
    const { redactor, direction, log } = inspection;
    const prefix = place === '' ? '' : `${place}, `;
    this.inspection = inspection;
    this.text = redactor.openText(direction, log, (line) => `${prefix}line ${line}`);
  }

  push(chunk: Buffer): readonly Buffer[] {
    const bytes = this.partial.length === 0 ? chunk : Buffer.concat([this.partial, chunk]);
    const end = wholeCharacters(bytes);
    this.partial = bytes.subarray(end);
    return this.inspect(bytes.subarray(0, end));
  }

  finish(isBroken: boolean): readonly Buffer[] {
    const rest = this.partial.length === 0 ? NOTHING : this.inspect(this.partial);
    this.partial = EMPTY;
    return [...rest, ...encoded(this.text.finish(isBroken))];
  }

  private inspect(bytes: Buffer): readonly Buffer[] {
    if (!this.isTold && !isText(bytes)) {
      this.isTold = true;
      const { redactor, direction, log } = this.inspection;
      redactor.uninspected(direction, 'charset', log);
    }
    return encoded(this.text.push(decodeLoose(bytes)));
  }
}

const EMPTY = Buffer.alloc(0);

function encoded(text: string): readonly Buffer[] {
  return text === '' ? NOTHING : [encodeLoose(text)];
}

/** UTF-8. Text has no NUL: where one is, it may be of any set of characters. */
export function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
