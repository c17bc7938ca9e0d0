import { expect, test } from 'vitest';
import { startFakeUpstream, type FakeUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { exchange, postJson, type HttpReply } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const ESCAPED = TOKEN.replace('ghp', '\\u0067\\u0068p');
const MASK = 'REDACTED_secret_github_pat';
const PNG = '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06\0\0\0 and so on, for as long as it goes on';
const PDF = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj and so on, for as long as it goes on';
const ZIP = 'PK\x03\x04\x14\0\x06\0\x08\0 and so on, for as long as it goes on, and a little longer';

interface Setup {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
  /** The one body that reached the provider. */
  sent(): Buffer;
  uninspected(reason: string): Promise<number>;
}

const ok: UpstreamHandler = ({ outgoing }) =>
  void outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');

async function setup(redaction: object = {}, handler = ok): Promise<Setup> {
  const upstream = await startFakeUpstream(handler);
  const gateway = await startTestGateway({
    providers: {
      up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'key-of-the-provider' },
      claude: { type: 'anthropic', baseUrl: upstream.url, apiKey: 'key-of-the-provider' },
    },
    models: { m: { target: 'up/m' }, c: { target: 'claude/c' } },
    passthrough: { provider: 'up' },
    redaction: { secrets: 'mask', ...redaction },
  });
  return {
    gateway,
    upstream,
    sent: () => {
      expect(upstream.calls).toHaveLength(1);
      return upstream.calls[0]!.body;
    },
    uninspected: async (reason) => (await gateway.metrics()).sum('sluice_redaction_uninspected_total', { reason }),
  };
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const utf16be = (text: string): Buffer => utf16(text).swap16();
const notes = (secret: string): string => `some notes about the thing, and a key ${secret} and so on, and more of it`;

const fileBody = (data: string): object => ({
  model: 'm',
  input: [{ role: 'user', content: [{ type: 'input_file', filename: 'f', file_data: data }] }],
});
const documentBody = (media_type: string, data: string): object => ({
  model: 'c',
  max_tokens: 5,
  messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'base64', media_type, data } }] }],
});
const dataUrl = (type: string, bytes: Buffer): string => `data:${type};base64,${bytes.toString('base64')}`;

/** The file in what was sent. */
function sentFile(body: Buffer): Buffer {
  const [, data] = /"(?:file_data|data)":"(?:data:[^,]*,)?([^"]*)"/.exec(body.toString()) ?? [];
  return Buffer.from(data!, 'base64');
}

const TYPES = [
  'text/plain',
  'text/plain; charset=utf-8',
  'application/octet-stream',
  '',
  'application/csv',
  'text/x-python',
  'application/x-python',
  'application/typescript',
  'application/graphql',
  'application/rtf',
  'application/x-httpd-php',
  'application/x-pem-file',
  'video/mp2t',
  'image/png',
  'application/pdf',
  'application/zip',
];

test.each(TYPES)('a file in a body is judged by its bytes, as data of type %j', async (type) => {
  const { gateway, sent } = await setup();
  await postJson(`${gateway.url}/v1/responses`, fileBody(dataUrl(type, latin1(notes(TOKEN)))));
  expect(sent().toString()).not.toContain(latin1(notes(TOKEN)).toString('base64'));
  expect(sentFile(sent()).toString()).toBe(notes(MASK));
});

test.each(['application/octet-stream', 'text/csv', 'application/csv', 'application/pdf', 'image/png'])(
  'a document of Anthropic is judged by its bytes, as %s',
  async (type) => {
    const { gateway, sent } = await setup();
    await postJson(`${gateway.url}/v1/messages`, documentBody(type, latin1(notes(TOKEN)).toString('base64')));
    expect(sentFile(sent()).toString()).toBe(notes(MASK));
  },
);

const CHARSETS: readonly (readonly [string, (secret: string) => Buffer, counted: number])[] = [
  ['UTF-8 with a control character', (secret) => latin1(`\x08 ${notes(secret)}`), 0],
  ['Latin-1', (secret) => latin1(`M\xfcller;${notes(secret)};\xdf`), 1],
  ['UTF-16 with a mark', (secret) => utf16(`\uFEFF🌍 ${notes(secret)}`), 0],
  ['UTF-16 without a mark', (secret) => utf16(notes(secret)), 0],
  ['UTF-16, the high byte first', (secret) => utf16be(`\uFEFFü${notes(secret)}`), 0],
  [
    'UTF-16 of odd length, with half a character',
    (secret) => Buffer.concat([utf16(`\uD83C ${secret}! `), latin1('x')]),
    1,
  ],
];

test.each(CHARSETS)('a file in a body in %s keeps its bytes, and no secret', async (_name, bytes, counted) => {
  const { gateway, sent, uninspected } = await setup();
  await postJson(`${gateway.url}/v1/responses`, fileBody(bytes(TOKEN).toString('base64')));
  expect(sentFile(sent()).equals(bytes(MASK))).toBe(true);
  expect(await uninspected('charset')).toBe(counted);
  const clean = JSON.stringify(fileBody(bytes('none').toString('base64')));
  const other = await setup();
  await exchange(`${other.gateway.url}/v1/responses`, { body: clean, headers: JSON_TYPE });
  expect(other.sent().toString()).toBe(clean);
});

test.each(CHARSETS)('an upload in %s keeps its bytes, and no secret', async (_name, bytes, counted) => {
  for (const type of ['application/octet-stream', 'text/plain']) {
    const { gateway, sent, uninspected } = await setup();
    const body = (secret: string): Buffer => form([file('a.csv', type), bytes(secret)]);
    await upload(gateway, body(TOKEN));
    expect(sent().equals(body(MASK))).toBe(true);
    expect(await uninspected('charset')).toBe(counted);
  }
});

const JSON_TYPE = { 'content-type': 'application/json' };
const file = (name: string, type: string): string =>
  `Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}`;

function form(...parts: readonly (readonly [headers: string, body: Buffer])[]): Buffer {
  const written = parts.flatMap(([headers, body]) => [latin1(`--b\r\n${headers}\r\n\r\n`), body, latin1('\r\n')]);
  return Buffer.concat([...written, latin1('--b--\r\n')]);
}

function upload({ url }: TestGateway, body: Buffer, type = 'multipart/form-data'): Promise<HttpReply> {
  return exchange(`${url}/v1/files`, { body, headers: { 'content-type': `${type}; boundary=b` } });
}

const document = (secret: string): string => `{"items":[{"content":"use ${secret} now"}]}`;

test.each([
  'image/png',
  'text/plain;charset=UTF-8',
  'application/octet-stream',
  'text/event-stream',
  'application/pdf',
  'video/mp2t',
  'application/x-unheard-of',
])('a JSON body is read as JSON, as %s', async (type) => {
  const bodies = [document, (secret: string) => ' \n'.repeat(400) + document(secret)];
  const pretty = (secret: string): string => `{\n  "items": [\n    "use ${secret} now"\n  ]\n}`;
  const lines = (secret: string): string => `\n${document('none')}\n${document(secret)}\n`;
  for (const body of [...bodies, pretty, lines]) {
    const { gateway, sent } = await setup({ failure: 'closed' });
    await exchange(`${gateway.url}/v1/conversations`, { body: body(ESCAPED), headers: { 'content-type': type } });
    expect(sent().toString()).toBe(body(MASK));
  }
});

test.each([
  ['marked', utf16(`\uFEFF${document(ESCAPED)}`), utf16(`\uFEFF${document(MASK)}`)],
  ['unmarked', utf16(document(ESCAPED)), utf16(document(MASK))],
  ['the high byte first', utf16be(document(ESCAPED)), utf16be(document(MASK))],
])('JSON in UTF-16, %s, is read both ways and in errors', async (_name, given, expected) => {
  for (const status of [200, 400]) {
    const { gateway, sent } = await setup({ failure: 'closed' }, ({ outgoing }) => {
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(given);
    });
    const reply = await exchange(`${gateway.url}/v1/conversations`, { body: given, headers: JSON_TYPE });
    expect(sent().equals(expected)).toBe(true);
    expect([reply.status, reply.body.equals(expected)]).toEqual([status, true]);
  }
});

test('text that begins as JSON does is text, and long text of its kind is not waited for', async () => {
  const { gateway, sent } = await setup({ failure: 'closed' });
  const log = (secret: string): string =>
    `[2026-11-21 10:00] began\n${'[2026-11-21 10:01] more\n'.repeat(9)}${secret} `;
  const parts = (secret: string): Buffer =>
    form(
      [file('a.log', 'text/plain'), latin1(log(secret))],
      [file('b.md', 'text/markdown'), latin1(`[1]: a note\n${secret}\n`)],
      [file('c.ini', ''), latin1(`[section]\nkey = ${secret}\n`)],
      [file('d.txt', ''), latin1(`{"a": 1} and ${secret}\n`)],
    );
  await upload(gateway, parts(TOKEN));
  expect(sent().toString()).toBe(parts(MASK).toString());
});

test.each(['video/mp2t', 'application/pdf', 'application/gzip', 'application/zip', 'image/png', 'audio/mpeg'])(
  'a text file that is sent as %s is inspected',
  async (type) => {
    const { gateway, sent } = await setup({ failure: 'closed' });
    await upload(gateway, form([file('a.ts', type), latin1(notes(TOKEN))]));
    expect(sent().equals(form([file('a.ts', type), latin1(notes(MASK))]))).toBe(true);
  },
);

test.each([
  'Content-Disposition: form-data; name="prompt"\r\nContent-Type: audio/mpeg',
  'Content-Disposition: form-data; name="prompt"\r\nContent-Type: image/png\r\nContent-Type: text/plain',
])('a field of a form is text whatever type it names, and whatever it begins with', async (headers) => {
  for (const begin of ['hello ', PNG]) {
    const { gateway, sent } = await setup();
    await upload(gateway, form([headers, latin1(`${begin} ${TOKEN}`)]));
    expect(sent().equals(form([headers, latin1(`${begin} ${MASK}`)]))).toBe(true);
  }
});

test.each(['multipart/mixed', 'multipart/related'])('what follows an image in %s is inspected', async (type) => {
  const { gateway, sent } = await setup({ failure: 'closed' });
  const parts = (secret: string): Buffer =>
    form(['Content-Type: image/png', latin1(PNG)], ['Content-Type: application/json', latin1(document(secret))]);
  await upload(gateway, parts(ESCAPED), type);
  expect(sent().equals(parts(MASK))).toBe(true);
});

type Send = (setup: Setup, bytes: Buffer) => Promise<HttpReply>;

const WAYS: readonly (readonly [string, Send])[] = [
  ['uploaded', ({ gateway }, bytes) => upload(gateway, form([file('a', 'text/plain'), bytes]))],
  ['a whole body', ({ gateway }, body) => exchange(`${gateway.url}/v1/anything`, { body })],
  [
    'a file in a body',
    ({ gateway }, bytes) => postJson(`${gateway.url}/v1/responses`, fileBody(bytes.toString('base64'))),
  ],
  [
    'a document of Anthropic',
    ({ gateway }, bytes) => postJson(`${gateway.url}/v1/messages`, documentBody('image/png', bytes.toString('base64'))),
  ],
  [
    'an image URL',
    ({ gateway }, bytes) =>
      postJson(`${gateway.url}/v1/chat/completions`, {
        model: 'm',
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: dataUrl('image/png', bytes) } }] }],
      }),
  ],
];

test.each(WAYS)('a picture passes unread and is counted, by any policy: %s', async (_name, send) => {
  for (const failure of ['open', 'closed']) {
    const to = await setup({ failure });
    expect((await send(to, latin1(`${PNG} ${TOKEN}`))).status).toBe(200);
    expect(await to.uninspected('media')).toBe(1);
  }
});

test.each(WAYS)(
  'a PDF or an archive passes and is counted, and is refused where redaction fails closed: %s',
  async (_name, send) => {
    for (const bytes of [PDF, ZIP]) {
      const open = await setup();
      expect((await send(open, latin1(bytes))).status).toBe(200);
      expect(await open.uninspected('media')).toBe(1);
      const closed = await setup({ failure: 'closed' });
      const reply = await send(closed, latin1(bytes));
      expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('redaction.failure is \\"closed\\"')]);
      expect([closed.upstream.calls.length, await closed.uninspected('media')]).toEqual([0, 1]);
    }
  },
);

test.each(WAYS.slice(0, 4))(
  'bytes that nobody can read are refused where redaction fails closed: %s',
  async (_name, send) => {
    for (const bytes of [
      latin1(`M\xfcller;${notes('')}`),
      latin1(`\0\x01\x02\xff${notes('')}`),
      latin1('\x02\xff\0 a'.repeat(200)),
    ]) {
      const closed = await setup({ failure: 'closed' });
      const reply = await send(closed, bytes);
      expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('redaction.failure is \\"closed\\"')]);
      expect([closed.upstream.calls.length, await closed.uninspected('charset')]).toEqual([0, 1]);
    }
  },
);

test.each([
  ['open', 'image/png', 'any bytes', 200, 'media'],
  ['closed', 'audio/mpeg', 'any bytes', 200, 'media'],
  ['open', 'application/octet-stream', PNG, 200, 'media'],
  ['closed', 'application/octet-stream', PNG, 200, 'media'],
  ['open', 'application/pdf', PDF, 200, 'media'],
  ['closed', 'application/pdf', PDF, 502, 'media'],
  ['closed', 'application/octet-stream', 'M\xfcller', 502, 'charset'],
])('a file in a reply is counted, where redaction fails %s as %s: %j', async (failure, type, body, status, reason) => {
  const { gateway, uninspected } = await setup({ secrets: 'mask', failure }, ({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(latin1(body));
  });
  const reply = await exchange(`${gateway.url}/v1/files/f/content`, { method: 'GET' });
  expect([reply.status, await uninspected(reason)]).toEqual([status, 1]);
  expect(reply.body.equals(latin1(body))).toBe(status === 200);
});

test.each([
  { role: 'user', content: [{ type: 'thinking', thinking: TOKEN, signature: 'AAAA' }] },
  { role: 'user', content: [{ type: 'redacted_thinking', data: TOKEN }] },
  { role: 'assistant', content: 'x', extra: { type: 'redacted_thinking', data: TOKEN } },
])('thinking that the model did not think is inspected: %j', async (message) => {
  const { gateway, sent } = await setup();
  await postJson(`${gateway.url}/v1/messages`, { model: 'c', max_tokens: 5, messages: [message] });
  expect(sent().toString()).toContain(MASK);
  expect(sent().toString()).not.toContain(TOKEN);
});
