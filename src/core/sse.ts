import type { Bytes } from './units.ts';

const LF = 0x0a;
const CR = 0x0d;
const CLOSING_BRACE = 0x7d;
const EMPTY = Buffer.alloc(0);
/** With their line ends; what is left are other fields between data lines. */
const DATA_LINES = /(?<![^\r\n])data(?::[^\r\n]*)?(?:\r\n|[\r\n]|$)/g;
const OTHER_LINES = /(?<![^\r\n\uFEFF])(?!data(?:[:\r\n]|$))[^\r\n]+/g;
/** `data: ` */
const FIELD_NAME = 6;
/** Two line ends. */
const BLANK_LINE = 4;

/** One server-sent event with the bytes that carried it. @source https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class SseEvent {
  /** All bytes of the event, its blank line included: what is forwarded when nothing changes. */
  readonly raw: Buffer;
  private lines: ParsedLines | null = null;

  constructor(raw: Buffer) {
    this.raw = raw;
  }

  /** The `event:` field; empty where there is none. */
  get name(): string {
    return this.parsed().name;
  }

  /** The `data:` lines joined by LF; empty for comments and keep-alives. */
  get data(): string {
    return this.parsed().data;
  }

  /** The same event with other data on one line; its name, id, comments and line ends stay as they came. */
  withData(data: string): SseEvent {
    const { text, dataStart, dataEnd } = this.parsed();
    if (dataStart < 0) return this;
    const between = text.slice(dataStart, dataEnd).replace(DATA_LINES, '');
    return new SseEvent(
      Buffer.from(`${text.slice(0, dataStart)}${between}data: ${data}${text.slice(dataEnd)}`, 'utf8'),
    );
  }

  /** All lines but those of data. */
  get otherLines(): string {
    return this.parsed().text.replace(DATA_LINES, '');
  }

  /** What stands before its data. */
  get head(): string {
    const { text, dataStart } = this.parsed();
    return text.slice(0, Math.max(0, dataStart));
  }

  /** It is this head and one line of data. Allocates nothing. */
  isData(head: string): boolean {
    const { text, data, dataStart, dataEnd } = this.parsed();
    if (dataStart !== head.length || dataEnd - dataStart > data.length + FIELD_NAME) return false;
    return text.length - dataEnd <= BLANK_LINE && text.startsWith(head);
  }

  /** The same event with other lines in the place of those that are not data. */
  withOtherLines(change: (line: string) => string): SseEvent {
    return new SseEvent(Buffer.from(this.parsed().text.replace(OTHER_LINES, change), 'utf8'));
  }

  private parsed(): ParsedLines {
    return (this.lines ??= parseLines(this.raw));
  }
}

const EVENT_TYPE = /^\s*\{\s*"type"\s*:\s*"([a-z_.]{1,80})"/;

/** The `event:` field, which SDKs go by; only a server that leaves it out is read by its JSON. Empty: it has no type. */
export function eventType({ name, data }: SseEvent): string {
  return name === '' ? (EVENT_TYPE.exec(data)?.[1] ?? '') : name;
}

/** The last event of OpenAI's streams; SDKs read it with blanks around it, too. */
export function isDone(data: string): boolean {
  // Nearly every other event ends with a brace, and costs one look.
  return data.charCodeAt(data.length - 1) !== CLOSING_BRACE && data.trim() === '[DONE]';
}

interface ParsedLines {
  readonly text: string;
  readonly name: string;
  readonly data: string;
  /** Offsets in `text`: the start of the first data line, and the end of the last one without its line end. */
  readonly dataStart: number;
  readonly dataEnd: number;
}

function parseLines(raw: Buffer): ParsedLines {
  const text = raw.toString('utf8');
  let name = '';
  let data: string | null = null;
  let dataStart = -1;
  let dataEnd = -1;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const end = endOfLine(text, at);
    if (text.startsWith('data', at) && isFieldEnd(text, at + 4, end)) {
      const value = fieldValue(text, at + 4, end);
      data = data === null ? value : `${data}\n${value}`;
      if (dataStart < 0) dataStart = at;
      dataEnd = end;
    } else if (text.startsWith('event', at) && isFieldEnd(text, at + 5, end)) name = fieldValue(text, at + 5, end);
    at = end + 1;
  }
  return { text, name, data: data ?? '', dataStart, dataEnd };
}

function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === LF || code === CR) return at;
  }
  return text.length;
}

function isFieldEnd(text: string, at: number, lineEnd: number): boolean {
  return at === lineEnd || text.charCodeAt(at) === 0x3a;
}

function fieldValue(text: string, colon: number, lineEnd: number): string {
  if (colon >= lineEnd) return '';
  const start = text.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1;
  return text.slice(Math.min(start, lineEnd), lineEnd);
}

/** An event outgrew the limit: the stream cannot be judged and must not be forwarded. */
export class SseEventTooLargeError extends Error {
  constructor(maxEventBytes: Bytes) {
    super(`An event of the provider's stream is larger than ${maxEventBytes} bytes.`);
    this.name = 'SseEventTooLargeError';
  }
}

/**
 * Cuts a byte stream into events at blank lines, whatever the chunking and the line ends (LF, CRLF, CR, mixed).
 * The `raw` bytes of the events and the final remainder, joined, are the input byte for byte.
 */
export class SseParser {
  private readonly maxEventBytes: Bytes;
  /** An unfinished event from earlier chunks: `pending[0, pendingLength)`. Grows by doubling, so tiny chunks stay linear. */
  private pending: Buffer = EMPTY;
  private pendingLength = 0;
  private lineIsEmpty = true;
  private lastWasCr = false;

  constructor(maxEventBytes: Bytes) {
    this.maxEventBytes = maxEventBytes;
  }

  /** Calls `onEvent` for each event that ends in this chunk. @throws SseEventTooLargeError */
  push(chunk: Buffer, onEvent: (event: SseEvent) => void): void {
    let from = 0;
    for (let at = this.nextBoundary(chunk, 0); at >= 0; at = this.nextBoundary(chunk, at)) {
      onEvent(new SseEvent(this.takePending(chunk.subarray(from, at))));
      from = at;
    }
    if (from < chunk.length) this.keep(from === 0 ? chunk : chunk.subarray(from));
  }

  /** The bytes after the last blank line, as an event; null where there are none. */
  finish(): SseEvent | null {
    return this.pendingLength === 0 ? null : new SseEvent(this.takePending(EMPTY));
  }

  /** The offset just past the next blank line at or after `from`, or -1. Remembers the line state between chunks. */
  private nextBoundary(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const code = chunk[at]!;
      if (code === LF || code === CR) {
        const completesCrLf = code === LF && this.lastWasCr;
        this.lastWasCr = code === CR;
        if (completesCrLf) continue;
        if (this.lineIsEmpty) return this.pastLineEnd(chunk, at);
        this.lineIsEmpty = true;
      } else {
        this.lastWasCr = false;
        this.lineIsEmpty = false;
        at = skipToLineEnd(chunk, at) - 1;
      }
    }
    return -1;
  }

  /** A CRLF that stands in this chunk belongs to this event; one cut between chunks leads the next event, harmlessly. */
  private pastLineEnd(chunk: Buffer, at: number): number {
    if (chunk[at] === CR && chunk[at + 1] === LF) {
      this.lastWasCr = false;
      return at + 2;
    }
    return at + 1;
  }

  private keep(bytes: Buffer): void {
    const length = this.pendingLength + bytes.length;
    if (length > this.maxEventBytes) throw new SseEventTooLargeError(this.maxEventBytes);
    if (length > this.pending.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.pending.length * 2, 1024));
      this.pending.copy(grown, 0, 0, this.pendingLength);
      this.pending = grown;
    }
    bytes.copy(this.pending, this.pendingLength);
    this.pendingLength = length;
  }

  private takePending(last: Buffer): Buffer {
    if (this.pendingLength === 0) return last;
    const whole = Buffer.concat([this.pending.subarray(0, this.pendingLength), last]);
    this.pendingLength = 0;
    this.pending = EMPTY;
    return whole;
  }
}

/** `indexOf` is native and vectorised; a stream without CR (all but one vendor) never looks for it twice. */
function skipToLineEnd(chunk: Buffer, from: number): number {
  const lf = chunk.indexOf(LF, from);
  const limit = lf < 0 ? chunk.length : lf;
  if (limit - from < 64) {
    for (let at = from; at < limit; at++) if (chunk[at] === CR) return at;
    return limit;
  }
  const cr = chunk.subarray(from, limit).indexOf(CR);
  return cr < 0 ? limit : from + cr;
}
