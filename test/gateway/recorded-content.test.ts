import { expect, test } from 'vitest';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
const MAIL = 'ada.lovelace@example.com';
const CARD = '4111 1111 1111 1111';

interface Listed {
  readonly content?: { readonly request: string | null; readonly reply: string | null };
}

/** The provider says again what it was told, and a number of its own. */
async function setup(config: TestConfig = {}): Promise<TestGateway> {
  const upstream = await startFakeUpstream((call) => {
    const { messages, stream } = JSON.parse(call.body.toString()) as {
      messages: { content: string }[];
      stream?: boolean;
    };
    const text = `You said: ${messages[0]!.content}. My card: ${CARD}.`;
    if (stream !== true) {
      const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }];
      call.outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices }));
      return;
    }
    const pieces = text
      .match(/.{1,7}/g)!
      .map((content) => JSON.stringify({ choices: [{ index: 0, delta: { content } }] }));
    const last = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    const events = [...pieces, last, '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
    call.outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(events);
  });
  return startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { chat: { target: 'up/real' } },
    redaction: {
      secrets: { request: 'placeholder', response: 'mask' },
      emails: { request: 'report', response: 'allow' },
      cards: { request: 'placeholder', response: 'report' },
      restore: { secrets: 'everywhere' },
    },
    record: { content: true },
    ...config,
  });
}

async function said(gateway: TestGateway, content: string, stream: boolean): Promise<Listed['content']> {
  await postJson(`${gateway.url}${CHAT}`, { model: 'chat', stream, messages: [{ role: 'user', content }] });
  await gateway.log.request();
  const { body } = await gateway.admin('GET', '/api/v1/requests');
  return (body as Listed[])[0]!.content;
}

test.each([false, true])(
  'what is kept says what was said, and no value that redaction looks for (stream: %s)',
  async (stream) => {
    const gateway = await setup();
    const content = await said(gateway, `token ${TOKEN}, mail ${MAIL}, thanks`, stream);
    expect(content!.request).toContain(', thanks');
    expect(content!.reply).toContain('You said: token ');
    expect(content!.reply).toContain('My card: ');
    for (const value of [TOKEN, MAIL, CARD]) expect(JSON.stringify(content)).not.toContain(value);
  },
);

test('a value that comes back to the client does not come back into the record', async () => {
  const gateway = await setup();
  const messages = [{ role: 'user', content: `token ${TOKEN}` }];
  const { body } = await postJson(`${gateway.url}${CHAT}`, { model: 'chat', messages });
  expect(body.toString()).toContain(TOKEN);
  const listed = await gateway.admin('GET', '/api/v1/requests');
  expect(JSON.stringify(listed.body)).not.toContain(TOKEN);
});

test('no more is kept than asked for, whole characters only', async () => {
  const gateway = await setup({ record: { content: true, contentBytes: '101B' } });
  const content = await said(gateway, 'ü'.repeat(500), false);
  for (const text of [content!.request!, content!.reply!]) {
    expect(Buffer.byteLength(text)).toBeGreaterThan(97);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(101);
    expect(text).not.toContain('\ufffd');
  }
});

test('a body that is too large to be looked through again is left out', async () => {
  const gateway = await setup();
  const messages = ['Hello', 'x'.repeat(300_000)].map((content) => ({ role: 'user', content }));
  await postJson(`${gateway.url}${CHAT}`, { model: 'chat', messages });
  const { body } = await gateway.admin('GET', '/api/v1/requests');
  const { content } = (body as Listed[])[0]!;
  expect(content!.request).toBeNull();
  expect(content!.reply).toMatch(/^You said: Hello/);
});

test('it is in no log line, no audit entry and, unless that is asked for, no span', async () => {
  const collector = await startOtlpReceiver();
  const telemetry = { endpoint: collector.url, traces: { sample: 100 }, metrics: { enabled: false } };
  const models = { chat: { target: 'up/real', audit: true } };
  const gateway = await setup({ telemetry, models: { chat: models.chat } });
  expect(await said(gateway, 'a-word-of-mine', false)).toBeDefined();
  const { body: audit } = await gateway.admin('GET', '/api/v1/audit?limit=100');
  expect(JSON.stringify(audit)).toContain('"kind":"request"');
  await gateway.stop();
  for (const told of [gateway.log.text, JSON.stringify(audit), JSON.stringify(collector.spans)])
    expect(told).not.toContain('a-word-of-mine');
});

test('spans have it where both are set', async () => {
  const collector = await startOtlpReceiver();
  const traces = { sample: 100, content: true };
  const gateway = await setup({ telemetry: { endpoint: collector.url, traces, metrics: { enabled: false } } });
  await said(gateway, `a-word-of-mine ${TOKEN}`, true);
  await gateway.stop();
  const { attributes } = collector.spans.find(({ kind }) => kind === 2)!;
  expect(attributes['sluice.content.request']).toContain('a-word-of-mine');
  expect(attributes['sluice.content.reply']).toContain('You said: a-word-of-mine');
  expect(JSON.stringify(attributes)).not.toContain(TOKEN);
});

test('without record.content nothing is kept, and spans cannot ask for it', async () => {
  const gateway = await setup({ record: {} });
  expect(await said(gateway, 'Hello', false)).toBeUndefined();
  await expect(setup({ record: {}, telemetry: { traces: { content: true } } })).rejects.toThrow(
    /telemetry\.traces\.content.*without their content/,
  );
});
