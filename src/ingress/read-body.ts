import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { GatewayError } from '../core/errors.ts';
import type { AbortReason, Exchange } from '../core/exchange.ts';
import type { Bytes } from '../core/units.ts';

/** The client left before its request was complete; there is nobody to answer. */
export class ClientGoneError extends Error {
  constructor() {
    super('The client closed the connection before its request was complete.');
    this.name = 'ClientGoneError';
  }
}

/**
 * Collects a request body.
 * @throws GatewayError `body_too_large` at the limit, `request_timeout`, `overloaded`; ClientGoneError
 */
export function readBody(incoming: IncomingMessage, exchange: Exchange, maxBodyBytes: Bytes): Promise<Buffer> {
  const declared = Number(incoming.headers['content-length'] ?? 0);
  if (declared > maxBodyBytes) return Promise.reject(tooLarge(maxBodyBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBodyBytes) fail(tooLarge(maxBodyBytes));
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      settle();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    };
    const onGone = (): void => fail(new ClientGoneError());
    const fail = (error: Error): void => {
      settle();
      reject(error);
    };
    const settle = (): void => {
      exchange.onAbort(null);
      incoming.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
    };
    incoming.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
    exchange.onAbort((reason) => fail(abortError(reason)));
  });
}

export function abortError(reason: AbortReason): Error {
  if (reason === 'client_gone') return new ClientGoneError();
  if (reason === 'shutdown')
    return new GatewayError('overloaded', 'The gateway is stopping; try again.', {
      retryAfterSeconds: 1,
      closeConnection: true,
    });
  return new GatewayError('request_timeout', 'The request did not arrive in time (gateway.timeouts.request).', {
    closeConnection: true,
  });
}

export function tooLarge(maxBytes: Bytes): GatewayError {
  return new GatewayError(
    'body_too_large',
    `The request body is larger than ${maxBytes} bytes; send less, or, for calls of models, raise gateway.maxBodyBytes.`,
    {
      closeConnection: true,
    },
  );
}

const inflaters = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) } as const;

/**
 * Undoes the content-encoding; the inflated size counts against the limit, so a bomb stops early.
 * @throws GatewayError `unsupported_encoding`, `body_too_large`, `invalid_json` for a damaged body
 */
export async function decodeBody(bytes: Buffer, encoding: string, maxBytes: Bytes): Promise<Buffer> {
  if (encoding !== 'gzip' && encoding !== 'zstd') {
    throw new GatewayError('unsupported_encoding', 'Send the body as identity, gzip or zstd.', {
      param: 'content-encoding',
    });
  }
  try {
    return await inflaters[encoding](bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new GatewayError('invalid_json', `The body is not valid ${encoding}.`, { param: 'content-encoding' });
  }
}
