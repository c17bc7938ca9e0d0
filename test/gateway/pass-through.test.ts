import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { readAll, startFakeUpstream, type FakeUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { exchange, keepAliveAgent, openExchange } from '../support/http-client.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { seededRandom } from '../support/split-bytes.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const MEGABYTE = 1024 * 1024;

interface Setup {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
}

async function setup(handler: UpstreamHandler, { readsBody = true }: { readsBody?: boolean } = {}): Promise<Setup> {
  const upstream = await startFakeUpstream(handler, { readsBody });
  const gateway = await startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'sk-provider' } },
    passthrough: { provider: 'up' },
    redaction: { secrets: 'block', emails: 'block' },
  });
  return { gateway, upstream };
}

/** The first bytes of a sound file. */
const MP3 = Buffer.from('ID3\x04\0\0', 'latin1');

const ok: UpstreamHandler = ({ outgoing }) => void outgoing.end('ok');

function randomBytes(length: number, seed: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

test.each([
  ['GET', '/v1/files?limit=2&order=desc'],
  ['DELETE', '/v1/files/file-1'],
  ['PUT', '/v1/nothing/known%20yet/%C3%A9?x=%2F'],
  ['PATCH', '/v1/threads/t_1'],
  ['OPTIONS', '/v1/chat/completions'],
  ['GET', '/v1/chat/completions?limit=1'],
  ['POST', '/v1/messages/batches'],
  ['PROPFIND', '/v1/files'],
  ['TRACE', '/v1/files'],
])('%s %s goes to the provider as it is', async (method, path) => {
  const { gateway, upstream } = await setup(ok);
  const reply = await exchange(`${gateway.url}${path}`, { method });
  expect(reply.text).toBe('ok');
  expect(upstream.calls.map((call) => [call.method, call.url])).toEqual([[method, path]]);
  expect(upstream.calls[0]!.headers.authorization).toBe('Bearer sk-provider');
});

test('a HEAD request gets the headers of the reply and no body', async () => {
  const { gateway } = await setup(
    ({ outgoing }) => void outgoing.writeHead(200, { 'content-length': 1234, 'x-a': 'b' }).end(),
  );
  const reply = await exchange(`${gateway.url}/v1/files/f/content`, { method: 'HEAD' });
  expect([reply.status, reply.headers['content-length'], reply.headers['x-a'], reply.body.length]).toEqual([
    200,
    '1234',
    'b',
    0,
  ]);
});

test('a multipart upload and a binary download are byte-exact, secrets and all', async () => {
  const file = Buffer.concat([
    MP3,
    randomBytes(100_000, 1),
    Buffer.from('ghp_0123456789abcdefghijABCDEFGHIJ012345 ada@example.com'),
  ]);
  const edge = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));
  const head = edge('--b\nContent-Disposition: form-data; name="file"; filename="ü.bin"\nContent-Type: audio/mpeg\n\n');
  const upload = Buffer.concat([head, file, edge('\n--b--\n')]);
  const { gateway, upstream } = await setup(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': file.length }).end(file);
  });
  const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': String(upload.length) };
  const reply = await exchange(`${gateway.url}/v1/audio/transcriptions`, { body: upload, headers });
  expect(upstream.calls[0]!.body.equals(upload)).toBe(true);
  expect(upstream.calls[0]!.headers).toMatchObject(headers);
  expect(reply.body.equals(file)).toBe(true);
  expect(reply.headers['content-length']).toBe(String(file.length));
});

test('a body in chunks goes on whole, with its encoding untouched', async () => {
  const { gateway, upstream } = await setup(ok);
  const body = Readable.from([Buffer.from('one '), Buffer.from('two')]);
  await exchange(`${gateway.url}/v1/files`, { body, headers: { 'content-encoding': 'br' } });
  const [call] = upstream.calls;
  expect(call!.body.toString()).toBe('one two');
  expect(call!.headers['content-encoding']).toBe('br');
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Freed memory is told late: after so many full collections it is. */
const MOST_COLLECTIONS = 6;

/** The least that the process holds in buffers over some full collections, in bytes; no more of them once it is `enough`. */
async function heldBytes(enough = 0): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MOST_COLLECTIONS && least >= enough; round++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
    least = Math.min(least, process.memoryUsage().arrayBuffers);
  }
  return least;
}

// Kernel-independent: what Node's streams and the pools in between may hold, with room for the test's own megabytes.
const MOST_HELD = 8 * MEGABYTE;

/**
 * Sends 30 MB by `push`, each megabyte when the one before it has arrived, and none may be kept in between. The hashes
 * go on: what they are at the end of the body is for the caller to compare.
 */
async function sendInStep(
  push: (piece: Buffer) => void,
  arriving: IncomingMessage,
): Promise<{ readonly sent: Hash; readonly received: Hash }> {
  const before = await heldBytes();
  const [sent, received] = [createHash('sha256'), createHash('sha256')];
  let missing = 0;
  let allArrived = (): void => {};
  arriving.on('data', (chunk: Buffer) => {
    received.update(chunk);
    missing -= chunk.length;
    if (missing === 0) allArrived();
  });
  for (let step = 0; step < 30; step++) {
    const piece = Buffer.alloc(MEGABYTE, step);
    sent.update(piece);
    missing += piece.length;
    const reached = new Promise<void>((resolve) => (allArrived = resolve));
    push(piece);
    await reached;
  }
  expect(await heldBytes(before + MOST_HELD)).toBeLessThan(before + MOST_HELD);
  return { sent, received };
}

test('30 MB go up in step: each megabyte reaches the provider before the next is sent, and none is kept', async () => {
  const { gateway, upstream } = await setup(() => {}, { readsBody: false });
  const upload = new Readable({ read: () => {} });
  const reply = exchange(`${gateway.url}/v1/files`, { body: upload });
  upload.push(MP3); // the headers leave with what shows that it is no text
  const { incoming, outgoing } = await upstream.call(0);
  await once(incoming, 'data');
  const { sent, received } = await sendInStep((piece) => upload.push(piece), incoming);
  incoming.on('end', () => outgoing.end('done'));
  upload.push(null);
  expect((await reply).text).toBe('done');
  expect(received.digest('hex')).toBe(sent.digest('hex'));
});

test('30 MB come down in step: each megabyte reaches the client before the next is sent, and none is kept', async () => {
  const { gateway, upstream } = await setup(({ outgoing }) => outgoing.flushHeaders());
  const incoming = await openExchange(`${gateway.url}/v1/files/f/content`, { method: 'GET' });
  const { outgoing } = await upstream.call(0);
  const { sent, received } = await sendInStep((piece) => outgoing.write(piece), incoming);
  outgoing.end();
  await once(incoming, 'end');
  expect(received.digest('hex')).toBe(sent.digest('hex'));
});

test('a reply that comes before the upload is complete is passed back, and the connection serves on', async () => {
  const { gateway } = await setup(
    async ({ incoming, outgoing, url }) => {
      if (url === '/v1/files') outgoing.writeHead(413).end('too much');
      else outgoing.end(`read ${(await readAll(incoming)).length}`);
    },
    { readsBody: false },
  );
  const agent = keepAliveAgent();
  const upload = Buffer.alloc(4 * MEGABYTE, 'x');
  const first = await exchange(`${gateway.url}/v1/files`, { body: upload, agent });
  expect([first.status, first.text]).toEqual([413, 'too much']);
  const second = await exchange(`${gateway.url}/v1/other`, { body: 'abc', agent });
  expect(second.text).toBe('read 3');
});

test('a client that leaves in the middle of its upload takes the provider’s request with it', async () => {
  const { gateway, upstream } = await setup(() => {}, { readsBody: false });
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest('/v1/files', { headers: { 'content-length': '1000', 'content-type': 'audio/mpeg' } }));
  client.send(`${MP3.toString('latin1')}half`);
  const { left } = await upstream.call(0);
  client.close();
  expect(await left).toBe(true);
  expect(await gateway.log.request()).toMatchObject({ outcome: 'cancelled', status: 499 });
});

test('an event stream of an unknown endpoint is passed on as it comes', async () => {
  const { gateway, upstream } = await setup(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: one\n\n');
  });
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest('/v1/threads/runs', { headers: { connection: 'close' } }));
  await client.until('data: one');
  (await upstream.call(0)).outgoing.end('data: two');
  expect(await client.untilEnd()).toContain('data: two');
});

test('a download that breaks off is cut off for the client, too, and recorded as truncated', async () => {
  const { gateway } = await setup(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-length': 1000 }).write('half');
    outgoing.socket!.end();
  });
  const reply = await exchange(`${gateway.url}/v1/files/f/content`, { method: 'GET' });
  expect([reply.isComplete, reply.text]).toEqual([false, 'half']);
  expect(await gateway.log.request()).toMatchObject({ outcome: 'truncated', status: 200 });
});

test('a redirect is passed back and not followed', async () => {
  const { gateway, upstream } = await setup(({ outgoing }) => {
    outgoing.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end();
  });
  const reply = await exchange(`${gateway.url}/v1/files/f/content`, { method: 'GET' });
  expect([reply.status, reply.headers.location]).toEqual([302, 'http://169.254.169.254/latest/']);
  expect(upstream.calls).toHaveLength(1);
});

test.each([
  ['a doubled slash', '/v1//chat/completions'],
  ['an encoded slash', '/v1/chat%2Fcompletions'],
  ['a dot segment', '/v1/x/../chat/completions'],
  ['an encoded dot segment', '/v1/x/%2e%2e/chat/completions'],
  ['another case', '/v1/Chat/Completions'],
  ['an encoded letter', '/v1/ch%61t/completions'],
  ['a trailing slash', '/v1/chat/completions/'],
  ['a broken escape', '/v1/chat/completions%'],
  ['no version', '/chat/completions'],
  ['another case of the version', '/V1/files'],
  ['a backslash', '/v1/chat\\completions'],
  ['a whole address in place of a path', 'http://elsewhere/v1/files'],
  ['a whole address of a parsed endpoint', 'http://elsewhere/v1/chat/completions'],
  ['the control plane', '/api/v1/rollouts'],
  ['the metrics', '/metrics'],
])('a path with %s is not served', async (_name, path) => {
  const { gateway, upstream } = await setup(ok);
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(path, { headers: { connection: 'close' }, body: '{"model":"m"}' }));
  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 40[04] /);
  expect(client.text).toContain('x-sluice-request-id');
  expect(upstream.calls).toEqual([]);
});

test('without a provider for them, unknown paths are not found', async () => {
  const gateway = await startTestGateway({
    providers: { sim: { type: 'simulator' } },
    models: { m: { target: 'sim/m' } },
  });
  const reply = await exchange(`${gateway.url}/v1/files`, { method: 'GET' });
  expect(reply.status).toBe(404);
  expect(reply.json()).toMatchObject({ error: { code: 'not_found' } });
});
