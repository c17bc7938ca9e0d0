import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { GatewayError } from '../core/errors.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';

/** The client left before its request was complete; there is nobody to answer. */
export class ClientGoneError extends Error {
  constructor() {
    super('The client closed the connection before its request was complete.');
    this.name = 'ClientGoneError';
  }
}

export interface BodyLimits {
  readonly maxBodyBytes: Bytes;
  /** For the whole body: an inactivity timer alone does not stop a client that drips (slow loris). */
  readonly timeout: Milliseconds;
}

/** Collects a request body. @throws GatewayError `body_too_large` at the limit, `request_timeout`; ClientGoneError */
export function readBody(incoming: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const declared = Number(incoming.headers['content-length'] ?? 0);
  if (declared > limits.maxBodyBytes) return Promise.reject(tooLarge(limits.maxBodyBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => {
      settle();
      reject(timedOut(limits.timeout));
    }, limits.timeout);
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limits.maxBodyBytes) {
        settle();
        reject(tooLarge(limits.maxBodyBytes));
      } else chunks.push(chunk);
    };
    const onEnd = (): void => {
      settle();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    };
    const onGone = (): void => {
      settle();
      reject(new ClientGoneError());
    };
    const settle = (): void => {
      clearTimeout(timer);
      incoming.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
    };
    incoming.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

function tooLarge(maxBytes: Bytes): GatewayError {
  return new GatewayError(
    'body_too_large',
    `The request body is larger than ${maxBytes} bytes; send less, or raise gateway.maxBodyBytes.`,
    {
      closeConnection: true,
    },
  );
}

function timedOut(timeout: Milliseconds): GatewayError {
  return new GatewayError('request_timeout', `The request body did not arrive within ${timeout} ms.`, {
    closeConnection: true,
  });
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
