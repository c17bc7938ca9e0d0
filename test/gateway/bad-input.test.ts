import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { exchange, keepAliveAgent, type HttpReply } from '../support/http-client.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const GOOD = '{"model":"m","messages":[]}';
const MEBIBYTE = 1024 * 1024;

async function setup(gatewaySection: Readonly<Record<string, unknown>> = {}) {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    gateway: gatewaySection,
    providers: {
      up: { type: 'openai', baseUrl: `${upstream.url}/v1` },
      claude: { type: 'anthropic', baseUrl: upstream.url },
    },
    models: { m: { provider: 'up' }, c: { provider: 'claude' } },
  });
  return { gateway, upstream };
}

const nested = (levels: number): string => `{"model":"m","x":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

type BadInput = readonly [
  name: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
  status: number,
  error: object,
];

const BAD_INPUTS: readonly BadInput[] = [
  ['no body', '', {}, 400, { code: 'invalid_json' }],
  ['broken JSON', '{"model":"m",', {}, 400, { code: 'invalid_json' }],
  ['JSON with a comment', '{"model":"m"/**/}', {}, 400, { code: 'invalid_json' }],
  ['two values', `${GOOD}{}`, {}, 400, { code: 'invalid_json' }],
  ['no object', '["model"]', {}, 400, { code: 'invalid_json' }],
  ['a control character in a string', '{"model":"m\n"}', {}, 400, { code: 'invalid_json' }],
  [
    'bytes that are no UTF-8',
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    {},
    400,
    { code: 'invalid_json' },
  ],
  [
    'a surrogate in UTF-8',
    Buffer.from([...Buffer.from('{"model":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')]),
    {},
    400,
    { code: 'invalid_json' },
  ],
  ['65 levels', nested(65), {}, 400, { code: 'json_too_deep' }],
  ['200,000 levels', '['.repeat(200_000), {}, 400, { code: 'json_too_deep' }],
  ['a name twice', '{"model":"m","model":"other"}', {}, 400, { code: 'ambiguous_json' }],
  ['a name twice, once escaped', '{"model":"m","\\u006dodel":"other"}', {}, 400, { code: 'ambiguous_json' }],
  [
    'a name twice, deep down',
    '{"model":"m","messages":[{"content":{"a":1,"a":2}}]}',
    {},
    400,
    { code: 'ambiguous_json' },
  ],
  ['Model beside model', '{"model":"m","Model":"other"}', {}, 400, { code: 'ambiguous_json', param: 'model' }],
  ['Model alone', '{"Model":"m"}', {}, 400, { code: 'ambiguous_json' }],
  [
    'a long s in a judged name',
    '{"model":"m","me\u017f\u017fages":[]}',
    {},
    400,
    { code: 'ambiguous_json', param: 'messages' },
  ],
  [
    'another case in a message',
    '{"model":"m","messages":[{"Content":"x"}]}',
    {},
    400,
    { code: 'ambiguous_json', param: 'content' },
  ],
  ['no model', '{"messages":[]}', {}, 400, { code: 'invalid_request', param: 'model' }],
  ['a model that is a number', '{"model":7}', {}, 400, { code: 'invalid_request', param: 'model' }],
  ['an unknown model', '{"model":"nothing"}', {}, 404, { code: 'model_not_found', param: 'model' }],
  ['a look-alike model', '{"model":"\u217f"}', {}, 404, { code: 'model_not_found' }],
  ['a model with a zero-width space', '{"model":"m\\u200b"}', {}, 404, { code: 'model_not_found' }],
  ['a model with a trailing space', '{"model":"m "}', {}, 404, { code: 'model_not_found' }],
  ['what cannot be translated', '{"model":"c"}', {}, 400, { code: 'invalid_request', param: 'messages' }],
  [
    'an unknown content-encoding',
    GOOD,
    { 'content-encoding': 'br' },
    415,
    { code: 'unsupported_encoding', param: 'content-encoding' },
  ],
  [
    'two content-encodings',
    gzipSync(GOOD),
    { 'content-encoding': 'gzip, gzip' },
    415,
    { code: 'unsupported_encoding' },
  ],
  ['a gzip body that is none', GOOD, { 'content-encoding': 'gzip' }, 400, { code: 'invalid_json' }],
  [
    'a gzip body that is cut off',
    gzipSync(GOOD).subarray(0, 20),
    { 'content-encoding': 'gzip' },
    400,
    { code: 'invalid_json' },
  ],
  [
    'metadata that is no JSON',
    GOOD,
    { 'x-sluice-metadata': 'team=search' },
    400,
    { code: 'invalid_request', param: 'x-sluice-metadata' },
  ],
  [
    'metadata that nests',
    GOOD,
    { 'x-sluice-metadata': '{"__proto__":{"admin":true}}' },
    400,
    { code: 'invalid_request' },
  ],
];

test('each bad input is answered in the contract’s form without a word to the provider, and the next request is served', async () => {
  const { gateway, upstream } = await setup();
  const agent = keepAliveAgent();
  for (const [name, body, headers, status, error] of BAD_INPUTS) {
    const refused = await exchange(`${gateway.url}${CHAT}`, { body, headers, agent });
    expect({ name, status: refused.status }).toEqual({ name, status });
    expect(Object.keys(refused.json()['error'] as object)).toEqual(['message', 'type', 'param', 'code']);
    expect(refused.json()).toMatchObject({ error });
    expect(refused.headers).toMatchObject({
      'x-should-retry': 'false',
      'x-sluice-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(upstream.calls).toEqual([]);
    const served = await exchange(`${gateway.url}${CHAT}`, { body: GOOD, agent });
    expect({ name, status: served.status }).toEqual({ name, status: 200 });
    (upstream.calls as unknown[]).length = 0;
  }
  expect(upstream.connections).toBe(1);
});

test('on Anthropic’s paths the same mistakes have Anthropic’s form', async () => {
  const { gateway } = await setup();
  const refused = await exchange(`${gateway.url}/v1/messages?beta=true`, { body: '{"model":"nothing"}' });
  const id = refused.headers['x-sluice-request-id'];
  expect(refused.status).toBe(404);
  expect(refused.json()).toEqual({
    type: 'error',
    error: { type: 'not_found_error', message: expect.any(String) as string },
    request_id: id,
  });
});

test('64 levels pass', async () => {
  const { gateway, upstream } = await setup();
  expect((await exchange(`${gateway.url}${CHAT}`, { body: nested(64) })).status).toBe(200);
  expect(upstream.calls[0]!.body.toString()).toBe(nested(64));
});

test('names that a free-form part may hold in any case are let through', async () => {
  const { gateway, upstream } = await setup();
  const body =
    '{"model":"m","metadata":{"Model":"a"},"tools":[{"function":{"parameters":{"properties":{"Content":{},"content":{}}}}}]}';
  expect((await exchange(`${gateway.url}${CHAT}`, { body })).status).toBe(200);
  expect(upstream.calls[0]!.body.toString()).toBe(body);
});

test('metadata named like what every object has is only metadata', async () => {
  const { gateway } = await setup();
  const headers = { 'x-sluice-metadata': '{"__proto__":"x","constructor":"y","toString":"z"}' };
  expect((await exchange(`${gateway.url}${CHAT}`, { body: GOOD, headers })).status).toBe(200);
});

function tooLarge(reply: HttpReply): void {
  expect(reply.status).toBe(413);
  expect(reply.json()).toMatchObject({ error: { code: 'body_too_large' } });
  expect(reply.headers.connection).toBe('close');
}

test('a body of 20 MiB is served, and one byte more is answered 413 at the limit', async () => {
  const { gateway, upstream } = await setup();
  const filled = (length: number): Buffer => Buffer.from(GOOD.padEnd(length));
  expect((await exchange(`${gateway.url}${CHAT}`, { body: filled(20 * MEBIBYTE) })).status).toBe(200);
  expect(upstream.calls[0]!.body.length).toBe(20 * MEBIBYTE);
  tooLarge(await exchange(`${gateway.url}${CHAT}`, { body: filled(20 * MEBIBYTE + 1) }));
  expect((await exchange(`${gateway.url}${CHAT}`, { body: GOOD })).status).toBe(200);
});

test('a content-length over the limit is answered before the body is sent', async () => {
  const { gateway } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { headers: { 'content-length': String(100 * MEBIBYTE) } }));
  expect(await client.until('body_too_large')).toMatch(/^HTTP\/1\.1 413 /);
  expect(await client.ended).toBe('closed');
});

test('a body in chunks is answered 413 as soon as it is over the limit, and the connection closes', async () => {
  const { gateway, upstream } = await setup({ maxBodyBytes: '64KiB' });
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { headers: { 'transfer-encoding': 'chunked' } }));
  const chunk = `8000\r\n${' '.repeat(0x8000)}\r\n`;
  client.send(chunk + chunk + '1\r\n \r\n');
  expect(await client.until('body_too_large')).toMatch(/^HTTP\/1\.1 413 /);
  expect(await client.ended).toBe('closed');
  expect(upstream.calls).toEqual([]);
});

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const)('a %s body that inflates over the limit is answered 413', async (encoding, compress) => {
  const { gateway, upstream } = await setup({ maxBodyBytes: '1MiB' });
  const bomb = compress(Buffer.alloc(64 * MEBIBYTE, ' '));
  expect(bomb.length).toBeLessThan(MEBIBYTE);
  tooLarge(await exchange(`${gateway.url}${CHAT}`, { body: bomb, headers: { 'content-encoding': encoding } }));
  expect(upstream.calls).toEqual([]);
});

test('a client that leaves in the middle of its body costs nothing', async () => {
  const { gateway, upstream } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { headers: { 'content-length': '1000' } }));
  client.send('{"model":');
  client.reset();
  expect(await gateway.log.request()).toMatchObject({ outcome: 'cancelled', status: 499, attempts: 0 });
  expect(upstream.calls).toEqual([]);
  expect((await gateway.metrics()).sum('sluice_inflight_requests')).toBe(0);
});
