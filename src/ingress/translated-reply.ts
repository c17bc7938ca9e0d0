import { STATUS_CODES } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import type { OpenTranslation } from '../core/translation.ts';
import type { Bytes, Seconds } from '../core/units.ts';
import { inflateReply, isIdentity, MAX_REPLY_BYTES } from './inspect-reply.ts';
import type { IncomingReply, ReplyFailure, ReplySink } from './reply.ts';
import { WrappedReply } from './wrapped-reply.ts';

/** Of the provider's headers, what speaks of its own format, account or body. */
const NOT_THE_CLIENTS =
  /^(?:content-type|content-length|content-encoding|content-md5|digest|content-digest|etag|anthropic-.*|openai-.*|x-ratelimit-.*|x-goog-.*|x-amzn?-.*)$/;
/** SDKs look for the request's id under the name that their own vendor has. */
const REQUEST_ID: Readonly<Record<string, string>> = { 'request-id': 'x-request-id', 'x-request-id': 'request-id' };

/**
 * A provider's reply as the client's own protocol has it: all that comes after (usage, redaction, policies, errors) need not
 * know that another one was spoken.
 */
export class TranslatedReply implements IncomingReply {
  private readonly headers: readonly Buffer[];
  private readonly reply: IncomingReply;
  private readonly translation: OpenTranslation;
  private readonly maxEventBytes: Bytes;
  private readonly contentType: string;
  private readonly isStream: boolean;
  /** Of an error, once it is read. */
  private translatedStatus: number | null = null;
  private retryAfter: Seconds | null = null;

  constructor(reply: IncomingReply, translation: OpenTranslation, maxEventBytes: Bytes) {
    this.reply = reply;
    this.translation = translation;
    this.maxEventBytes = maxEventBytes;
    this.isStream = reply.status < 400 && translation.isStream(reply.header('content-type'));
    this.contentType = this.isStream ? 'text/event-stream; charset=utf-8' : 'application/json';
    this.headers = translatedHeaders(reply.rawHeaders, this.contentType);
  }

  get rawHeaders(): readonly Buffer[] {
    const { headers, retryAfter, reply } = this;
    if (retryAfter === null || reply.header('retry-after') !== undefined) return headers;
    return [...headers, Buffer.from('retry-after'), Buffer.from(String(retryAfter))];
  }

  get status(): number {
    return this.translatedStatus ?? this.reply.status;
  }

  get statusText(): string {
    const { status, reply } = this;
    return status === reply.status ? reply.statusText : (STATUS_CODES[status] ?? '');
  }

  get hasWaiting(): boolean {
    return this.reply.hasWaiting;
  }

  header(name: string): string | undefined {
    if (name === 'content-type') return this.contentType;
    return NOT_THE_CLIENTS.test(name) ? undefined : this.reply.header(name);
  }

  pipeTo(sink: ReplySink): void {
    if (this.isStream) this.reply.pipeTo(new StreamSink(this.reply, this.translation, this.maxEventBytes, sink));
    else this.reply.pipeTo(new WholeSink(this.reply, (body) => this.translated(body), sink));
  }

  pause(): void {
    this.reply.pause();
  }

  resume(): void {
    this.reply.resume();
  }

  stop(kind: 'malformed_reply'): void {
    this.reply.stop(kind);
  }

  /** Of a whole body. @throws Error where it is none of the provider's protocol */
  private translated(body: Buffer): Buffer {
    const { reply, translation } = this;
    const text = body.toString('utf8');
    if (reply.status < 400) return Buffer.from(translation.reply(text), 'utf8');
    const error = translation.error(reply.status, text);
    this.translatedStatus = error.status;
    this.retryAfter = error.retryAfter;
    return Buffer.from(error.body, 'utf8');
  }
}

/** An error reply that was read while other targets were tried. */
export class ReadReply extends WrappedReply {
  private readonly body: Buffer;

  constructor(reply: IncomingReply, body: Buffer) {
    super(reply);
    this.body = body;
  }

  override get hasWaiting(): boolean {
    return true;
  }

  pipeTo(sink: ReplySink): void {
    sink.data(this.body);
    sink.end();
  }

  override pause(): void {
    // All of it is here.
  }

  override resume(): void {
    // The same.
  }

  override stop(): void {
    // The same.
  }
}

function translatedHeaders(raw: readonly Buffer[], contentType: string): readonly Buffer[] {
  const headers: Buffer[] = [Buffer.from('content-type'), Buffer.from(contentType)];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toString('latin1').toLowerCase();
    if (NOT_THE_CLIENTS.test(name)) continue;
    headers.push(raw[i]!, raw[i + 1]!);
    const other = REQUEST_ID[name];
    if (other !== undefined) headers.push(Buffer.from(other), raw[i + 1]!);
  }
  return headers;
}

/** What came is none of the provider's protocol. */
class TranslationFailure extends Error implements ReplyFailure {
  readonly kind = 'malformed_reply';

  constructor(cause: unknown) {
    super('The reply could not be translated.', { cause });
    this.name = 'TranslationFailure';
  }

  toGatewayError(provider: string): GatewayError {
    return new GatewayError(
      'upstream_unavailable',
      `The reply of the provider "${provider}" is none of its protocol, so it cannot be translated.`,
    );
  }
}

class StreamSink implements ReplySink {
  private readonly reply: IncomingReply;
  private readonly stream: ReturnType<OpenTranslation['openStream']>;
  private readonly sink: ReplySink;
  private isOver = false;

  constructor(reply: IncomingReply, translation: OpenTranslation, maxEventBytes: Bytes, sink: ReplySink) {
    this.reply = reply;
    this.stream = translation.openStream(maxEventBytes);
    this.sink = sink;
  }

  data(chunk: Buffer): void {
    if (!this.isOver) this.pass(() => this.stream.push(chunk));
  }

  end(): void {
    if (this.isOver || !this.pass(() => this.stream.finish())) return;
    this.isOver = true;
    this.sink.end();
  }

  fail(failure: ReplyFailure): void {
    if (this.isOver) return;
    if (failure.kind !== 'client_gone' && !this.pass(() => this.stream.finish())) return;
    this.isOver = true;
    this.sink.fail(failure);
  }

  /** False where it could not be read: the client is told of that, and of nothing after it. */
  private pass(translate: () => Buffer | null): boolean {
    let bytes: Buffer | null;
    try {
      if (!isIdentity(this.reply.header('content-encoding'))) throw new Error('The stream is compressed.');
      bytes = translate();
    } catch (error) {
      this.isOver = true;
      this.reply.stop('malformed_reply');
      this.sink.fail(new TranslationFailure(error));
      return false;
    }
    if (bytes !== null) this.sink.data(bytes);
    return true;
  }
}

class WholeSink implements ReplySink {
  private readonly reply: IncomingReply;
  private readonly translate: (body: Buffer) => Buffer;
  private readonly sink: ReplySink;
  private chunks: Buffer[] = [];
  private size: Bytes = 0;

  constructor(reply: IncomingReply, translate: (body: Buffer) => Buffer, sink: ReplySink) {
    this.reply = reply;
    this.translate = translate;
    this.sink = sink;
  }

  data(chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > MAX_REPLY_BYTES) this.reply.stop('malformed_reply');
    else this.chunks.push(chunk);
  }

  end(): void {
    const body: Buffer = Buffer.concat(this.chunks, this.size);
    const encoding = this.reply.header('content-encoding');
    if (isIdentity(encoding)) this.tell(body);
    else void inflateReply(body, encoding).then((plain) => this.tell(plain));
  }

  fail(failure: ReplyFailure): void {
    this.sink.fail(failure);
  }

  /** @param body null: it is not encoded as it says */
  private tell(body: Buffer | null): void {
    let translated: Buffer;
    try {
      if (body === null) throw new Error('The reply cannot be inflated.');
      translated = this.translate(body);
    } catch (error) {
      this.sink.fail(new TranslationFailure(error));
      return;
    }
    this.sink.data(translated);
    this.sink.end();
  }
}
