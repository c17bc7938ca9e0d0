import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ClientLeft, readBody } from '../../src/simulator/read-body.ts';

function incoming(headers: IncomingHttpHeaders = {}): { req: EventEmitter; body: Promise<string> } {
  const req = Object.assign(new EventEmitter(), { headers });
  return { req, body: readBody(req as IncomingMessage) };
}

test('a character that is split between parts stays whole', async () => {
  const { req, body } = incoming();
  const bytes = Buffer.from('a🙂b');
  req.emit('data', bytes.subarray(0, 3));
  req.emit('data', bytes.subarray(3));
  req.emit('end');
  expect(await body).toBe('a🙂b');
});

test('more than 64 MiB is refused with 413', async () => {
  const { req, body } = incoming();
  const half = Buffer.alloc(32 * 1024 * 1024);
  req.emit('data', half);
  req.emit('data', half);
  req.emit('data', Buffer.alloc(1));
  req.emit('end');
  await expect(body).rejects.toMatchObject({ status: 413 });
});

test('a client that leaves before the end is told apart from a bad request', async () => {
  const { req, body } = incoming();
  req.emit('data', Buffer.from('{'));
  req.emit('close');
  await expect(body).rejects.toBeInstanceOf(ClientLeft);
});

async function readEncoded(bytes: Uint8Array, encoding: string): Promise<string> {
  const { req, body } = incoming({ 'content-encoding': encoding });
  req.emit('data', bytes.subarray(0, 5));
  req.emit('data', bytes.subarray(5));
  req.emit('end');
  return body;
}

test.each([
  ['gzip', gzipSync],
  ['GZIP', gzipSync],
  ['zstd', zstdCompressSync],
  ['identity', (text: string) => Buffer.from(text)],
] as const)('a body in the encoding %s is read as the text it stands for', async (encoding, encode) => {
  expect(await readEncoded(encode('{"say":"grüße 🙂"}'), encoding)).toBe('{"say":"grüße 🙂"}');
});

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const)('a %s body that inflates over 64 MiB is refused with 413', async (encoding, compress) => {
  const bomb = compress(Buffer.alloc(64 * 1024 * 1024 + 1));
  expect(bomb.length).toBeLessThan(1024 * 1024);
  await expect(readEncoded(bomb, encoding)).rejects.toMatchObject({ status: 413 });
});

test.each(['gzip', 'zstd'])('a body that is not the %s it says is refused with 400', async (encoding) => {
  await expect(readEncoded(Buffer.from('{"plain":true}'), encoding)).rejects.toMatchObject({ status: 400 });
});

test('a body that was cut off while compressed is refused with 400', async () => {
  await expect(readEncoded(gzipSync('{"a":1}').subarray(0, -9), 'gzip')).rejects.toMatchObject({ status: 400 });
});

test.each(['br', 'deflate', 'gzip, gzip'])('the encoding %j is refused with 415', async (encoding) => {
  await expect(readEncoded(Buffer.from('{}'), encoding)).rejects.toMatchObject({ status: 415 });
});
