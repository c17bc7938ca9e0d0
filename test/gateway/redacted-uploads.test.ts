import { gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { startFakeUpstream, type FakeUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { exchange, postJson, type HttpReply } from '../support/http-client.ts';
import { seededRandom, splitAtRandom } from '../support/split-bytes.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const EMAIL = 'ada.lovelace@example.com';
const MASK = 'REDACTED_pii_email';
const MEGABYTE = 1024 * 1024;

interface Setup {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
  /** The one body that reached the provider. */
  sent(): string;
}

const ok: UpstreamHandler = ({ outgoing }) => void outgoing.end();

async function setup(redaction: object = {}, gatewaySettings: object = {}): Promise<Setup> {
  return setupWith(await startFakeUpstream(ok), redaction, gatewaySettings);
}

async function setupWith(upstream: FakeUpstream, redaction: object, gatewaySettings: object = {}): Promise<Setup> {
  const gateway = await startTestGateway({
    gateway: gatewaySettings,
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'key-of-the-provider' } },
    passthrough: { provider: 'up' },
    redaction: { emails: 'mask', ...redaction },
  });
  const sent = (): string => {
    expect(upstream.calls).toHaveLength(1);
    return upstream.calls[0]!.body.toString();
  };
  return { gateway, upstream, sent };
}

const JSON_TYPE = { 'content-type': 'application/json' };

function upload(url: string, body: string | Buffer | Readable, type: string): Promise<HttpReply> {
  return exchange(`${url}/v1/files`, { body, headers: { 'content-type': type } });
}

/** A form as clients write it. */
function form(boundary: string, ...parts: readonly (readonly [headers: string, body: string])[]): string {
  const written = parts.map(([headers, body]) => `--${boundary}\r\n${headers}\r\n\r\n${body}\r\n`);
  return `${written.join('')}--${boundary}--\r\n`;
}

const field = (name: string): string => `Content-Disposition: form-data; name="${name}"`;
const file = (name: string, type: string): string =>
  `Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}`;

const written = (email: string): string => `{ "messages":[{"role":"user","content":"Write to ${email}!"}] }`;

test.each([
  ['POST', '/v1/conversations', { items: [{ type: 'message', role: 'user', content: EMAIL }] }],
  ['POST', '/v1/threads/t_1/messages', { role: 'user', content: [{ type: 'text', text: EMAIL }] }],
  ['POST', '/v1/threads/runs', { assistant_id: 'a', thread: { messages: [{ role: 'user', content: EMAIL }] } }],
  ['POST', '/v1/assistants', { model: 'm', instructions: `Write to ${EMAIL}.` }],
  ['POST', '/v1/images/generations', { prompt: `A letter to ${EMAIL}` }],
  ['POST', '/v1/audio/speech', { input: EMAIL, voice: 'v' }],
  ['POST', '/v1/responses/compact', { input: EMAIL }],
  ['POST', '/v1/vector_stores/v_1/search', { query: [EMAIL] }],
  ['POST', '/v1/messages/batches', { requests: [{ custom_id: '1', params: { system: EMAIL } }] }],
  ['POST', '/v1/realtime/client_secrets', { session: { instructions: EMAIL } }],
  ['POST', '/v1/chat/completions/c_1', { metadata: { customer: EMAIL } }],
  ['POST', '/v1/evals', { name: 'e', data_source_config: { item: { question: EMAIL } } }],
  ['PATCH', '/v1/not/known/yet', [EMAIL]],
  ['PUT', '/v1/not/known/yet', EMAIL],
])('%s %s: what stands in its JSON is inspected', async (method, path, body) => {
  const { gateway, sent } = await setup();
  await exchange(gateway.url + path, { method, body: JSON.stringify(body), headers: JSON_TYPE });
  expect(sent()).toBe(JSON.stringify(body).replace(EMAIL, MASK));
});

test('a JSON body keeps every byte outside of what was replaced, and its length fits', async () => {
  const { gateway, upstream, sent } = await setup();
  const body = `\uFEFF{ "n" : 12345678901234567890, "n":1.0 , "a": "\\u00fc", "input":"to ${EMAIL}!" }\n`;
  await exchange(`${gateway.url}/v1/conversations`, { body, headers: JSON_TYPE });
  expect(sent()).toBe(body.replace(EMAIL, MASK));
  expect(upstream.calls[0]!.headers['content-length']).toBe(String(upstream.calls[0]!.body.length));
});

test('a compressed JSON body in which nothing is found goes on as it came, and plain where something is', async () => {
  const { gateway, upstream } = await setup();
  const send = (text: string): Promise<HttpReply> =>
    exchange(`${gateway.url}/v1/conversations`, {
      body: gzipSync(text),
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    });
  await send('{"a":"b"}');
  await send(written(EMAIL));
  const [clean, found] = upstream.calls;
  expect([clean!.headers['content-encoding'], clean!.body.equals(gzipSync('{"a":"b"}'))]).toEqual(['gzip', true]);
  expect(found!.headers['content-encoding']).toBeUndefined();
  expect(found!.body.toString()).toMatch(/^\{ "messages".*Write to (?!ada)/);
});

test('a JSON body over the limit is refused', async () => {
  const { gateway, upstream } = await setup({}, { maxBodyBytes: '1KiB' });
  const reply = await postJson(`${gateway.url}/v1/conversations`, { input: 'x'.repeat(2000) });
  expect([reply.status, reply.json()]).toMatchObject([413, { error: { code: 'body_too_large' } }]);
  expect(upstream.calls).toEqual([]);
});

test('a value that may not pass is refused by its place, before anything is sent', async () => {
  const { gateway, upstream } = await setup({ emails: 'block' });
  const reply = await postJson(`${gateway.url}/v1/conversations`, { items: [{ content: EMAIL }] });
  expect(reply.status).toBe(400);
  expect(reply.json()).toMatchObject({ error: { code: 'secret_detected', param: 'items[0].content' } });
  expect(upstream.calls).toEqual([]);
});

test.each([EMAIL, 'harmless'])(
  'JSON that is none passes as text, counted, and is refused where redaction fails closed: %s',
  async (input) => {
    const body = `{"input": "${input}"`;
    const { gateway, sent } = await setup();
    await exchange(`${gateway.url}/v1/conversations`, { body, headers: JSON_TYPE });
    expect(sent()).toBe(body.replace(EMAIL, MASK));
    const counted = (await gateway.metrics()).sum('sluice_redaction_uninspected_total', {
      direction: 'request',
      reason: 'invalid_json',
    });
    expect(counted).toBe(1);
    const closed = await setup({ failure: 'closed' });
    const reply = await exchange(`${closed.gateway.url}/v1/conversations`, { body, headers: JSON_TYPE });
    expect([reply.status, reply.json()]).toMatchObject([400, { error: { code: 'uninspectable_body' } }]);
    expect(closed.upstream.calls).toEqual([]);
  },
);

test('a form: its fields and text files are inspected, all else is passed byte for byte', async () => {
  const { gateway, upstream } = await setup();
  const media = `ID3\x04\0 \x01\xff ${EMAIL} \r\n--b`;
  const body = (email: string): string =>
    form(
      'b"ound',
      [field('purpose'), 'batch'],
      [field('prompt'), `Ask ${email}\r\n`],
      [file('a.jsonl', 'application/octet-stream'), `${written('x')}\n${written(email)}\r\n\n{"a":1}`],
      [file('b.json', 'application/json'), `{\n  "to": "${email}"\n}`],
      [file('c.txt', 'text/plain'), `Dear ${email},\n--b\n-- b"ound\n`],
      [file('d.mp3', 'audio/mpeg'), media],
      [file('e.bin', 'application/octet-stream'), media],
      [file('f.bin', 'application/octet-stream'), `\0\x01\xff ${email} \r\n--b`],
      [field('empty'), ''],
    );
  await upload(gateway.url, Buffer.from(body(EMAIL), 'latin1'), 'multipart/form-data; boundary="b\\"ound"');
  const sent = upstream.calls[0]!.body.toString('latin1');
  expect(sent).toBe(body(MASK));
  expect(upstream.calls[0]!.headers['content-length']).toBe(String(sent.length));
});

test('a form is the same however it is split', async () => {
  const { gateway, upstream } = await setup();
  const body = Buffer.from(
    form(
      'xx',
      [field('purpose'), 'fine-tune'],
      [file('ü.jsonl', 'text/plain'), `${written(EMAIL)}\n\r\n--x\r\n${written('Ünïcode 🌍')}`],
      [file('c.md', 'text/markdown'), `# Ünïcode 🌍\r\n${EMAIL}\r\n-`],
      [field('empty'), ''],
    ),
  );
  const send = (pieces: readonly Buffer[]): Promise<HttpReply> =>
    upload(gateway.url, Readable.from(pieces), 'multipart/form-data; boundary=xx');
  await send([body]);
  const random = seededRandom(7);
  for (let round = 0; round < 12; round++) await send(splitAtRandom(body, random, round < 3 ? 1 : 30));
  const [whole, ...others] = upstream.calls.map((call) => call.body.toString());
  expect(whole).not.toContain('lovelace');
  expect(whole).toContain('Ünïcode 🌍');
  expect(others).toEqual(others.map(() => whole));
});

test.each([
  ['a line', file('a.jsonl', ''), `{"a":1}\n${written(EMAIL)}`, 'file, line 2: messages[0].content'],
  ['a line of text', file('a.txt', 'text/plain'), `one\ntwo\nto ${EMAIL} `, 'file, line 3'],
  ['a document', file('a.json', ''), `{"to":"${EMAIL}"}`, 'file: to'],
  ['a field', field('prompt'), `to ${EMAIL} `, 'prompt, line 1'],
])(
  '%s of a form that may not pass is refused by its place, before anything is sent',
  async (_name, headers, body, param) => {
    const { gateway, upstream } = await setup({ emails: 'block' });
    const reply = await upload(gateway.url, form('b', [headers, body]), 'multipart/form-data; boundary=b');
    expect([reply.status, reply.json()]).toMatchObject([400, { error: { code: 'secret_detected', param } }]);
    expect(reply.text).not.toContain('lovelace');
    expect(upstream.calls).toEqual([]);
  },
);

test('a value deep in a long file that may not pass cuts the request off, and the provider is not blamed', async () => {
  const upstream = await startFakeUpstream(() => {}, { readsBody: false });
  const { gateway } = await setupWith(upstream, { emails: 'block' });
  const lines = `${written('nobody')}\n`.repeat(40_000);
  const body = form('b', [file('a.jsonl', ''), `${lines}${written(EMAIL)}\n`]);
  const reply = upload(gateway.url, body, 'multipart/form-data; boundary=b');
  const { incoming, left } = await upstream.call(0);
  incoming.resume().on('error', () => {});
  const { status, text } = await reply;
  expect([status, JSON.parse(text)]).toMatchObject([400, { error: { code: 'secret_detected' } }]);
  expect(text).toContain('line 40001');
  expect([await left, incoming.complete]).toEqual([true, false]);
  expect((await gateway.metrics()).sum('sluice_upstream_attempts_total', { result: 'refused' })).toBe(1);
});

test('a long file of lines goes up in pieces, without a length, each line as it was', async () => {
  const { gateway, upstream } = await setup();
  const lines = `${written('nobody')}\r\n`.repeat(40_000);
  const body = form('b', [file('a.jsonl', ''), lines], [field('purpose'), 'batch']);
  expect(body.length).toBeGreaterThan(2 * MEGABYTE);
  await upload(gateway.url, body, 'multipart/form-data; boundary=b');
  const [call] = upstream.calls;
  expect(call!.body.equals(Buffer.from(body))).toBe(true);
  expect([call!.headers['content-length'], call!.headers['transfer-encoding']]).toEqual([undefined, 'chunked']);
});

test('a file of any length goes up in step: little more than what was judged first is ever kept', async () => {
  const upstream = await startFakeUpstream(() => {}, { readsBody: false });
  const { gateway } = await setupWith(upstream, {});
  const [before, after] = form('b', [file('a.jsonl', ''), '@']).split('@') as [string, string];
  const piece = `${`${written('nobody')}\n`.repeat(MEGABYTE / 64)}${written(EMAIL)}\n`;
  const body = new Readable({ read: () => {} });
  const reply = upload(gateway.url, body, 'multipart/form-data; boundary=b');
  body.push(before);
  for (let first = 0; first < 3; first++) body.push(piece);
  const { incoming, outgoing } = await upstream.call(0);
  const arrived = { bytes: 0 };
  const masked = piece.replaceAll(EMAIL, MASK).length;
  let sent = 3;
  // Each goes off when all but the last two have arrived.
  incoming.on('data', (chunk: Buffer) => {
    arrived.bytes += chunk.length;
    if (sent === 12 || arrived.bytes < (sent - 2) * masked) return;
    body.push(piece);
    if (++sent < 12) return;
    body.push(after);
    body.push(null);
  });
  incoming.on('end', () => outgoing.end());
  expect((await reply).status).toBe(200);
  expect(arrived.bytes).toBe(12 * masked + before.length + after.length);
});

test('a line over the limit of a body is refused', async () => {
  const { gateway } = await setup({}, { maxBodyBytes: '10KiB' });
  const body = form('b', [file('a.jsonl', ''), `${written('x')}\n${written('x'.repeat(20_000))}`]);
  const reply = await upload(gateway.url, body, 'multipart/form-data; boundary=b');
  expect([reply.status, reply.json()]).toMatchObject([413, { error: { code: 'body_too_large' } }]);
});

test.each([
  ['cut off', form('b', [field('a'), EMAIL]).slice(0, -4), 'boundary=b'],
  ['of another boundary', form('c', [field('a'), EMAIL]), 'boundary=b'],
  ['without a boundary', form('b', [field('a'), EMAIL]), 'x=y'],
  ['with bare line feeds', form('b', [field('a'), EMAIL]).replaceAll('\r', ''), 'boundary=b'],
  ['with endless headers', form('b', [`${field('a')}\r\nX: ${'x'.repeat(20_000)}`, EMAIL]), 'boundary=b'],
])(
  'a form %s is read as text and counted; where redaction fails closed it is refused',
  async (_name, body, parameter) => {
    const type = `multipart/form-data; ${parameter}`;
    const { gateway, sent } = await setup();
    await upload(gateway.url, body, type);
    expect(sent()).not.toContain('lovelace');
    expect((await gateway.metrics()).sum('sluice_redaction_uninspected_total', { reason: 'multipart' })).toBe(1);
    const closed = await setup({ failure: 'closed' });
    const reply = await upload(closed.gateway.url, body, type);
    expect([reply.status, reply.json()]).toMatchObject([400, { error: { code: 'uninspectable_body' } }]);
    expect(closed.upstream.calls).toEqual([]);
  },
);

const FORM_TYPE = 'application/x-www-form-urlencoded; charset=utf-8';

test.each([
  ['decoded', 'to=ada.lovelace%40example.com&n=1.0&x=%7e+y', `to=${MASK}&n=1.0&x=%7e+y`],
  ['between words', 'q=Write+to+ada.lovelace%40example.com%2C+%C3%BC&&=&a', `q=Write+to+${MASK}%2C+%C3%BC&&=&a`],
  ['written plainly', 'a=b&to=ada.lovelace@example.com', `a=b&to=${MASK}`],
  ['in a name', 'ada.lovelace%40example.com=1&b=2', `${MASK}=1&b=2`],
  ['by its name', 'nhs_number=9434765919&order=9434765919', 'nhs_number=REDACTED_pii_uk_nhs&order=9434765919'],
  ['encoded twice', 'a=ada.lovelace%2540example.com&b=1', `a=${MASK}&b=1`],
  ['in JSON', 'payload=%7B%22card%22%3A4012888888881881%7D', 'payload=%7B%22card%22%3A%22REDACTED_pii_card%22%7D'],
  ['with bytes that are no text', 'a=%ff+ada.lovelace%40example.com&b=%zz%4', `a=%FF+${MASK}&b=%zz%4`],
])('a form in one line is judged %s; what does not change stays byte for byte', async (_how, body, expected) => {
  const { gateway, upstream, sent } = await setup({ cards: 'mask', national_ids: 'mask' });
  await upload(gateway.url, body, FORM_TYPE);
  expect(sent()).toBe(expected);
  expect(upstream.calls[0]!.headers['content-length']).toBe(String(expected.length));
});

test('a value that may not pass in a form in one line is refused by the name of its field', async () => {
  const { gateway, upstream } = await setup({ emails: 'block' });
  const reply = await upload(gateway.url, 'a=1&user.mail=ada.lovelace%40example.com', FORM_TYPE);
  expect([reply.status, reply.json()]).toMatchObject([400, { error: { code: 'secret_detected', param: 'user.mail' } }]);
  const named = await upload(gateway.url, 'ada.lovelace%40example.com=ada.lovelace%40example.com', FORM_TYPE);
  expect(named.json()).toMatchObject({ error: { param: 'a field' } });
  expect(upstream.calls).toEqual([]);
});

test('text that is uploaded is judged decoded as well, and told by its line', async () => {
  const { gateway, sent } = await setup();
  const hidden = Buffer.from(`Write to ${EMAIL}`).toString('base64');
  const parts = (first: string, second: string): string =>
    form('b', [file('a.txt', 'text/plain'), `one\n${first}\nend`], [field('note'), `${second} is it`]);
  await upload(gateway.url, parts(hidden, 'ada.lovelace%40example.com'), 'multipart/form-data; boundary=b');
  expect(sent()).toBe(parts(MASK, MASK));
  expect((await gateway.log.request())['findings']).toMatchObject([
    { where: 'file, line 2' },
    { where: 'note, line 1' },
  ]);
});

test('text that is not UTF-8 is inspected byte by byte, and counted', async () => {
  const { gateway, upstream } = await setup();
  const body = Buffer.from(`gr\xfc\xdfe\nan ${EMAIL}\n\xe4`, 'latin1');
  await upload(gateway.url, body, 'text/plain');
  const sent = upstream.calls[0]!.body.toString('latin1');
  expect(sent).toMatch(/^gr\xfc\xdfe\nan (?!ada)\S+\n\xe4$/);
  expect((await gateway.metrics()).sum('sluice_redaction_uninspected_total', { reason: 'charset' })).toBe(1);
});

test('a compressed form passes, counted; where redaction fails closed it is refused', async () => {
  const send = (url: string): Promise<HttpReply> =>
    exchange(`${url}/v1/files`, {
      body: gzipSync('x'),
      headers: { 'content-type': 'multipart/form-data; boundary=b', 'content-encoding': 'gzip' },
    });
  const open = await setup();
  expect((await send(open.gateway.url)).status).toBe(200);
  expect((await open.gateway.metrics()).sum('sluice_redaction_uninspected_total', { reason: 'encoding' })).toBe(1);
  const closed = await setup({ failure: 'closed' });
  expect((await send(closed.gateway.url)).json()).toMatchObject({ error: { code: 'uninspectable_body' } });
});

test('a body of a call that names no type is inspected where it is text', async () => {
  const { gateway, sent } = await setup();
  await exchange(`${gateway.url}/v1/conversations`, { body: written(EMAIL) });
  expect(sent()).toContain(`Write to ${MASK}`);
});
