import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { ClientLeft, readBody } from '../../src/simulator/read-body.ts';

function incoming(): { req: EventEmitter; body: Promise<string> } {
  const req = new EventEmitter();
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
