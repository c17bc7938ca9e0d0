import { crc32 } from 'node:zlib';

const PRELUDE = 12;
const CHECKSUM = 4;
const STRING = 7;

/**
 * The binary frames of AWS, made of events as text (`event:` and `data:`).
 * @source https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
 */
export const awsFraming = { contentType: 'application/vnd.amazon.eventstream', frame };

function frame(event: string): Uint8Array {
  const [, name = '', data = ''] = /^event: ?([^\n]*)\n?(?:data: ?)?([^]*?)\n*$/.exec(event) ?? [];
  const kind = name.endsWith('Exception') ? 'exception' : 'event';
  const headers = Buffer.concat([
    header(`:${kind}-type`, name),
    header(':content-type', 'application/json'),
    header(':message-type', kind),
  ]);
  const payload = Buffer.from(data);
  const length = PRELUDE + headers.length + payload.length + CHECKSUM;
  const prelude = Buffer.alloc(PRELUDE);
  prelude.writeUInt32BE(length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const checked = Buffer.concat([prelude, headers, payload]);
  const checksum = Buffer.alloc(CHECKSUM);
  checksum.writeUInt32BE(crc32(checked), 0);
  return Buffer.concat([checked, checksum]);
}

function header(name: string, value: string): Buffer {
  const bytes = Buffer.from(value);
  const head = Buffer.from([name.length, ...Buffer.from(name), STRING, 0, 0]);
  head.writeUInt16BE(bytes.length, head.length - 2);
  return Buffer.concat([head, bytes]);
}
