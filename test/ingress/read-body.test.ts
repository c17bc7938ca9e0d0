import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { Exchange } from '../../src/core/exchange.ts';
import { ClientGoneError, decodeBody, readBody } from '../../src/ingress/read-body.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { newExchange, serve } from './support.ts';

const LIMIT = 1_000;

interface Outcome {
  readonly body: string | null;
  readonly error: unknown;
}

/** Sends these bytes after the head; what the reading came to, with the listeners that it left behind. */
async function read(head: string): Promise<{
  exchange: Exchange;
  connection: RawConnection;
  outcome: Promise<Outcome & { readonly left: number }>;
  isReading: Promise<void>;
}> {
  const exchange = newExchange();
  let tellReading = (): void => {};
  const isReading = new Promise<void>((resolve) => (tellReading = resolve));
  let port = 0;
  const outcome = new Promise<Outcome & { readonly left: number }>((resolve) => {
    void serve((incoming) => {
      const before = listeners(incoming);
      const reading = readBody(incoming, exchange, LIMIT);
      tellReading();
      void reading
        .then(
          (bytes) => ({ body: bytes.toString(), error: null }),
          (error: unknown) => ({ body: null, error }),
        )
        .then((result) => resolve({ ...result, left: listeners(incoming) - before }));
    }).then((made) => (port = made));
  });
  await vi.waitUntil(() => port > 0, { interval: 1 });
  const connection = await RawConnection.open(port);
  connection.send(`POST / HTTP/1.1\r\nhost: a\r\n${head}`);
  return { exchange, connection, outcome, isReading };
}

function listeners(incoming: { listenerCount(name: string): number }): number {
  return ['data', 'end', 'error', 'close'].reduce((total, name) => total + incoming.listenerCount(name), 0);
}

const codeOf = (error: unknown): string => (error instanceof GatewayError ? error.code : (error as Error).name);

describe('a request body', () => {
  it.each([
    ['with a length', 'content-length: 5\r\n\r\nhello', 'hello'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', 'hello'],
    ['that is empty', 'content-length: 0\r\n\r\n', ''],
    ['of exactly the limit', `content-length: ${LIMIT}\r\n\r\n${'x'.repeat(LIMIT)}`, 'x'.repeat(LIMIT)],
  ])('%s is read to its end', async (_how, head, body) => {
    const { outcome } = await read(head);
    expect(await outcome).toEqual({ body, error: null, left: 0 });
  });

  it.each([
    ['by its length, before any of it has come', `content-length: ${LIMIT + 1}\r\n\r\n`],
    [
      'in chunks, as soon as they exceed the limit',
      `transfer-encoding: chunked\r\n\r\n${(LIMIT + 1).toString(16)}\r\n${'x'.repeat(LIMIT + 1)}\r\n`,
    ],
    ['by a length beyond all numbers', `content-length: 9007199254740993\r\n\r\n`],
  ])('that is too large is refused %s', async (_how, head) => {
    const { error, left } = await (await read(head)).outcome;
    expect([codeOf(error), (error as GatewayError).details.closeConnection, left]).toEqual(['body_too_large', true, 0]);
  });

  it.each([
    ['request_timeout', 'request_timeout'],
    ['shutdown', 'overloaded'],
  ] as const)('that is still coming at %s is given up', async (reason, code) => {
    const { exchange, outcome, isReading } = await read('content-length: 500\r\n\r\nx');
    await isReading;
    exchange.abort(reason);
    const { error, left } = await outcome;
    expect([codeOf(error), (error as GatewayError).details.closeConnection, left]).toEqual([code, true, 0]);
  });

  it.each(['close', 'reset'] as const)('whose client leaves (%s) has nobody to answer', async (how) => {
    const { outcome, connection, isReading } = await read('content-length: 500\r\n\r\nx');
    await isReading;
    connection[how]();
    const { error, left } = await outcome;
    expect([error instanceof ClientGoneError, left]).toEqual([true, 0]);
  });
});

describe('an encoded body', () => {
  const text = Buffer.from('{"model":"a"}');

  it.each([
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
  ])('in %s is undone', async (encoding, bytes) => {
    expect((await decodeBody(bytes, encoding, LIMIT)).toString()).toBe(text.toString());
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)("in %s may have the limit's size and not a byte more", async (encoding, compress) => {
    expect(await decodeBody(compress(Buffer.alloc(LIMIT)), encoding, LIMIT)).toHaveLength(LIMIT);
    await expect(decodeBody(compress(Buffer.alloc(LIMIT + 1)), encoding, LIMIT)).rejects.toMatchObject({
      code: 'body_too_large',
    });
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(32 * 1024 * 1024))],
    ['zstd', zstdCompressSync(Buffer.alloc(32 * 1024 * 1024))],
  ])('that is a bomb in %s is refused', async (encoding, bytes) => {
    expect(bytes.length).toBeLessThan(64 * 1024);
    await expect(decodeBody(bytes, encoding, 1024 * 1024)).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it.each([
    ['gzip', Buffer.from('no gzip')],
    ['gzip', gzipSync(text).subarray(0, 15)],
    ['zstd', Buffer.from('no zstd')],
    ['zstd', zstdCompressSync(text).subarray(0, 10)],
    ['gzip', zstdCompressSync(text)],
    ['gzip', Buffer.alloc(0)],
  ])('that is damaged or of another kind than %s is refused (%#)', async (encoding, bytes) => {
    await expect(decodeBody(bytes, encoding, LIMIT)).rejects.toMatchObject({ code: 'invalid_json' });
  });

  it.each(['br', 'deflate', 'gzip, gzip', 'x-gzip', 'constructor', ''])('in %j is not supported', async (encoding) => {
    await expect(decodeBody(text, encoding, LIMIT)).rejects.toMatchObject({ code: 'unsupported_encoding' });
  });
});
