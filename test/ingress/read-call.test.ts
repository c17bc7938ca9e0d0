import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ModelCall } from '../../src/core/call.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Principal } from '../../src/core/principal.ts';
import { readCall } from '../../src/ingress/read-call.ts';
import { systemClock } from '../../src/core/clock.ts';
import { exchange } from '../support/http-client.ts';
import { newExchange, principal, serve } from './support.ts';

interface Sent {
  readonly headers?: Record<string, string>;
  readonly as?: Principal;
}

async function read(
  body: string | Buffer,
  { headers = {}, as = principal() }: Sent = {},
): Promise<ModelCall | GatewayError> {
  let result: ModelCall | GatewayError | null = null;
  const port = await serve((incoming, outgoing) => {
    const keep = (told: ModelCall | GatewayError): void => {
      result = told;
      outgoing.end();
    };
    void readCall(incoming, newExchange(), as, 100_000, systemClock).then(keep, keep);
  });
  await exchange(`http://127.0.0.1:${port}/v1/chat/completions?beta=true`, { body, headers });
  return result!;
}

async function call(body: string | Buffer, sent: Sent = {}): Promise<ModelCall> {
  const result = await read(body, sent);
  if (result instanceof Error) throw result;
  return result;
}

async function refusal(body: string | Buffer, sent: Sent = {}): Promise<GatewayError> {
  const result = await read(body, sent);
  if (result instanceof GatewayError) return result;
  throw new Error('not refused');
}

describe('a call', () => {
  it('is read with the fields that the gateway acts on', async () => {
    const { model, stream, user, path, encoding, bytes } = await call('{"model":"\\u0061b","stream":true,"user":"u1"}');
    expect([model, stream, user, path, encoding]).toEqual(['ab', true, 'u1', '/v1/chat/completions?beta=true', null]);
    expect(bytes.toString()).toBe('{"model":"\\u0061b","stream":true,"user":"u1"}');
  });

  it.each([
    ['{}', null, false, null],
    ['{"model":null,"stream":false,"user":7}', null, false, null],
    ['{"stream":"true"}', null, false, null],
    ['{"metadata":{"user_id":"m1"}}', null, false, 'm1'],
    ['{"user":"u1","metadata":{"user_id":"m1"}}', null, false, 'u1'],
  ])('%s has the model %j, streams: %s, and the user %j', async (body, model, stream, user) => {
    expect(await call(body)).toMatchObject({ model, stream, user });
  });

  it.each([
    ['gzip', gzipSync, 'gzip'],
    ['zstd', zstdCompressSync, 'zstd'],
    ['gzip', gzipSync, ' GZip '],
  ])('that came in %s keeps its bytes and their encoding (%#)', async (name, compress, header) => {
    const bytes = compress('{"model":"a"}');
    const made = await call(bytes, { headers: { 'content-encoding': header } });
    expect([made.model, made.encoding, made.bytes.equals(bytes)]).toEqual(['a', name, true]);
  });

  it.each(['identity', 'Identity', ''])('with the content-encoding %j is plain', async (header) => {
    expect((await call('{"model":"a"}', { headers: { 'content-encoding': header } })).encoding).toBeNull();
  });

  it.each([
    ['', 'invalid_json'],
    ['[]', 'invalid_json'],
    ['"x"', 'invalid_json'],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'invalid_json'],
    [Buffer.from('\ufeff{}'), 'invalid_json'],
    ['{"model":"a","model":"b"}', 'ambiguous_json'],
    [`{"a":${'['.repeat(64)}${']'.repeat(64)}}`, 'json_too_deep'],
    ['{"model":7}', 'invalid_request'],
    ['{"model":{"a":1}}', 'invalid_request'],
  ])('with the body %j is refused: %s', async (body, code) => {
    expect((await refusal(body)).code).toBe(code);
  });

  it('in an encoding that is not served is refused, and so is a bomb', async () => {
    expect((await refusal('{}', { headers: { 'content-encoding': 'br' } })).code).toBe('unsupported_encoding');
    expect((await refusal(gzipSync(Buffer.alloc(100_001)), { headers: { 'content-encoding': 'gzip' } })).code).toBe(
      'body_too_large',
    );
  });
});

describe('a field that differs from a judged one by case only', () => {
  it.each([
    '{"Model":"a"}',
    '{"model":"a","MESSAGES":[]}',
    '{"\\u017ftream":true}',
    '{"to\\u212aen":1,"toolS":[]}',
    '{"messages":[{"Role":"user"}]}',
    '{"messages":[{"content":[{"type":"text","Text":"x"}]}]}',
    '{"messages":[{"tool_calls":[{"function":{"Arguments":"{}"}}]}]}',
    '{"input":[{"Content":"x"}]}',
    '{"system":[{"Text":"x"}]}',
    '{"Metadata":{}}',
  ])('is ambiguous: %s', async (body) => {
    expect((await refusal(body)).code).toBe('ambiguous_json');
  });

  it.each([
    '{"metadata":{"Model":"a","User":"b"}}',
    '{"tools":[{"function":{"parameters":{"properties":{"Content":{"type":"string"}}}}}]}',
    '{"messages":[{"tool_calls":[{"input":{"x":1}}],"other":{"Role":"x"}}]}',
    '{"Unrelated":1,"maxTokens":5}',
  ])('is free where names are free: %s', async (body) => {
    expect((await call(body)).document.text).toBe(body);
  });
});

describe('metadata', () => {
  it("joins the body's, the header's and the key's; the later wins, so that nobody talks away what their key says", async () => {
    const { metadata } = await call(
      '{"metadata":{"team":"body","route":"support","n":1.50,"ok":true,"none":null,"deep":{"a":1}}}',
      {
        headers: { 'x-sluice-metadata': '{"team":"header","lang":"fr"}' },
        as: principal({ team: 'key', tier: 'gold' }),
      },
    );
    expect(Object.fromEntries(metadata)).toEqual({
      team: 'key',
      tier: 'gold',
      route: 'support',
      n: '1.50',
      ok: 'true',
      lang: 'fr',
    });
  });

  it.each(['{}', '{"metadata":{}}', '{"metadata":null}', '{"metadata":"x"}', '{"metadata":["x"]}'])(
    'of %s is empty',
    async (body) => {
      expect((await call(body)).metadata.size).toBe(0);
    },
  );

  it.each(['x', '[]', '"a"', '{"a":{}}', '{"a":[1]}', '{"a":1,"a":2}', '{"a":'])(
    'in a header that is %s is refused without quoting it',
    async (header) => {
      const { code, message, details } = await refusal('{}', { headers: { 'x-sluice-metadata': header } });
      expect([code, details.param]).toEqual(['invalid_request', 'x-sluice-metadata']);
      expect(message).toBe('The header x-sluice-metadata must be a flat JSON object, such as {"team":"search"}.');
    },
  );

  it('named like a property of every object is data like any other', async () => {
    const { metadata } = await call('{"metadata":{"__proto__":"a","constructor":"b"}}');
    expect([...metadata]).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
