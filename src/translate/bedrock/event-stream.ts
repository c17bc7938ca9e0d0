import { crc32 } from 'node:zlib';
import { SseEvent, SseEventTooLargeError } from '../../core/sse.ts';
import type { Bytes } from '../../core/units.ts';
import type { EventParser, Framing } from '../format.ts';

const EMPTY = Buffer.alloc(0);
/** Length of the frame, length of its headers, CRC of both. */
const PRELUDE = 12;
const CHECKSUM = 4;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
/** Bytes of a header's value by its type; those of types 6 and 7 say their length. */
const VALUE_BYTES: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];
const STRING = 7;

/**
 * The binary frames of AWS. Each becomes an event: its `:event-type` the name, its payload the data; an exception is named
 * `exception`, its data has `type` and `message`.
 * @source https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
 */
export const awsEventStream: Framing = {
  contentType: 'application/vnd.amazon.eventstream',
  openParser: (maxEventBytes) => new EventStreamParser(maxEventBytes),
};

class EventStreamParser implements EventParser {
  private readonly maxEventBytes: Bytes;
  /** An unfinished frame of earlier chunks: `pending[0, pendingLength)`. Grows by doubling, so tiny chunks stay linear. */
  private pending: Buffer = EMPTY;
  private pendingLength = 0;

  constructor(maxEventBytes: Bytes) {
    this.maxEventBytes = maxEventBytes;
  }

  /** @throws SseEventTooLargeError, Error for a frame that is damaged */
  push(chunk: Buffer, onEvent: (event: SseEvent) => void): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.pendingLength > 0) {
        rest = this.fill(rest);
        const length = frameLength(this.pending, this.pendingLength, this.maxEventBytes);
        if (length === null || this.pendingLength < length) continue;
        onEvent(readFrame(this.pending.subarray(0, length)));
        this.pending = EMPTY;
        this.pendingLength = 0;
      } else {
        const length = frameLength(rest, rest.length, this.maxEventBytes);
        if (length === null || rest.length < length) return this.keep(rest);
        onEvent(readFrame(rest.subarray(0, length)));
        rest = rest.subarray(length);
      }
    }
  }

  /** A frame that broke off says nothing. */
  finish(): SseEvent | null {
    return null;
  }

  /** Takes what the unfinished prelude or frame still wants. @returns what is left */
  private fill(chunk: Buffer): Buffer {
    const length = frameLength(this.pending, this.pendingLength, this.maxEventBytes) ?? PRELUDE;
    const wanted = chunk.subarray(0, length - this.pendingLength);
    this.keep(wanted);
    return chunk.subarray(wanted.length);
  }

  private keep(bytes: Buffer): void {
    const length = this.pendingLength + bytes.length;
    if (length > this.pending.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.pending.length * 2, 1024));
      this.pending.copy(grown, 0, 0, this.pendingLength);
      this.pending = grown;
    }
    bytes.copy(this.pending, this.pendingLength);
    this.pendingLength = length;
  }
}

/** Null where the prelude is not whole. @throws Error */
function frameLength(bytes: Buffer, available: number, maxEventBytes: Bytes): number | null {
  if (available < PRELUDE) return null;
  if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8)) throw new Error('A frame of the stream is damaged.');
  const length = bytes.readUInt32BE(0);
  if (length > maxEventBytes) throw new SseEventTooLargeError(maxEventBytes);
  if (length < PRELUDE + CHECKSUM + bytes.readUInt32BE(4))
    throw new Error('A frame of the stream is shorter than it says.');
  return length;
}

/** @throws Error */
function readFrame(frame: Buffer): SseEvent {
  const end = frame.length - CHECKSUM;
  if (crc32(frame.subarray(0, end)) !== frame.readUInt32BE(end)) throw new Error('A frame of the stream is damaged.');
  const payloadAt = PRELUDE + frame.readUInt32BE(4);
  const headers = readHeaders(frame.subarray(PRELUDE, payloadAt));
  const payload = frame.subarray(payloadAt, end);
  const kind = headers.get(':message-type') ?? 'event';
  return kind === 'event' ? eventOf(headers.get(':event-type') ?? '', payload) : exceptionOf(kind, headers, payload);
}

function eventOf(name: string, payload: Buffer): SseEvent {
  const head = `event: ${name.replaceAll(/[\r\n]/g, '')}\ndata: `;
  return new SseEvent(Buffer.concat([Buffer.from(head), onOneLine(payload), Buffer.from('\n\n')]));
}

/** `exception`s carry JSON, `error`s have only headers. */
function exceptionOf(kind: string, headers: ReadonlyMap<string, string>, payload: Buffer): SseEvent {
  const type = headers.get(kind === 'error' ? ':error-code' : ':exception-type') ?? kind;
  const message = headers.get(':error-message') ?? messageOf(payload.toString('utf8'));
  return eventOf('exception', Buffer.from(JSON.stringify({ type, message })));
}

function messageOf(payload: string): string {
  try {
    const { message, Message } = JSON.parse(payload) as { message?: unknown; Message?: unknown };
    const told = message ?? Message;
    return typeof told === 'string' ? told : '';
  } catch {
    return payload;
  }
}

/** JSON has line ends only between its tokens, where a space is as good. */
function onOneLine(payload: Buffer): Buffer {
  if (!payload.includes(LF) && !payload.includes(CR)) return payload;
  return Buffer.from(payload.map((byte) => (byte === LF || byte === CR ? SPACE : byte)));
}

/** Those that are text. @throws Error */
function readHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + bytes[at]!;
    const type = bytes[nameEnd] ?? VALUE_BYTES.length;
    let valueAt = nameEnd + 1;
    let length = VALUE_BYTES[type];
    if (length === -1 && valueAt + 2 <= bytes.length) {
      length = bytes.readUInt16BE(valueAt);
      valueAt += 2;
    }
    if (length === undefined || length < 0 || valueAt + length > bytes.length) throw new Error('A header is damaged.');
    if (type === STRING)
      headers.set(bytes.toString('utf8', at + 1, nameEnd), bytes.toString('utf8', valueAt, valueAt + length));
    at = valueAt + length;
  }
  return headers;
}
