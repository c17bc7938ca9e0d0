import type { IncomingMessage } from 'node:http';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { InvalidRequest, RequestFailure } from './failure.ts';

const MAX_BODY_BYTES = 64 * 1024 * 1024; // also when inflated

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientLeft extends Error {}

/**
 * Reads a body as UTF-8, inflated where it came as gzip or zstd.
 * @throws RequestFailure 413 over 64 MiB, 415 for another encoding; InvalidRequest for a damaged body; ClientLeft
 */
export async function readBody(req: IncomingMessage): Promise<string> {
  const bytes = await collect(req);
  const encoding = (req.headers['content-encoding'] ?? 'identity').toLowerCase();
  return (encoding === 'identity' ? bytes : inflate(bytes, encoding)).toString();
}

function collect(req: IncomingMessage): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    req.on('data', (part: Uint8Array) => {
      size += part.length;
      if (size <= MAX_BODY_BYTES) parts.push(part);
      else reject(tooLarge());
    });
    req.on('end', () => resolve(Buffer.concat(parts)));
    req.on('close', () => reject(new ClientLeft()));
  });
}

// Synchronous: requests are numbered in the order in which they are read, and replies depend on their number.
const inflaters = new Map<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>([
  ['gzip', gunzipSync],
  ['zstd', zstdDecompressSync],
]);

function inflate(bytes: Buffer, encoding: string): Buffer {
  const inflater = inflaters.get(encoding);
  if (inflater === undefined) throw new RequestFailure(415, `Unsupported content encoding: ${encoding}.`);
  try {
    return inflater(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new InvalidRequest(`The request body is not valid ${encoding}.`);
  }
}

function tooLarge(): RequestFailure {
  return new RequestFailure(413, `Request body is larger than ${MAX_BODY_BYTES} bytes.`);
}
