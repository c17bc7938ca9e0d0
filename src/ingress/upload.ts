import type { IncomingMessage } from 'node:http';
import { PassThrough, Transform, type Readable, type TransformCallback } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Redactor } from '../core/redaction.ts';
import type { Bytes } from '../core/units.ts';
import type { BodyFilter, Inspection } from './body-filter.ts';
import { discardRest } from './discard-rest.ts';
import { fileFilter } from './file-filter.ts';
import { askAboutJson, inspectJsonAside, type Ask } from './inspect-json.ts';
import { mediaKind } from './media-kind.ts';
import { boundaryOf, MultipartFilter } from './multipart-filter.ts';
import { abortError, ClientGoneError, decodeBody, readBody } from './read-body.ts';
import { contentEncoding } from './read-json.ts';

/** The body of a call that is passed through, as it goes on. */
export interface Upload {
  /** Called once, when it is sent. */
  open(): Buffer | Readable | null;
  /** Null: the body's length is not known before its end. */
  readonly length: string | null;
  /** Its `content-encoding`. */
  readonly encoding: string | null;
  /** What `open` gives without its encoding, where it says that it is JSON, or looks like it, and was read whole. */
  readonly json: Buffer | null;
  /** It is not sent after all: the client may go on without it. */
  discard(): void;
}

/** Of a body that is there in full. */
export const NOTHING_HELD = (): void => {};

/** By what a body is judged. */
export interface UploadPolicy {
  readonly redactor: Redactor;
  /** Has detectors outside asked about a document; null: there are none. */
  readonly ask: Ask | null;
}

interface UploadContext extends UploadPolicy {
  /** Of a document that was read whole: what it names may have a policy of its own. */
  policyOf(json: Buffer): UploadPolicy;
  /** Of a document, which is read whole, and of a line of a file of documents. */
  readonly maxBytes: Bytes;
  readonly clock: Clock;
}

/** So much is judged before anything is sent: a call that is refused for its beginning never reaches the provider. */
const HEAD_START: Bytes = 1024 * 1024;

/**
 * What goes on in the place of the request's body. JSON is read whole; all else is inspected on its way, in bounded
 * memory, as its bytes have it: media go on as they come, and are counted.
 * @throws GatewayError `secret_detected`, `uninspectable_body`, `body_too_large`…; ClientGoneError
 */
export async function inspectUpload(
  incoming: IncomingMessage,
  exchange: Exchange,
  context: UploadContext,
): Promise<Upload> {
  const { redactor, maxBytes } = context;
  const asItComes = passing(incoming);
  if (asItComes.length === '0' || !hasBody(incoming)) return asItComes;
  const type = incoming.headers['content-type'];
  const kind = mediaKind(type);
  const inspection: Inspection = { redactor, direction: 'request', log: exchange, maxBytes };
  const encoding = contentEncoding(incoming);
  // Read by any policy: it may name a model, and objects of others.
  if (kind === 'json' && isReadable(encoding)) return readDocument(incoming, exchange, context);
  if (!redactor.inspects('request') && context.ask === null) return asItComes;
  if (encoding !== null) {
    redactor.uninspected('request', 'encoding', exchange);
    return asItComes;
  }
  const boundary = kind === 'multipart' ? boundaryOf(type!) : null;
  if (kind === 'multipart' && boundary === null) redactor.uninspected('request', 'multipart', exchange);
  const filter =
    boundary === null
      ? fileFilter(kind, kind === 'multipart', inspection, '')
      : new MultipartFilter(inspection, boundary, /^\s*multipart\/form-data\b/i.test(type!));
  return filtered(incoming, exchange, filter, context);
}

function isReadable(encoding: string | null): boolean {
  return encoding === null || encoding === 'gzip' || encoding === 'zstd';
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** Unread. */
function passing(incoming: IncomingMessage): Upload {
  const { headers } = incoming;
  const length = headers['content-length'] ?? null;
  const encoding = headers['content-encoding'] ?? null;
  const isEmpty = !hasBody(incoming) || length === '0';
  const open = (): Readable | null => (isEmpty ? null : connected(incoming, new PassThrough()));
  return { open, length, encoding, json: null, discard: NOTHING_HELD };
}

async function readDocument(
  incoming: IncomingMessage,
  exchange: Exchange,
  { clock, maxBytes, policyOf }: UploadContext,
): Promise<Upload> {
  const started = clock.now();
  const bytes = await readBody(incoming, exchange, maxBytes);
  exchange.waitedMs += clock.now() - started;
  const encoding = contentEncoding(incoming);
  const plain = encoding === null ? bytes : await decodeBody(bytes, encoding, maxBytes);
  const { redactor, ask } = policyOf(plain);
  const inspection: Inspection = { redactor, direction: 'request', log: exchange, maxBytes };
  const isInspected = redactor.inspects('request');
  const inspected = isInspected ? await inspectJsonAside(plain, inspection, exchange) : plain;
  const clean = ask === null ? inspected : await askAboutJson(inspected, ask);
  const isSame = clean === plain;
  const body = isSame ? bytes : clean;
  return {
    open: () => (body.length === 0 ? null : body),
    length: String(body.length),
    encoding: isSame ? encoding : null,
    json: clean,
    discard: NOTHING_HELD,
  };
}

/** What is there in full before much has been read goes on with its length, which some providers insist on. */
async function filtered(
  incoming: IncomingMessage,
  exchange: Exchange,
  filter: BodyFilter,
  { clock, ask }: UploadContext,
): Promise<Upload> {
  const started = clock.now();
  const upload = connected(incoming, new FilteredUpload(filter));
  await begun(upload, incoming, exchange);
  exchange.waitedMs += clock.now() - started;
  const { length } = passing(incoming);
  if (!upload.isWhole) {
    const known = filter.isRaw ? length : null;
    return { open: () => upload, length: known, encoding: null, json: null, discard: () => upload.destroy() };
  }
  const all = upload.takeAll();
  // A document that does not say that it is one.
  const body = ask === null ? all : await askAboutJson(all, ask);
  const json = looksLikeDocument(body) ? body : null;
  return { open: () => body, length: String(body.length), encoding: null, json, discard: NOTHING_HELD };
}

/** Some servers read any body as JSON, whatever its type says: what it names must not be missed. */
function looksLikeDocument(body: Buffer): boolean {
  let at = 0;
  while (body[at] === 0x20 || (body[at]! >= 0x09 && body[at]! <= 0x0d)) at++;
  return body[at] === 0x7b;
}

/**
 * Not the request itself: undici destroys the body of a call that ends early, and with it would go the client's
 * connection. What the client still sends then is thrown away, so that the connection can serve on.
 */
function connected<Upload extends Transform>(incoming: IncomingMessage, upload: Upload): Upload {
  incoming.pipe(upload);
  // After the pipe's own listener, which pauses what it was fed from.
  upload.once('close', () => discardRest(incoming));
  return upload;
}

/** Resolves when the call can be sent. Rejects, and gives the upload up, where it must not be. */
function begun(upload: FilteredUpload, incoming: IncomingMessage, exchange: Exchange): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      exchange.onAbort(null);
      incoming.off('close', onGone);
      upload.off('error', fail);
      upload.onBegun = null;
    };
    const fail = (error: Error): void => {
      settle();
      upload.destroy();
      reject(error);
    };
    const onGone = (): void => {
      if (!incoming.complete) fail(new ClientGoneError());
    };
    upload.once('error', fail);
    upload.onBegun = () => {
      settle();
      resolve();
    };
    incoming.once('close', onGone);
    exchange.onAbort((reason) => fail(abortError(reason)));
  });
}

/** The client's bytes through a filter. An error of the filter destroys it, and with it the call to the provider. */
class FilteredUpload extends Transform {
  /** Everything has come and been judged. */
  isWhole = false;
  /** Called once: enough has been judged, or all of it. */
  onBegun: (() => void) | null = null;
  private readonly bodyFilter: BodyFilter;
  private judged: Bytes = 0;

  constructor(filter: BodyFilter) {
    super({ readableHighWaterMark: HEAD_START + 1 });
    this.bodyFilter = filter;
    // Whoever takes the bytes is told; before and after nobody may be listening.
    this.on('error', () => {});
  }

  takeAll(): Buffer {
    const pieces: Buffer[] = [];
    for (let piece = this.read() as Buffer | null; piece !== null; piece = this.read() as Buffer | null)
      pieces.push(piece);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const error = this.attempt(() => this.bodyFilter.push(chunk));
    if (error === null && (this.bodyFilter.isRaw || this.judged > HEAD_START)) this.onBegun?.();
    done(error);
  }

  override _flush(done: TransformCallback): void {
    const error = this.attempt(() => this.bodyFilter.finish(false));
    if (error === null) {
      this.isWhole = true;
      this.onBegun?.();
    }
    done(error);
  }

  private attempt(judge: () => readonly Buffer[]): Error | null {
    try {
      for (const piece of judge()) {
        this.judged += piece.length;
        this.push(piece);
      }
      return null;
    } catch (error) {
      return error instanceof GatewayError
        ? error
        : new GatewayError('internal_error', 'The body could not be inspected.');
    }
  }
}
