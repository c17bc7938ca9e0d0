import type { Direction, Finding, RedactionLog, TextStream } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { Lane } from './lane.ts';
import { tell } from './redact-document.ts';
import { forOneText } from './span-settler.ts';
import type { ScanContext } from './span-settler.ts';
import { redactString } from './text-passes.ts';

const LINE_FEED = '\n';

/** One text that is there in full, JSON text or not. @param name of the field that it is */
export function redactPlain(
  context: ScanContext,
  text: string,
  direction: Direction,
  log: RedactionLog,
  where: string,
  name: string | null = null,
): string {
  const onFinding = (finding: Finding): void => tell(log, direction, finding, where);
  return redactString(forOneText(context), name, text, name !== null, onFinding);
}

/** A text of any length in bounded memory: a file. Findings are told by the line in which they begin. */
export class RedactedText implements TextStream {
  private readonly lane: Lane;
  private readonly place: (line: number) => string;
  /** Came and has not left. */
  private waiting = '';
  /** Offset of `waiting` in the text. */
  private sent: Chars = 0;
  /** Line ends before `counted`. */
  private lineEnds = 0;
  private counted: Chars = 0;

  constructor(context: ScanContext, direction: Direction, log: RedactionLog, place: (line: number) => string) {
    this.place = place;
    const onFinding = (finding: Finding): void => tell(log, direction, finding, this.whereIs(finding.start));
    this.lane = new Lane(forOneText(context), 'plain', onFinding);
  }

  push(piece: string): string {
    this.waiting += piece;
    this.lane.push(piece);
    return this.take(this.lane.decided - this.sent);
  }

  finish(isBroken: boolean): string {
    this.lane.finish(isBroken);
    return this.take(this.waiting.length);
  }

  private take(length: Chars): string {
    const { waiting } = this;
    const end = wholeCharacters(waiting, Math.max(0, Math.min(length, waiting.length)));
    if (end === 0) return '';
    this.countTo(this.sent + end);
    const redacted = this.lane.rewrite(waiting.slice(0, end), this.sent);
    this.waiting = waiting.slice(end);
    this.sent += end;
    return redacted;
  }

  private whereIs(offset: Chars): string {
    this.countTo(offset);
    return this.place(this.lineEnds + 1);
  }

  /** Findings come in order, so that every character is looked at once. */
  private countTo(offset: Chars): void {
    const { waiting, sent } = this;
    const end = Math.min(offset - sent, waiting.length);
    const text = waiting.slice(Math.max(0, this.counted - sent), end);
    for (let at = text.indexOf(LINE_FEED); at >= 0; at = text.indexOf(LINE_FEED, at + 1)) this.lineEnds++;
    this.counted = Math.max(this.counted, sent + end);
  }
}

/** Half a character outside the basic plane is none in UTF-8. */
function wholeCharacters(text: string, end: number): number {
  if (end === 0 || end === text.length) return end;
  const code = text.charCodeAt(end - 1);
  return code >= 0xd800 && code <= 0xdbff ? end - 1 : end;
}
