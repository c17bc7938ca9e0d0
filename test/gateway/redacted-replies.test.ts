import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startFakeUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { exchange, postJson, type HttpReply } from '../support/http-client.ts';
import { seededRandom, splitAtRandom } from '../support/split-bytes.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const EMAIL = 'ada.lovelace@example.com';
const MASK = 'REDACTED_pii_email';
const OWN_KEY = 'provider-key-0123456789';

async function gatewayFor(handler: UpstreamHandler, redaction: object = {}): Promise<TestGateway> {
  const upstream = await startFakeUpstream(handler);
  return startTestGateway({
    providers: {
      up: {
        type: 'openai',
        baseUrl: `${upstream.url}/v1`,
        apiKey: OWN_KEY,
        headers: { 'x-token': `Bearer ${OWN_KEY}2` },
      },
      spare: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: OWN_KEY },
    },
    models: { m: { target: 'up/m' }, two: { target: 'up/m', fallbacks: ['spare/m'] } },
    upstream: { retries: { attempts: 0 } },
    passthrough: { provider: 'up' },
    redaction: { emails: 'mask', ...redaction },
  });
}

const answers =
  (type: string, body: string | Buffer, status = 200, headers: Record<string, string> = {}): UpstreamHandler =>
  ({ outgoing }) =>
    void outgoing
      .writeHead(status, { ...(type === '' ? {} : { 'content-type': type }), etag: '"e"', ...headers })
      .end(body);

const get = async (gateway: TestGateway, path: string): Promise<HttpReply> =>
  exchange(gateway.url + path, { method: 'GET' });

const line = (email: string): string =>
  `{ "custom_id":"1","response":{"body":{"choices":[{"message":{"content":"Write to ${email}"}}]}} }`;

test.each([
  [
    'items of a conversation',
    '/v1/conversations/c/items',
    'application/json',
    `{ "data":[{"text":"${EMAIL}"}],"n":1.0}`,
  ],
  [
    'messages of a thread',
    '/v1/threads/t/messages',
    'application/json; charset=utf-8',
    `{"data":[{"content":"${EMAIL}"}]}`,
  ],
  ['a batch', '/v1/batches/b', 'application/json', `{"metadata":{"for":"${EMAIL}"}}`],
  ['a file of lines', '/v1/files/f/content', 'application/octet-stream', `${line('x')}\r\n${line(EMAIL)}\n\n{}`],
  ['results of a batch', '/v1/messages/batches/b/results', 'application/x-jsonl', `${line(EMAIL)}\n`],
  ['a text file', '/v1/files/f/content', '', `Dear ${EMAIL},\n`],
  ['a page', '/v1/anything', 'text/html', `<p>${EMAIL}</p>`],
  ['a transcript', '/v1/audio/transcriptions', 'text/vtt', `00:01 --> 00:02\n${EMAIL}\n`],
])('%s is inspected', async (_name, path, type, body) => {
  const gateway = await gatewayFor(answers(type, body));
  const reply = await get(gateway, path);
  expect(reply.text).toBe(body.replace(EMAIL, MASK));
  expect(reply.headers.etag).toBeUndefined();
  expect(reply.isComplete).toBe(true);
  expect((await gateway.metrics()).sum('sluice_redactions_total', { direction: 'response' })).toBe(1);
});

test.each([
  ['application/json', ' {"a" : [1.0, "b"]}\n'],
  ['application/octet-stream', `${line('x')}\n`],
  ['text/plain', 'Grüße'],
  ['image/png', `\x89PNG ${EMAIL}`],
  ['application/octet-stream', `%PDF-1.7\n ${EMAIL}`],
  ['application/octet-stream', '\0 no address'],
])('%s in which nothing is found comes back byte for byte, with its headers', async (type, body) => {
  const bytes = Buffer.from(body, 'utf8');
  const gateway = await gatewayFor(answers(type, bytes, 200, { 'content-length': String(bytes.length) }));
  const reply = await get(gateway, '/v1/files/f/content');
  expect(reply.body.equals(bytes)).toBe(true);
  expect(reply.headers).toMatchObject({ etag: '"e"', 'content-length': String(bytes.length) });
});

test('a long file of lines is the same however it is split', async () => {
  const body = Buffer.from(`${line('x')}\n${line(EMAIL)}\nÜ {"a":\n`.repeat(3));
  const random = seededRandom(3);
  const gateway = await gatewayFor(async ({ outgoing }) => {
    for (const piece of splitAtRandom(body, random, 40)) {
      outgoing.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    outgoing.end();
  });
  for (let round = 0; round < 3; round++)
    expect((await get(gateway, '/v1/files/f/content')).text).toBe(body.toString().replaceAll(EMAIL, MASK));
});

test.each([
  [
    'a run of a thread',
    (text: string) =>
      `event: thread.message.delta\ndata: {"id":"m","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":{"value":"${text}"}}]}}\n\n`,
  ],
  [
    'a stored response',
    (text: string) =>
      `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"${text}"}\n\n`,
  ],
  ['a chat', (text: string) => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`],
])('the stream of %s is inspected over its events', async (_name, event) => {
  const events = `${[...`To ${EMAIL}, now`].map(event).join('')}data: [DONE]\n\n`;
  const gateway = await gatewayFor(answers('text/event-stream', events));
  const reply = await get(gateway, '/v1/responses/r?stream=true');
  const text = [...reply.text.matchAll(/"(?:value|delta|content)":"([^"]*)"/g)].map(([, piece]) => piece).join('');
  expect(text).toBe(`To ${MASK}, now`);
  expect(reply.text).toContain('data: [DONE]');
});

test('events of unknown form are inspected one by one and counted; where redaction fails closed the stream is cut', async () => {
  const handler = answers('text/event-stream', `data: ${EMAIL} and\n\ndata: more\n\n`);
  const open = await gatewayFor(handler);
  expect((await get(open, '/v1/x')).text).toBe(`data: ${MASK} and\n\ndata: more\n\n`);
  const count = { direction: 'response', reason: 'unknown_event' };
  expect((await open.metrics()).sum('sluice_redaction_uninspected_total', count)).toBe(1);
  const closed = await get(await gatewayFor(handler, { failure: 'closed' }), '/v1/x');
  expect(closed.text).not.toContain('more');
  expect([closed.isComplete, closed.text.includes('"error"')]).toEqual([false, true]);
});

test('JSON that is none is inspected as text and counted; where redaction fails closed it is refused', async () => {
  const handler = answers('application/json', `{"to": "${EMAIL}"`);
  const open = await gatewayFor(handler);
  expect((await get(open, '/v1/x')).text).toBe(`{"to": "${MASK}"`);
  expect((await open.metrics()).sum('sluice_redaction_uninspected_total', { reason: 'invalid_json' })).toBe(1);
  const closed = await get(await gatewayFor(handler, { failure: 'closed' }), '/v1/x');
  expect([closed.status, closed.text.includes('lovelace')]).toEqual([502, false]);
});

test('a reply of a parsed endpoint that cannot be read is refused by any policy, and counted', async () => {
  for (const failure of ['open', 'closed']) {
    const gateway = await gatewayFor(answers('text/plain', `to ${EMAIL}`), { failure });
    const reply = await postJson(`${gateway.url}/v1/chat/completions`, { model: 'm', messages: [] });
    expect([reply.status, reply.text.includes('lovelace')]).toEqual([502, false]);
    const count = { direction: 'response', reason: 'invalid_json' };
    expect((await gateway.metrics()).sum('sluice_redaction_uninspected_total', count)).toBe(1);
  }
});

test('compressed text passes, counted; where redaction fails closed it is refused', async () => {
  const handler = answers('text/plain', gzipSync('text'), 200, { 'content-encoding': 'gzip' });
  const open = await gatewayFor(handler);
  expect((await get(open, '/v1/x')).body.equals(gzipSync('text'))).toBe(true);
  expect((await open.metrics()).sum('sluice_redaction_uninspected_total', { reason: 'encoding' })).toBe(1);
  expect((await get(await gatewayFor(handler, { failure: 'closed' }), '/v1/x')).status).toBe(502);
});

test('a value that may not pass ends the file in which it stands', async () => {
  const body = `${`${line('x')}\n`.repeat(2000)}${line(EMAIL)}\n`;
  const reply = await get(await gatewayFor(answers('', body), { emails: 'block' }), '/v1/files/f/content');
  expect([reply.status, reply.isComplete, reply.text.includes('lovelace')]).toEqual([200, false, false]);
  const short = await gatewayFor(answers('', line(EMAIL), 200, { 'content-length': String(line(EMAIL).length) }), {
    emails: 'block',
  });
  expect((await get(short, '/v1/files/f/content')).json()).toMatchObject({ error: { code: 'secret_detected' } });
});

const quoting = (text: string): string => `{ "error":{"message":"Incorrect API key provided: ${text}.","code":1.0 } }`;

test.each([
  ['/v1/chat/completions', 'application/json', 401],
  ['/v1/chat/completions', 'application/json', 500],
  ['/v1/responses', 'application/json', 400],
  ['/v1/conversations', 'application/json', 404],
  ['/v1/conversations', '', 403],
])(
  'an error of %s (%s, %d) never holds the gateway’s own key, and no value of the request',
  async (path, type, status) => {
    for (const body of [quoting(`${OWN_KEY} by ${EMAIL}`), `<p>${OWN_KEY}2 by ${EMAIL}</p>`]) {
      const gateway = await gatewayFor(answers(type, body, status));
      const reply = await postJson(gateway.url + path, { model: 'm', messages: [] });
      const expected = body.replaceAll(/provider-key-\d+/g, 'REDACTED_provider_key').replace(EMAIL, MASK);
      expect([reply.status, reply.text]).toEqual([status, expected]);
      expect(reply.headers['content-length']).toBe(String(expected.length));
    }
  },
);

test('nor does one that was kept while a fallback was tried, or that is compressed, or with redaction off', async () => {
  const off = {
    secrets: 'allow',
    cards: 'allow',
    ibans: 'allow',
    national_ids: 'allow',
    generic_secrets: 'allow',
    emails: 'allow',
  };
  const gateway = await gatewayFor(({ outgoing }) => {
    const body = gzipSync(quoting(OWN_KEY));
    outgoing.writeHead(503, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body);
  }, off);
  for (const model of ['m', 'two']) {
    const reply = await postJson(`${gateway.url}/v1/chat/completions`, { model, messages: [] });
    expect([reply.status, reply.text]).toEqual([503, quoting('REDACTED_provider_key')]);
  }
});

test.each([
  ['with a charset where the encoding stands', quoting(OWN_KEY), { 'content-encoding': 'utf-8' }, 401],
  ['with an encoding in capitals', quoting(OWN_KEY), { 'content-encoding': 'Identity' }, 401],
  ['with escapes in it', quoting(OWN_KEY.replace('-', '\\u002D')), {}, 401],
  ['that was answered 200', quoting(OWN_KEY), {}, 200],
  ['as an event', `data: ${quoting(OWN_KEY)}\n\n`, { 'content-type': 'text/event-stream' }, 200],
])('nor does one %s', async (_which, body, headers, status) => {
  const gateway = await gatewayFor(answers('application/json', body, status, headers));
  const reply = await postJson(`${gateway.url}/v1/chat/completions`, { model: 'm', messages: [] });
  expect(reply.status).toBe(status);
  expect(reply.text).toContain(quoting('REDACTED_provider_key'));
});

test('nothing of what is found is logged, nor a path or query: findings by rule, place and a keyed hash', async () => {
  const secret = `ghp_${'a1B2c3D4e5'.repeat(3)}F6g7H8`;
  const gateway = await gatewayFor(answers('application/json', '{}'));
  await postJson(`${gateway.url}/v1/${secret}/x?api_key=${secret}`, { a: EMAIL, [EMAIL]: 1, b: EMAIL });
  const entry = await gateway.log.request();
  expect(entry['findings']).toMatchObject([
    {
      rule: 'pii.email',
      direction: 'request',
      action: 'mask',
      where: 'a',
      hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    },
    { rule: 'pii.email', where: '*' },
    { rule: 'pii.email', where: 'b' },
  ]);
  const [first, , third] = entry['findings'] as { hash: string }[];
  expect(third!.hash).toBe(first!.hash);
  const { body } = await gateway.admin('GET', '/api/v1/requests');
  const { text } = await gateway.metrics();
  for (const told of [gateway.log.text, JSON.stringify(body), text]) {
    expect(told).not.toContain('lovelace');
    expect(told).not.toContain(secret);
  }
});
