import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const BODY = '{"model":"m","messages":[]}';

async function setup(
  timeouts: Readonly<Record<string, string>> = {},
): Promise<{ gateway: TestGateway; served: () => number }> {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    gateway: { timeouts },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'client' } },
    passthrough: { provider: 'up' },
    models: { m: { provider: 'up' } },
    keys: [{ name: 'app', secret: 'sk-sluice-app', allowArmOverride: true }],
  });
  return { gateway, served: () => upstream.calls.length };
}

interface LocalError {
  readonly head: string;
  readonly error: { readonly code: string; readonly type: string; readonly param: unknown; readonly message: string };
}

/** The one answer on the connection, which must be the gateway's own and complete. */
async function refusal(connection: RawConnection): Promise<LocalError> {
  const text = await connection.untilEnd();
  const [head = '', body = ''] = text.split('\r\n\r\n');
  expect(head).toMatch(/x-sluice-request-id: [0-9a-f-]{36}/);
  expect(head).toContain('application/json');
  expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  return { head, ...(JSON.parse(body) as Pick<LocalError, 'error'>) };
}

const head = (...lines: readonly string[]): string =>
  `POST ${CHAT} HTTP/1.1\r\nhost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

test.each([
  [
    'content-length and transfer-encoding together',
    head('content-length: 4', 'transfer-encoding: chunked') + '0\r\n\r\n',
  ],
  ['two content-lengths that differ', head('content-length: 4', 'content-length: 5') + 'abcde'],
  ['two content-lengths that are equal', head('content-length: 4', 'content-length: 4') + 'abcd'],
  ['a list of content-lengths', head('content-length: 4, 4') + 'abcd'],
  ['a content-length that is no number', head('content-length: 0x4') + 'abcd'],
  ['a signed content-length', head('content-length: +4') + 'abcd'],
  ['chunked that is not the last encoding', head('transfer-encoding: chunked, identity') + '0\r\n\r\n'],
  ['a misspelt chunked', head('transfer-encoding: xchunked') + '0\r\n\r\n'],
  ['a chunk size that is no number', head('transfer-encoding: chunked') + 'zz\r\nabc\r\n0\r\n\r\n'],
  ['a bare LF at the end of a header', `POST ${CHAT} HTTP/1.1\r\nhost: a\nx-a: b\r\n\r\n`],
  ['a bare CR in a header', `POST ${CHAT} HTTP/1.1\r\nhost: a\r\nx-a: b\rc\r\n\r\n`],
  ['a NUL in a header', head('x-a: b\0c')],
  ['a NUL in the key', head('authorization: Bearer sk\0x')],
  ['a bare CR in the metadata', head('x-sluice-metadata: {"a":"b\rc"}')],
  ['a space before the colon', head('content-length : 4') + 'abcd'],
  ['a folded header', head('x-a: b', ' c')],
  ['a header without a name', head(': b')],
  ['a line break in the target', 'GET /v1/models\r\n HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['an unknown version', 'GET /v1/models HTTP/3.9\r\nhost: a\r\n\r\n'],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
])('%s is answered 400, and the connection closes', async (_name, bytes) => {
  const { gateway, served } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(Buffer.from(bytes, 'latin1'));
  client.send(rawRequest('/v1/smuggled', { method: 'GET' }));
  const { head, error } = await refusal(client);
  expect(head).toMatch(/^HTTP\/1\.1 400 /);
  expect(error).toMatchObject({ code: 'malformed_http', type: 'invalid_request_error', param: null });
  expect(served()).toBe(0);
});

test.each([
  ['no Host', `GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n`],
  ['an impossible Host', `GET /v1/models HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n`],
])('%s is answered 400 with a request id', async (_name, bytes) => {
  const { gateway } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(bytes);
  const { head, error } = await refusal(client);
  expect(head).toMatch(/^HTTP\/1\.1 400 /);
  expect(error.code).toBe('malformed_http');
});

test('control characters in the body’s metadata and model reach no header, label or log line as they are', async () => {
  const { gateway } = await setup();
  const client = await RawConnection.open(gateway.port);
  const body = JSON.stringify({
    model: 'm\r\nx-injected: yes\u2028\u0085',
    metadata: { team: 'a\r\nb' },
    messages: [],
  });
  client.send(rawRequest(CHAT, { body, headers: { connection: 'close' } }));
  const text = await client.untilEnd();
  expect(text).toMatch(/^HTTP\/1\.1 404 /);
  expect(text.split('\r\n\r\n', 1)[0]).not.toContain('injected');
  expect(gateway.log.lines.every((line) => /^[\x20-\x7e]*\n$/.test(line))).toBe(true);
  expect((await gateway.metrics()).text).not.toContain('injected');
});

test('headers over 64 KiB are answered 431', async () => {
  const { gateway } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(head(...Array.from({ length: 100 }, (_, index) => `x-${index}: ${'y'.repeat(1000)}`)));
  const { head: answered, error } = await refusal(client);
  expect(answered).toMatch(/^HTTP\/1\.1 431 /);
  expect(error.code).toBe('headers_too_large');
});

test('headers that drip in are answered 408 at the deadline, however steady the drip', async () => {
  const { gateway } = await setup({ headers: '200ms' });
  const client = await RawConnection.open(gateway.port);
  client.send(`POST ${CHAT} HTTP/1.1\r\nhost: a\r\n`);
  const drip = setInterval(() => client.send('x-a: b\r\n'), 50);
  const { head: answered, error } = await refusal(client);
  clearInterval(drip);
  expect(answered).toMatch(/^HTTP\/1\.1 408 /);
  expect(error.code).toBe('request_timeout');
});

test('a body that drips in is answered 408 at the deadline, however steady the drip', async () => {
  const { gateway, served } = await setup({ request: '200ms' });
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { headers: { 'content-length': '1000' } }));
  const drip = setInterval(() => client.send(' '), 20);
  const { head: answered, error } = await refusal(client);
  clearInterval(drip);
  expect(answered).toMatch(/^HTTP\/1\.1 408 /);
  expect(error.code).toBe('request_timeout');
  expect(served()).toBe(0);
});

test.each([
  [
    'a WebSocket upgrade',
    rawRequest('/v1/realtime', {
      method: 'GET',
      headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'a' },
    }),
    426,
    'upgrade_not_supported',
  ],
  ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n', 405, 'method_not_allowed'],
])('%s is refused', async (_name, bytes, status, code) => {
  const { gateway } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(bytes);
  const { head: answered, error } = await refusal(client);
  expect(answered).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(error.code).toBe(code);
});

test('an upgrade to h2c is left out, and the request is served as it is', async () => {
  const { gateway } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(
    rawRequest(CHAT, {
      body: BODY,
      headers: { connection: 'close, Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' },
    }),
  );
  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 /);
});

test('forged forwarding headers change nothing about who calls', async () => {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    auth: { required: true },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { provider: 'up' } },
    keys: [{ name: 'app', secret: 'sk-sluice-app' }],
  });
  const client = await RawConnection.open(gateway.port);
  const forged = {
    host: '127.0.0.1:8081',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'localhost',
    forwarded: 'for=127.0.0.1',
    'x-real-ip': '127.0.0.1',
    'x-original-url': '/livez',
  };
  client.send(rawRequest(CHAT, { body: BODY, headers: { ...forged, connection: 'close' } }));
  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 401 /);
  expect(upstream.calls).toEqual([]);
});

test('several requests in one packet are answered in their order', async () => {
  const { gateway, served } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(
    rawRequest(CHAT, { body: BODY }) +
      rawRequest('/v1/chat/completions', { body: '{' }) +
      rawRequest(CHAT, { body: BODY, headers: { connection: 'close' } }),
  );
  const text = await client.untilEnd();
  expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '400', '200']);
  expect(served()).toBe(2);
});

test('a client that expects 100-continue is told to go on', async () => {
  const { gateway } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(
    rawRequest(CHAT, {
      headers: { 'content-length': String(BODY.length), expect: '100-continue', connection: 'close' },
    }),
  );
  await client.until('HTTP/1.1 100 Continue\r\n\r\n');
  client.send(BODY);
  expect(await client.untilEnd()).toContain('HTTP/1.1 200 OK');
});
