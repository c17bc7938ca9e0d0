import type { IncomingMessage } from 'node:http';
import { RequestFailure } from './failure.ts';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientLeft extends Error {}

/** Reads a body as UTF-8. @throws RequestFailure 413 over 64 MiB, ClientLeft */
export async function readBody(req: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    req.on('data', (part: Uint8Array) => {
      size += part.length;
      if (size <= MAX_BODY_BYTES) parts.push(part);
      else reject(new RequestFailure(413, `Request body is larger than ${MAX_BODY_BYTES} bytes.`));
    });
    req.on('end', () => resolve(Buffer.concat(parts).toString()));
    req.on('close', () => reject(new ClientLeft()));
  });
}
