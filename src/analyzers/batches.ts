import type { ExternalSpan } from '../core/external-detector.ts';
import type { Chars } from '../core/units.ts';

/** A paragraph ends here, so that what stands in one text is not read as part of the next. */
const SEPARATOR = '\n\n';

/** Texts that one call asks about. */
export class Batch {
  readonly texts: string[] = [];
  readonly text: string;
  private readonly starts: Chars[] = [];

  private constructor(texts: readonly string[]) {
    let at = 0;
    for (const text of texts) {
      this.texts.push(text);
      this.starts.push(at);
      at += text.length + SEPARATOR.length;
    }
    this.text = texts.join(SEPARATOR);
  }

  /** As few as there can be in the order of the texts. @param longest none of the texts is longer */
  static of(texts: readonly string[], longest: Chars): Batch[] {
    const batches: Batch[] = [];
    let group: string[] = [];
    let length = 0;
    for (const text of texts) {
      if (group.length > 0 && length + text.length > longest) {
        batches.push(new Batch(group));
        group = [];
        length = 0;
      }
      group.push(text);
      length += text.length + SEPARATOR.length;
    }
    if (group.length > 0) batches.push(new Batch(group));
    return batches;
  }

  /** Of each text its own spans; one that goes over several texts is one in each of them. */
  split(spans: readonly ExternalSpan[]): ExternalSpan[][] {
    const found: ExternalSpan[][] = this.texts.map(() => []);
    for (const span of spans)
      for (let index = this.indexAt(span.start); index < this.texts.length; index++) {
        const shift = this.starts[index]!;
        if (shift >= span.end) break;
        const start = Math.max(span.start - shift, 0);
        const end = Math.min(span.end - shift, this.texts[index]!.length);
        if (start < end) found[index]!.push({ ...span, start, end });
      }
    return found;
  }

  /** Of the last text that begins at or before the place. */
  private indexAt(place: Chars): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
