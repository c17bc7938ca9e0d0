/**
 * Holds many streams open at once and measures the gaps between their frames. Bare sockets, since a full HTTP client
 * would need the core that it shares with the upstream. Argument: StreamClientOptions as JSON. Prints an empty object
 * when every stream has its first frame and the measuring begins, and a StreamResult at its end.
 */
import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { type Micros, decodeStamp, monotonicMicros } from './clock.ts';
import { STAMP_MARK } from './payload.ts';

export interface StreamClientOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly streams: number;
  /** The streams are opened evenly over this time. */
  readonly rampSeconds: number;
  readonly holdSeconds: number;
}

export interface StreamResult {
  readonly frames: number;
  readonly seconds: number;
  /** Streams that failed, or ended while they were measured. */
  readonly errors: number;
  /** What the first of them was. */
  readonly firstError: string | null;
  /** Between two frames of one stream as they arrive. */
  readonly gapP50Micros: number;
  readonly gapP99Micros: number;
  /** From the upstream's sending of a frame to its arrival. */
  readonly delayP50Micros: number;
  readonly delayP99Micros: number;
}

const READ_BYTES = 64 * 1024;
const SETTLE_SECONDS = 0.5; // after the last stream's first frame
const MAX_OPENING = 32; // streams that wait for their first frame at one time: more would only queue, and be refused
const OPEN_LIMIT_SECONDS = 20; // without another first frame
const OK_LINE = 'HTTP/1.1 200';
const KEPT_REPLY_CHARS = 300; // of a reply without a frame, for the message
const MARK = Buffer.from(STAMP_MARK);
const NEW_LINE = 10;
const EMPTY = Buffer.alloc(0);

const options = JSON.parse(process.argv[2]!) as StreamClientOptions;
const target = new URL(options.url);
const head = Object.entries({
  ...options.headers,
  host: target.host,
  'content-length': Buffer.byteLength(options.body),
})
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');
const call = `POST ${target.pathname} HTTP/1.1\r\n${head}\r\n${options.body}`;
// One buffer for every socket: each read is dealt with before the next one.
const readBuffer = Buffer.alloc(READ_BYTES);
const gaps = createHistogram();
const delays = createHistogram();
let isMeasuring = false;
let open = 0;
let errors = 0;
let firstError: string | null = null;

class Stream {
  readonly #socket: Socket;
  #lastAt: Micros | null = null;
  /** A line whose end has not come yet. */
  #rest: Buffer = EMPTY;
  /** The beginning of the reply up to the first frame, and what went wrong. */
  #story = '';

  constructor() {
    this.#socket = connect({
      host: target.hostname,
      port: Number(target.port),
      onread: { buffer: readBuffer, callback: (count) => this.#read(readBuffer.subarray(0, count)) },
    });
    // Only the caller's own end of the run closes a stream in peace.
    this.#socket.on('error', (error) => (this.#story += error.message)).on('close', () => this.#fail());
    this.#socket.write(call);
  }

  close(): void {
    this.#socket.removeAllListeners('close').destroy();
  }

  #fail(): void {
    errors++;
    const stage = this.#lastAt === null ? 'before its first frame' : 'after its first frame';
    firstError ??= `one ended ${stage}: ${this.#story || 'the connection was closed'}`;
  }

  #read(bytes: Buffer): boolean {
    const now = monotonicMicros();
    if (this.#lastAt === null && !this.#begins(bytes)) return false;
    const text = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = text.lastIndexOf(NEW_LINE) + 1;
    this.#rest = end === text.length ? EMPTY : Buffer.from(text.subarray(end));
    const lines = text.subarray(0, end);
    for (let at = lines.indexOf(MARK); at !== -1; at = lines.indexOf(MARK, at + MARK.length)) {
      this.#frame(now, decodeStamp(lines, at + MARK.length));
    }
    return true;
  }

  /** An error reply may leave its connection open: nothing more would ever come. */
  #begins(bytes: Buffer): boolean {
    this.#story = (this.#story + bytes.toString('latin1')).slice(0, KEPT_REPLY_CHARS);
    const isOk = this.#story.startsWith(OK_LINE.slice(0, this.#story.length));
    if (!isOk) this.#socket.destroy();
    return isOk;
  }

  #frame(now: Micros, sentAt: Micros): void {
    if (this.#lastAt === null) {
      open++;
      this.#story = '';
    } else if (isMeasuring) {
      // A histogram counts from 1; two frames in one read have no gap at all.
      gaps.record(Math.max(1, now - this.#lastAt));
      delays.record(Math.max(1, now - sentAt));
    }
    this.#lastAt = now;
  }
}

const streams: Stream[] = [];
try {
  await openAll();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
await delay(SETTLE_SECONDS * 1000);

/** Opens the streams at the pace of the ramp, or as fast as the server takes them. */
async function openAll(): Promise<void> {
  const rampFrom = performance.now();
  while (streams.length < options.streams) {
    await firstFrames(streams.length - MAX_OPENING + 1);
    streams.push(new Stream());
    const dueAt = rampFrom + (options.rampSeconds * 1000 * streams.length) / options.streams;
    await delay(Math.max(0, dueAt - performance.now()));
  }
  await firstFrames(options.streams);
}

/** Waits until so many streams have their first frame. @throws Error when one fails, or nothing comes for long */
async function firstFrames(wanted: number): Promise<void> {
  let before = open;
  for (let progressAt = performance.now(); ; await delay(1)) {
    if (open >= wanted) return;
    if (open > before) [before, progressAt] = [open, performance.now()];
    const isStuck = performance.now() - progressAt > OPEN_LIMIT_SECONDS * 1000;
    if (errors === 0 && !isStuck) continue;
    const reason = firstError ?? `no further first frame within ${OPEN_LIMIT_SECONDS} s`;
    throw new Error(`${open} of ${options.streams} streams opened: ${reason}`);
  }
}

console.log('{}');
isMeasuring = true;
const startedAt = monotonicMicros();
await delay(options.holdSeconds * 1000);
const seconds = (monotonicMicros() - startedAt) / 1e6;
isMeasuring = false;
const result: StreamResult = {
  frames: gaps.count,
  seconds,
  errors,
  firstError,
  gapP50Micros: gaps.percentile(50),
  gapP99Micros: gaps.percentile(99),
  delayP50Micros: delays.percentile(50),
  delayP99Micros: delays.percentile(99),
};
console.log(JSON.stringify(result));
for (const stream of streams) stream.close();
