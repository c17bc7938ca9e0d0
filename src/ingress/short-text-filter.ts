import type { Direction, Finding, RedactionLog } from '../core/redaction.ts';
import type { Bytes } from '../core/units.ts';
import { NOTHING, type BodyFilter, type Inspection } from './body-filter.ts';
import { PlacedLog } from './inspect-json.ts';
import { RelayedLog } from './relayed-log.ts';
import { isText, TextFilter } from './text-filter.ts';

/** A longer text is judged on its way, as it is written. */
const MOST_WHOLE: Bytes = 256 * 1024;

/** Text of a request. All of a short one is there before any of it leaves, so that what is encoded in it is found, too. */
export class ShortTextFilter implements BodyFilter {
  readonly isRaw = false;
  private readonly inspection: Inspection;
  private readonly place: string;
  private pieces: Buffer[] = [];
  private size: Bytes = 0;
  private long: TextFilter | null = null;

  constructor(inspection: Inspection, place: string) {
    this.inspection = inspection;
    this.place = place;
  }

  push(chunk: Buffer): readonly Buffer[] {
    if (this.long !== null) return this.long.push(chunk);
    this.size += chunk.length;
    this.pieces.push(chunk);
    return this.size <= MOST_WHOLE && !chunk.includes(0) ? NOTHING : this.giveUp();
  }

  finish(isBroken: boolean): readonly Buffer[] {
    if (this.long !== null) return this.long.finish(isBroken);
    const bytes = Buffer.concat(this.pieces, this.size);
    if (isBroken || !isText(bytes)) return [...this.giveUp(), ...this.long!.finish(isBroken)];
    const { redactor, direction, log } = this.inspection;
    const text = bytes.toString('utf8');
    const lines = new LineLog(log, text, this.place === '' ? '' : `${this.place}, `);
    const clean = redactor.redactPlain(text, direction, lines, '');
    return clean === text ? this.pieces : [Buffer.from(clean, 'utf8')];
  }

  private giveUp(): readonly Buffer[] {
    this.long = new TextFilter(this.inspection, this.place);
    return this.long.push(Buffer.concat(this.pieces.splice(0), this.size));
  }
}

/** Tells findings by the line in which they begin. */
class LineLog extends RelayedLog {
  private readonly text: string;
  private readonly prefix: string;
  private counted = 0;
  private line = 1;

  constructor(log: RedactionLog, text: string, prefix: string) {
    super(log);
    this.text = text;
    this.prefix = prefix;
  }

  found(direction: Direction, finding: Finding, where: string): void {
    new PlacedLog(this.log, `${this.prefix}line ${this.lineOf(finding.start)}`).found(direction, finding, where);
  }

  /** Findings come in order. */
  private lineOf(offset: number): number {
    for (let at = this.text.indexOf('\n', this.counted); at >= 0 && at < offset; at = this.text.indexOf('\n', at + 1)) {
      this.line++;
      this.counted = at + 1;
    }
    return this.line;
  }
}
