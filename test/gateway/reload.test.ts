import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { startTestGateway, type TestConfig } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const CALL = { model: 'm', messages: [] };

const configFor = (url: string, rest: TestConfig = {}): TestConfig => ({
  providers: { up: { type: 'openai', baseUrl: `${url}/v1` } },
  models: { m: { provider: 'up' } },
  ...rest,
});

test('a stream that began before a reload goes on as it began, and the next call is on the new configuration', async () => {
  const mail = (text: string): string => `data: {"choices":[{"index":0,"delta":{"content":"${text} "}}]}\n\n`;
  const old = await startFakeUpstream(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write(mail('one'));
  });
  const next = await startFakeUpstream((call) => answerChat(call, 'new'));
  const gateway = await startTestGateway(configFor(old.url));
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { body: '{"model":"m","stream":true}', headers: { connection: 'close' } }));
  await client.until('one');
  const result = await gateway.reload(configFor(next.url, { redaction: { emails: 'mask' } }));
  expect(result).toMatchObject({ ok: true, changed: true });
  expect((await postJson(`${gateway.url}${CHAT}`, CALL)).text).toContain('new');
  old.calls[0]!.outgoing.end(`${mail('ada@example.com')}data: [DONE]\n\n`);
  const text = await client.untilEnd();
  expect(text).toContain('ada@example.com');
  expect(text).toContain('[DONE]');
});

test('a call whose body was still coming when the configuration changed finishes where it began', async () => {
  const old = await startFakeUpstream((call) => answerChat(call, 'old'));
  const next = await startFakeUpstream((call) => answerChat(call, 'new'));
  const gateway = await startTestGateway(configFor(old.url));
  const client = await RawConnection.open(gateway.port);
  const body = JSON.stringify(CALL);
  const headers = { 'content-length': String(body.length), connection: 'close', expect: '100-continue' };
  client.send(rawRequest(CHAT, { headers }));
  await client.until('100 Continue');
  await gateway.reload(configFor(next.url));
  client.send(body);
  const text = await client.untilEnd();
  expect(text).toMatch(/HTTP\/1\.1 200 /);
  expect(text).toContain('"old"');
});

test('a call that waits to be tried again when the configuration changes finishes where it began', async () => {
  let calls = 0;
  const old = await startFakeUpstream((call) => {
    if (calls++ === 0) call.outgoing.writeHead(503, { 'retry-after-ms': '150' }).end();
    else answerChat(call, 'old');
  });
  const gateway = await startTestGateway(configFor(old.url));
  const reply = postJson(`${gateway.url}${CHAT}`, CALL);
  const { outgoing } = await old.call(0);
  await new Promise((resolve) => outgoing.on('close', resolve));
  await gateway.reload(configFor('http://127.0.0.1:9'));
  expect((await reply).status).toBe(200);
});

test('a file with a mistake is refused as a whole: the last good one serves on, and the metric tells', async () => {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway(configFor(upstream.url));
  expect((await gateway.metrics()).sum('sluice_config_last_reload_success')).toBe(1);
  const bad = await gateway.reload(configFor('http://elsewhere', { models: { m: { target: 'nobody/m' } } }));
  expect(bad.ok).toBe(false);
  expect((await postJson(`${gateway.url}${CHAT}`, CALL)).status).toBe(200);
  expect((await gateway.metrics()).sum('sluice_config_last_reload_success')).toBe(0);
  const reloaded = await gateway.admin('POST', '/api/v1/config/reload', {});
  expect(reloaded.status).toBe(409);
  await gateway.reload(configFor(upstream.url, { models: { renamed: { provider: 'up' } } }));
  expect((await gateway.metrics()).sum('sluice_config_last_reload_success')).toBe(1);
  expect((await postJson(`${gateway.url}${CHAT}`, CALL)).status).toBe(404);
});

test('a pattern that only the redactor can refuse refuses the whole file, too', async () => {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway(configFor(upstream.url));
  const rules = [{ id: 'custom.slow', pattern: '(a+)+\\1' }];
  expect((await gateway.reload(configFor(upstream.url, { redaction: { rules } }))).ok).toBe(false);
  expect((await postJson(`${gateway.url}${CHAT}`, CALL)).status).toBe(200);
  await expect(startTestGateway(configFor(upstream.url, { redaction: { rules } }))).rejects.toThrow(/custom\.slow/);
});

test('what a provider has learnt of its health outlives a reload that leaves it as it is', async () => {
  const upstream = await startFakeUpstream(({ outgoing }) => void outgoing.writeHead(500).end());
  const section = { upstream: { retries: { attempts: 0 }, circuitBreaker: { failures: 1 } } };
  const gateway = await startTestGateway(configFor(upstream.url, section));
  await postJson(`${gateway.url}${CHAT}`, CALL);
  await gateway.reload(configFor(upstream.url, { ...section, redaction: { emails: 'mask' } }));
  expect((await gateway.metrics()).sum('sluice_circuit_state', { provider: 'up' })).toBe(1);
});
