import type { IncomingMessage } from 'node:http';
import { Transform, type Readable, type TransformCallback } from 'node:stream';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Bytes } from '../core/units.ts';
import { FormModelScanner, type FormModel } from './form-model.ts';
import { abortError, ClientGoneError } from './read-body.ts';
import type { Upload } from './upload.ts';

/** A form, and what its beginning says. */
export interface PeekedForm {
  /** Null: it names none in the part that was looked at. */
  readonly model: string | null;
  readonly upload: Upload;
  /** All of it is there: it can be sent more than once. */
  readonly isWhole: boolean;
  /** The same with another name of the model. */
  named(model: string): Upload;
}

/**
 * Looks for the field `model` in a form. So much of it is kept until the field has come; the rest goes on as it comes.
 * @throws GatewayError `invalid_request` where the form names it twice, now or, in the place of the rest, later
 */
export async function peekForm(
  upload: Upload,
  boundary: string,
  lookAhead: Bytes,
  incoming: IncomingMessage,
  exchange: Exchange,
): Promise<PeekedForm> {
  const scanner = new FormModelScanner(boundary);
  const body = upload.open();
  if (body === null || Buffer.isBuffer(body)) {
    const bytes = body ?? Buffer.alloc(0);
    scanner.push(bytes);
    refuseAmbiguous(scanner);
    return peeked(scanner.model, upload, bytes, null, scanner);
  }
  const head = await readHead(body, scanner, lookAhead, incoming, exchange);
  refuseAmbiguous(scanner);
  return peeked(scanner.model, upload, head, body, scanner);
}

function peeked(
  found: FormModel | null,
  { length, encoding }: Upload,
  head: Buffer,
  rest: Readable | null,
  scanner: FormModelScanner,
): PeekedForm {
  const open = (bytes: Buffer): Buffer | Readable => (rest === null ? bytes : continued(bytes, rest, scanner));
  const discard = (): void => void rest?.destroy();
  return {
    model: found?.name ?? null,
    isWhole: rest === null,
    upload: { open: () => open(head), length, encoding, json: null, discard },
    named: (model) => {
      const name = Buffer.from(model, 'utf8');
      const bytes = Buffer.concat([head.subarray(0, found!.start), name, head.subarray(found!.end)]);
      const grown = bytes.length - head.length;
      const known = length === null ? null : String(Number(length) + grown);
      return { open: () => open(bytes), length: known, encoding, json: null, discard };
    },
  };
}

function readHead(
  body: Readable,
  scanner: FormModelScanner,
  lookAhead: Bytes,
  incoming: IncomingMessage,
  exchange: Exchange,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    // Before it is sent nobody else may be listening.
    body.on('error', () => {});
    const settle = (): void => {
      exchange.onAbort(null);
      incoming.off('close', onGone);
      body.off('data', onData).off('end', onEnd).off('error', fail);
    };
    const onData = (chunk: Buffer): void => {
      pieces.push(chunk);
      size += chunk.length;
      scanner.push(chunk);
      if (scanner.model === null && !scanner.isAmbiguous && size < lookAhead) return;
      body.pause();
      onEnd();
    };
    const onEnd = (): void => {
      settle();
      resolve(Buffer.concat(pieces, size));
    };
    const fail = (error: Error): void => {
      settle();
      body.destroy();
      reject(error);
    };
    const onGone = (): void => {
      if (!incoming.complete) fail(new ClientGoneError());
    };
    incoming.on('close', onGone);
    exchange.onAbort((reason) => fail(abortError(reason)));
    body.on('data', onData).on('end', onEnd).on('error', fail);
  });
}

function refuseAmbiguous({ isAmbiguous }: FormModelScanner): void {
  if (isAmbiguous) throw ambiguous();
}

function ambiguous(): GatewayError {
  return new GatewayError('invalid_request', 'The form names its "model" twice, or with more than a name; send one.', {
    param: 'model',
  });
}

/** The beginning, then the rest as it comes; a second name in there ends the call. */
function continued(head: Buffer, rest: Readable, scanner: FormModelScanner): Readable {
  const whole = new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      if (scanner.model !== null) scanner.push(chunk);
      if (scanner.isAmbiguous) done(ambiguous());
      else done(null, chunk);
    },
  });
  whole.push(head);
  // Whoever takes the bytes is told; before and after nobody may be listening.
  whole.on('error', () => rest.destroy());
  whole.once('close', () => rest.destroy());
  if (rest.readableEnded) whole.end();
  else rest.once('error', (error) => whole.destroy(error)).pipe(whole);
  return whole;
}
