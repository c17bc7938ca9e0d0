import { once } from 'node:events';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { FormModelScanner } from '../../src/ingress/form-model.ts';
import {
  answerJson,
  readAll,
  startFakeUpstream,
  type FakeUpstream,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { exchange, type HttpReply } from '../support/http-client.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { seededRandom } from '../support/split-bytes.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

interface Setup {
  readonly gateway: TestGateway;
  readonly alpha: FakeUpstream;
  readonly beta: FakeUpstream;
}

const ok: UpstreamHandler = (call) => answerJson(call, { text: 'ok' });

async function setup(more: TestConfig = {}, handler = ok, readsBody = true): Promise<Setup> {
  const alpha = await startFakeUpstream(handler, { readsBody });
  const beta = await startFakeUpstream(handler, { readsBody });
  const gateway = await startTestGateway({
    providers: {
      alpha: { type: 'openai', baseUrl: `${alpha.url}/v1`, apiKey: 'sk-alpha' },
      beta: { type: 'openai', baseUrl: `${beta.url}/v1`, apiKey: 'sk-beta' },
    },
    passthrough: { provider: 'alpha', lookAhead: '64KiB' },
    models: { hear: { target: 'beta/whisper-9' }, 'dall-*': { provider: 'beta' }, other: { target: 'alpha/o' } },
    keys: [{ name: 'bound', secret: 'sk-bound-00000000000', models: ['hear', 'dall-*'] }],
    ...more,
  });
  return { gateway, alpha, beta };
}

/** Otherwise the first megabyte is judged before anything is sent. */
const UNREAD = Object.fromEntries(
  ['secrets', 'cards', 'ibans', 'national_ids', 'emails', 'phones', 'ips', 'generic_secrets'].map((each) => [
    each,
    'allow',
  ]),
);

const FILE_PART = 'content-disposition: form-data; name="file"; filename="a.mp3"\r\ncontent-type: audio/mpeg\r\n\r\n';
const SOUND = `ID3\x04\0\0${'s'.repeat(2_000)}`;

function field(name: string, value: string): string {
  return `content-disposition: form-data; name="${name}"\r\n\r\n${value}`;
}

function form(...parts: readonly string[]): string {
  return `${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`;
}

function sendForm(url: string, body: string | Readable, headers: Record<string, string> = {}): Promise<HttpReply> {
  const type = { 'content-type': 'multipart/form-data; boundary=b' };
  return exchange(url, {
    body: typeof body === 'string' ? Buffer.from(body, 'latin1') : body,
    headers: { ...type, ...headers },
  });
}

test.each([
  ['before the file', (model: string) => form(field('model', model), FILE_PART + SOUND, field('language', 'de'))],
  ['after the file', (model: string) => form(FILE_PART + SOUND, field('language', 'de'), field('model', model))],
])('a form goes to the provider of its model, %s, under its name there', async (_place, make) => {
  const { gateway, alpha, beta } = await setup();
  for (const path of ['audio/transcriptions', 'audio/translations', 'images/edits', 'images/variations']) {
    const reply = await sendForm(`${gateway.url}/v1/${path}`, make('hear'));
    expect([path, reply.status, reply.headers['x-sluice-provider'], reply.headers['x-sluice-model']]).toEqual([
      path,
      200,
      'beta',
      'whisper-9',
    ]);
    expect(beta.calls.at(-1)!.body.toString('latin1')).toBe(make('whisper-9'));
    expect(beta.calls.at(-1)!.headers['content-length']).toBe(String(make('whisper-9').length));
  }
  expect(alpha.calls).toEqual([]);
});

test('a form that keeps its model’s name goes on byte for byte', async () => {
  const { gateway, beta } = await setup({ redaction: { secrets: 'block' } });
  const body = form(FILE_PART + SOUND, field('model', 'dall-e-2'));
  await sendForm(`${gateway.url}/v1/images/edits`, body);
  expect(beta.calls[0]!.body.toString('latin1')).toBe(body);
});

test('a model that comes after the look-ahead is not seen: the default provider gets the call, and no more is kept', async () => {
  const { gateway, alpha } = await setup({ redaction: UNREAD }, () => {}, false);
  const upload = new Readable({ read: () => {} });
  const reply = sendForm(`${gateway.url}/v1/audio/transcriptions`, upload);
  const long = 's'.repeat(128 * 1024);
  upload.push(`--b\r\n${FILE_PART}${long}`);
  // Not all of the form has come.
  const { incoming, outgoing } = await alpha.call(0);
  upload.push(`\r\n--b\r\n${field('model', 'hear')}\r\n--b--\r\n`);
  upload.push(null);
  expect((await readAll(incoming)).toString('latin1')).toBe(form(FILE_PART + long, field('model', 'hear')));
  outgoing.end('done');
  expect((await reply).text).toBe('done');
});

test('once the model is known, the rest of a long form goes on as it comes', async () => {
  const { gateway, beta } = await setup({ redaction: UNREAD }, () => {}, false);
  const upload = new Readable({ read: () => {} });
  const reply = sendForm(`${gateway.url}/v1/audio/transcriptions`, upload);
  upload.push(`--b\r\n${field('model', 'hear')}\r\n--b\r\n${FILE_PART}`);
  const { incoming, outgoing } = await beta.call(0);
  const [first] = (await once(incoming, 'data')) as [Buffer];
  expect(first.toString('latin1')).toContain('whisper-9');
  upload.push(`${SOUND}\r\n--b--\r\n`);
  upload.push(null);
  incoming.resume().on('end', () => outgoing.end('done'));
  expect((await reply).text).toBe('done');
});

test('a second model in a form is refused, also where the first was sent already', async () => {
  const { gateway, beta } = await setup({ redaction: UNREAD }, () => {}, false);
  const both = form(field('model', 'hear'), FILE_PART + SOUND, field('model', 'other'));
  const whole = await sendForm(`${gateway.url}/v1/audio/transcriptions`, both);
  expect([whole.status, whole.text]).toEqual([400, expect.stringContaining('twice')]);
  const upload = new Readable({ read: () => {} });
  const reply = sendForm(`${gateway.url}/v1/audio/transcriptions`, upload);
  upload.push(`--b\r\n${field('model', 'hear')}\r\n--b\r\n${FILE_PART}`);
  const { left } = await beta.call(0);
  upload.push(`\r\n--b\r\n${field('model', 'other')}\r\n--b--\r\n`);
  upload.push(null);
  expect([(await reply).status, await left]).toEqual([400, true]);
});

test('JSON goes to the provider of its model; a binary reply comes back as it is', async () => {
  const sound = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 256));
  const { gateway, beta } = await setup({ redaction: { secrets: 'block' } }, ({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': sound.length }).end(sound);
  });
  const speech = await exchange(`${gateway.url}/v1/audio/speech`, {
    body: '{ "voice":"x", "model":"hear","input":"Hi" }',
    headers: { 'content-type': 'application/json' },
  });
  expect(speech.body.equals(sound)).toBe(true);
  expect(beta.calls[0]!.body.toString()).toBe('{ "voice":"x", "model":"whisper-9","input":"Hi" }');
  const image = '{"model":"dall-e-3", "prompt":"A cat"}';
  await exchange(`${gateway.url}/v1/images/generations`, {
    body: image,
    headers: { 'content-type': 'application/json' },
  });
  expect(beta.calls[1]!.body.toString()).toBe(image);
});

test('JSON is redacted as the route of its model says, its reply too; what names no route by the common policy', async () => {
  const { gateway, alpha, beta } = await setup(
    {
      redaction: { emails: { request: 'allow', response: 'allow' } },
      models: { hear: { target: 'beta/h', redaction: { emails: 'mask' } } },
    },
    (call) => answerJson(call, { text: 'ask ada@example.com' }),
  );
  const say = (model: string) =>
    exchange(`${gateway.url}/v1/audio/speech`, {
      body: JSON.stringify({ model, input: 'to bob@example.com' }),
      headers: { 'content-type': 'application/json' },
    });
  expect((await say('hear')).text).not.toContain('ada@example.com');
  expect(beta.calls[0]!.body.toString()).not.toContain('bob@example.com');
  expect((await say('unheard-of')).text).toContain('ada@example.com');
  expect(alpha.calls[0]!.body.toString()).toContain('bob@example.com');
});

test('a name that nobody configured, or none, goes to the default provider', async () => {
  const { gateway, alpha } = await setup();
  for (const body of ['{"model":"unheard-of"}', '{"prompt":"x"}', '{"model":7}', '{broken'])
    await exchange(`${gateway.url}/v1/images/generations`, { body, headers: { 'content-type': 'application/json' } });
  await sendForm(`${gateway.url}/v1/images/edits`, form(FILE_PART + SOUND));
  expect(alpha.calls).toHaveLength(5);
});

test('a key may name its models and no others, and policies and rollouts hold', async () => {
  const { gateway, beta } = await setup({
    policies: [
      { name: 'no-cats', when: 'metadata.subject == "cats"', deny: 'No cats' },
      { name: 'cap', when: 'request.model.startsWith("dall-")', cap: { max_tokens: 10 } },
    ],
    rollouts: [
      {
        name: 'ears',
        match: { model: 'hear' },
        stable: { target: 'beta/whisper-9' },
        canary: { target: 'beta/whisper-10' },
        steps: ['100%'],
      },
    ],
  });
  const authorization = 'Bearer sk-bound-00000000000';
  const paint = (body: string, more: Record<string, string> = {}) =>
    exchange(`${gateway.url}/v1/images/generations`, {
      body,
      headers: { authorization, 'content-type': 'application/json', ...more },
    });
  expect((await paint('{"model":"dall-e-3"}')).status).toBe(200);
  expect(beta.calls[0]!.body.toString()).toBe('{"model":"dall-e-3"}');
  expect((await paint('{"model":"dall-e-3"}', { 'x-sluice-metadata': '{"subject":"cats"}' })).status).toBe(403);
  expect((await paint('{"model":"other"}')).status).toBe(403);
  expect((await paint('{"model":"dall-e-3","Model":"other"}')).text).toContain('ambiguous_json');
  expect((await paint('{"model":"dall-e-3","model":"other"}')).text).toContain('ambiguous_json');
  expect((await paint('{"prompt":"x"}')).status).toBe(403);
  expect((await sendForm(`${gateway.url}/v1/images/edits`, form(FILE_PART + SOUND), { authorization })).status).toBe(
    403,
  );
  const heard = await sendForm(`${gateway.url}/v1/audio/transcriptions`, form(field('model', 'hear')), {
    authorization,
  });
  expect([heard.status, heard.headers['x-sluice-arm'], heard.headers['x-sluice-model']]).toEqual([
    200,
    'canary',
    'whisper-10',
  ]);
});

test('a rollout that sets fields cannot do so in a form, and says so', async () => {
  const { gateway } = await setup({
    rollouts: [
      {
        name: 'ears',
        match: { model: 'hear' },
        stable: { target: 'beta/whisper-9' },
        canary: { params: { temperature: 0 } },
        steps: ['100%'],
      },
    ],
  });
  const reply = await sendForm(`${gateway.url}/v1/audio/transcriptions`, form(field('model', 'hear')));
  expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('protocol_mismatch')]);
});

test('a stream of events on GET is passed on as it comes', async () => {
  const { gateway, alpha } = await setup({}, ({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: a\ndata: {"n":1}\n\n');
  });
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest('/v1/responses/resp_0001?stream=true', { method: 'GET', headers: { connection: 'close' } }));
  await client.until('{"n":1}');
  (await alpha.call(0)).outgoing.end('event: b\ndata: {"n":2}\n\n');
  expect(await client.untilEnd()).toContain('{"n":2}');
});

test('HEAD / is answered, to everybody and without a body', async () => {
  const { gateway } = await setup({ auth: { required: true } });
  const reply = await exchange(`${gateway.url}/`, { method: 'HEAD' });
  expect([reply.status, reply.body.length]).toEqual([200, 0]);
  expect(reply.headers['x-sluice-request-id']).toBeDefined();
  expect((await exchange(`${gateway.url}/`, { method: 'GET' })).status).toBe(401);
});

test.each([
  ['openai', {}, 'code'],
  ['anthropic', { 'anthropic-version': '2023-06-01' }, 'request_id'],
])('a WebSocket is refused in the words of %s', async (_protocol, headers, word) => {
  const { gateway } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(
    rawRequest('/v1/realtime', { method: 'GET', headers: { ...headers, connection: 'upgrade', upgrade: 'websocket' } }),
  );
  const answer = await client.untilEnd();
  expect(answer).toMatch(/^HTTP\/1\.1 426 /);
  expect(answer).toContain(`"${word}"`);
});

test('the models of providers are asked for once, and an old list stands where a provider fails', async () => {
  let fails = false;
  const { gateway, beta } = await setup({}, (call) =>
    fails
      ? answerJson(call, {}, 500)
      : answerJson(call, { data: [{ id: 'dall-e-3', object: 'model' }, { id: 'gpt-1' }] }),
  );
  const listed = async () =>
    ((await exchange(`${gateway.url}/v1/models`, { method: 'GET' })).json() as { data: { id: string }[] }).data.map(
      ({ id }) => id,
    );
  const lists = await Promise.all([listed(), listed(), listed()]);
  fails = true;
  for (const list of [...lists, await listed()]) expect(list).toEqual(['hear', 'other', 'dall-e-3']);
  expect(beta.calls.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ['/v1/models', 'Bearer sk-beta'],
  ]);
});

test('the models of Gemini are listed that a glob leads to and that can be called', async () => {
  const google = await startFakeUpstream((call) =>
    answerJson(call, {
      models: [
        { name: 'models/gemini-2.5-pro', supportedGenerationMethods: ['generateContent', 'countTokens'] },
        { name: 'models/gemini-embedding-001', supportedGenerationMethods: ['embedContent'] },
        { name: 'models/imagen-4', supportedGenerationMethods: ['generateContent'] },
        { name: 'models/gemini-live', supportedGenerationMethods: ['bidiGenerateContent'] },
        null,
      ],
    }),
  );
  const gateway = await startTestGateway({
    providers: { google: { type: 'google-gemini', baseUrl: google.url, apiKey: 'key-google' } },
    models: { 'gemini-*': { provider: 'google' } },
  });
  const reply = await exchange(`${gateway.url}/v1/models`, { method: 'GET' });
  expect(reply.json()).toMatchObject({ data: [{ id: 'gemini-2.5-pro' }, { id: 'gemini-embedding-001' }] });
  const one = (id: string) => exchange(`${gateway.url}/v1/models/${id}`, { method: 'GET' });
  expect((await one('gemini-2.5-pro')).json()).toMatchObject({ id: 'gemini-2.5-pro', owned_by: 'google' });
  expect((await one('gemini-live')).status).toBe(404);
  expect(google.calls.map(({ url, headers }) => [url, headers['x-goog-api-key']])).toEqual([
    ['/v1beta/models?pageSize=1000', 'key-google'],
  ]);
});

test('a form is read alike however it is cut into pieces', () => {
  const random = seededRandom(7);
  const bodies = [
    form(FILE_PART + SOUND, field('model', 'hear')),
    `preamble\r\n${form(field('language', 'de'), field('model', 'm'.repeat(300)), FILE_PART)}`,
    form('content-disposition: form-data;\r\n name=model\r\n\r\nhear', field('x', '--b--')),
    form(field('model', '')),
    form(field('model', 'a'), field('model', 'b')),
    form(field('model', 'x'.repeat(2_000))),
    form(FILE_PART + SOUND),
  ];
  for (const body of bodies) {
    const bytes = Buffer.from(body);
    const whole = new FormModelScanner('b');
    whole.push(bytes);
    for (let round = 0; round < 50; round++) {
      const cut = new FormModelScanner('b');
      for (let at = 0; at < bytes.length;) {
        const next = at + 1 + Math.floor(random() * 40);
        cut.push(bytes.subarray(at, next));
        at = next;
      }
      expect([cut.model, cut.isAmbiguous]).toEqual([whole.model, whole.isAmbiguous]);
    }
    const { name = '', start = 0, end = 0 } = whole.model ?? {};
    expect(bytes.toString('utf8', start, end)).toBe(name);
  }
});
