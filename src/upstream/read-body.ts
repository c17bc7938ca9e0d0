import type { Bytes } from '../core/units.ts';
import type { Attempt, ReplySink } from './attempt.ts';

/** Reading to the end gives the connection back to the pool. Null where it cannot be read in full. */
export function readBody(attempt: Attempt, maxBytes: Bytes): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const sink: ReplySink = {
      data(chunk) {
        size += chunk.length;
        if (size > maxBytes) attempt.stop('malformed_reply');
        else chunks.push(chunk);
      },
      end: () => resolve(Buffer.concat(chunks)),
      fail: () => resolve(null),
    };
    attempt.pipeTo(sink);
  });
}
