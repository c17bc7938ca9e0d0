import type { KeptReply } from '../core/reply-cache.ts';
import type { Bytes } from '../core/units.ts';

const LENGTH: Bytes = 4;

/** The length of what stands before the body, that as JSON, the body's bytes. */
export function encodeReply({ body, ...rest }: KeptReply): Buffer {
  const head = Buffer.from(JSON.stringify(rest), 'utf8');
  const length = Buffer.alloc(LENGTH);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, body]);
}

/** @throws Error where the bytes are no reply of ours */
export function decodeReply(bytes: Buffer): KeptReply {
  const end = LENGTH + bytes.readUInt32BE();
  const head = JSON.parse(bytes.toString('utf8', LENGTH, end)) as Omit<KeptReply, 'body'>;
  return { ...head, body: bytes.subarray(end) };
}
