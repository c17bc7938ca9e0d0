import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const EMAIL = 'ada.lovelace@example.com';
const MASK = 'REDACTED_pii_email';
const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const LARGE = 300_000;
const HUGE = 3_000_000;

interface Setup {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
}

/** The provider answers with what it was asked. */
async function setup(redaction: object = {}): Promise<Setup> {
  const upstream = await startFakeUpstream(({ body, outgoing }) => {
    const { messages } = JSON.parse(body.toString()) as { messages: { content: string }[] };
    const message = { role: 'assistant', content: messages[0]!.content };
    const reply = { id: 'c', object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }] };
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  });
  const gateway = await startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'key-of-the-provider' } },
    models: { m: { target: 'up/m' } },
    passthrough: { provider: 'up' },
    redaction: { emails: 'mask', ...redaction },
  });
  return { gateway, upstream };
}

const callOf = (content: string) => ({ model: 'm', messages: [{ role: 'user', content }] });
const filled = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length));
const chat = ({ gateway }: Setup, content: string) => postJson(`${gateway.url}/v1/chat/completions`, callOf(content));
const contentOf = (reply: { json(): unknown }): string =>
  (reply.json() as { choices: { message: { content: string } }[] }).choices[0]!.message.content;

test('a large body is redacted, and so is one of an endpoint that is not parsed', async () => {
  const all = await setup();
  const content = filled(`to ${EMAIL}, `, LARGE);
  const clean = content.replaceAll(EMAIL, MASK);
  expect(contentOf(await chat(all, content))).toBe(clean);
  await postJson(`${all.gateway.url}/v1/conversations`, callOf(content));
  const sent = all.upstream.calls.map(({ body }) => JSON.parse(body.toString()) as unknown);
  expect(sent).toEqual([callOf(clean), callOf(clean)]);
});

test('a large reply has the values of its request again, and is redacted itself', async () => {
  const actions = { request: 'placeholder', response: 'allow' };
  const all = await setup({ emails: actions, restore: { emails: 'everywhere' } });
  const content = filled(`to ${EMAIL}, `, LARGE);
  expect(contentOf(await chat(all, content))).toBe(content);
  expect(all.upstream.calls[0]!.body.toString()).not.toContain(EMAIL);
});

test('a large body that may not pass never reaches the provider', async () => {
  const all = await setup({ secrets: 'block' });
  const reply = await chat(all, `${filled('words ', LARGE)} ${TOKEN}`);
  expect(reply.status).toBe(400);
  expect(reply.json()).toMatchObject({ error: { code: 'secret_detected', param: 'messages[0].content' } });
  expect(all.upstream.calls).toHaveLength(0);
});

test('small calls are answered while a large body is judged', async () => {
  const all = await setup();
  const answered: string[] = [];
  const large = chat(all, filled(`to ${EMAIL}, password: hunter2x1 `, HUGE)).then(() => answered.push('large'));
  for (let i = 0; i < 5; i++) await chat(all, 'Hello.').then(() => answered.push('small'));
  await large;
  expect(answered.slice(0, 3)).toEqual(['small', 'small', 'small']);
  expect(answered).toContain('large');
});

test('a large body whose client has left is given up', async () => {
  const all = await setup();
  const content = filled(`to ${EMAIL}, password: hunter2x1 `, HUGE);
  for (let i = 0; i < 4; i++) await leaveBehind(all.gateway, JSON.stringify(callOf(content)));
  await chat(all, filled(`to ${EMAIL}, `, LARGE));
  expect(all.upstream.calls).toHaveLength(1);
});

/** Sends all of a call, and goes. */
function leaveBehind({ url }: TestGateway, body: string): Promise<void> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const outgoing = request(`${url}/v1/chat/completions`, { method: 'POST', headers, agent: false });
    outgoing.on('error', () => {}).on('close', resolve);
    outgoing.end(body, () => outgoing.destroy());
  });
}

test('a large body with a file whose base64 is broken is refused where redaction fails closed, and says why', async () => {
  const all = await setup({ failure: 'closed' });
  const file_data = `data:application/octet-stream;base64,${'!not*base64#'.repeat(9)}`;
  const content = [
    { type: 'text', text: filled('some words ', 2_000_000) },
    { type: 'file', file: { filename: 'a', file_data } },
  ];
  const body = { model: 'm', messages: [{ role: 'user', content }] };
  const reply = await postJson(`${all.gateway.url}/v1/chat/completions`, body);
  expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('"uninspectable_body"')]);
  expect(reply.text).toContain('a file in it, is encoded in a way that cannot be undone');
  expect(all.upstream.calls).toHaveLength(0);
  const { sum } = await all.gateway.metrics();
  expect(sum('sluice_redaction_uninspected_total', { reason: 'encoding' })).toBe(1);
});
