import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { exchange, postJson } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const STREAM = [
  'data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}],"usage":null}',
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"made_up_reason"}],"usage":null}',
  'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":11,"prompt_tokens_details":{"cached_tokens":4}}}',
  'data: [DONE]',
  '',
].join('\n\n');

const SECRETS = {
  gatewayKey: 'sk-sluice-9f8e7d6c5b4a39281706',
  providerKey: 'sk-provider-0a1b2c3d4e5f60718293',
  adminToken: 'admin-5647382910abcdefabcdef',
  placeholder: 'ghp_0123456789abcdefghijABCDEFGHIJ012345',
  mail: 'ada.lovelace@example.com',
  prose: 'the-quick-brown-fox-of-the-prompt',
  answer: 'the-lazy-dog-of-the-answer',
  unknownModel: 'nobody-knows-this-model-name',
  user: 'user-17-of-the-app',
};

async function setup(): Promise<{ gateway: TestGateway; upstream: FakeUpstream }> {
  const upstream = await startFakeUpstream((call) => {
    const { model, stream } = call.url.startsWith(CHAT)
      ? (JSON.parse(call.body.toString()) as { model: string; stream?: boolean })
      : {};
    if (stream === true) call.outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM);
    else if (model === 'busy') call.outgoing.writeHead(429, { 'retry-after': '60' }).end('{}');
    else answerChat(call, `${SECRETS.answer} ${SECRETS.mail}`);
  });
  const gateway = await startTestGateway({
    admin: { token: SECRETS.adminToken },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: SECRETS.providerKey } },
    passthrough: { provider: 'up' },
    models: { exact: { target: 'up/real' }, 'glob-*': { provider: 'up' }, busy: { provider: 'up' } },
    keys: [{ name: 'app', secret: SECRETS.gatewayKey }],
    redaction: { emails: 'mask' },
  });
  return { gateway, upstream };
}

const call = ({ url }: TestGateway, fields: object): Promise<unknown> =>
  postJson(`${url}${CHAT}`, { messages: [], ...fields }, { authorization: `Bearer ${SECRETS.gatewayKey}` });

test('after known traffic every counter is exactly what it should be', async () => {
  const { gateway } = await setup();
  for (let calls = 0; calls < 3; calls++) await call(gateway, { model: 'exact' });
  for (const model of ['glob-a', 'glob-b', 'glob-a']) await call(gateway, { model, stream: true });
  await call(gateway, { model: 'busy' });
  await call(gateway, { model: SECRETS.unknownModel });
  await exchange(`${gateway.url}/v1/files`, { method: 'GET' });
  await exchange(`${gateway.url}/v1/models`, { method: 'GET' });

  const told = await gateway.metrics();
  const chat = { operation: 'chat', provider: 'up', rollout: '', arm: '' };
  const requests = told.samples('sluice_requests_total').map(({ labels, value }) => [labels, value]);
  expect(requests).toHaveLength(6);
  expect(requests).toEqual(
    expect.arrayContaining([
      [{ ...chat, route: 'exact', model: 'real', outcome: 'success', error_type: '' }, 3],
      [{ ...chat, route: 'glob-*', model: 'glob-*', outcome: 'success', error_type: '' }, 3],
      [{ ...chat, route: 'busy', model: 'busy', outcome: 'error', error_type: 'http_429' }, 1],
      [{ ...chat, route: 'other', provider: '', model: '', outcome: 'denied', error_type: 'model_not_found' }, 1],
      [{ ...chat, operation: 'passthrough', route: 'other', model: 'other', outcome: 'success', error_type: '' }, 1],
      [
        { ...chat, operation: 'models', route: 'other', provider: '', model: '', outcome: 'success', error_type: '' },
        1,
      ],
    ]),
  );
  const tokens = (type: string, route: string): number => told.sum('sluice_tokens_total', { type, route });
  expect([tokens('input', 'exact'), tokens('output', 'exact')]).toEqual([9, 6]);
  expect([tokens('input', 'glob-*'), tokens('output', 'glob-*'), tokens('cached_input', 'glob-*')]).toEqual([
    21, 33, 12,
  ]);
  expect(told.sum('sluice_finish_reason_total', { reason: 'stop' })).toBe(3);
  expect(told.sum('sluice_finish_reason_total', { reason: 'other' })).toBe(3);
  expect(told.sum('sluice_upstream_attempts_total', { result: 'ok' })).toBe(7);
  expect(told.sum('sluice_upstream_attempts_total', { result: 'http_429' })).toBe(1);
  expect(told.sum('sluice_request_duration_seconds_count')).toBe(10);
  expect(told.sum('sluice_time_to_first_token_seconds_count', { route: 'glob-*' })).toBe(3);
  expect(told.sum('sluice_overhead_seconds_count')).toBe(10);
  expect(told.sum('sluice_redactions_total', { rule: 'pii.email', direction: 'response', action: 'mask' })).toBe(4);
  expect(told.sum('sluice_inflight_requests')).toBe(0);
  expect(told.sum('sluice_circuit_state')).toBe(0);
});

test('names that callers make up become no labels, however many', async () => {
  const { gateway } = await setup();
  for (let index = 0; index < 40; index++) {
    await call(gateway, { model: `glob-${index}`, user: `u${index}`, metadata: { [`k${index}`]: 'v' } });
    await call(gateway, { model: `${SECRETS.unknownModel}-${index}` });
    await exchange(`${gateway.url}/v1/made/up/${index}`, { method: 'GET' });
  }
  const told = await gateway.metrics();
  expect(told.samples('sluice_requests_total')).toHaveLength(3);
  expect(told.samples('sluice_upstream_attempts_total')).toHaveLength(2);
  expect(told.samples('sluice_circuit_state').length).toBeLessThanOrEqual(2);
});

test('a request is one log line, with what went on and neither content nor keys', async () => {
  const { gateway } = await setup();
  const content = `${SECRETS.prose} ${SECRETS.placeholder} ${SECRETS.mail}`;
  const messages = [{ role: 'user', content }];
  await call(gateway, { model: 'exact', messages, user: SECRETS.user, metadata: { note: SECRETS.prose } });
  await call(gateway, { model: 'glob-a', messages, stream: true });
  await call(gateway, { model: 'busy', messages });
  await exchange(`${gateway.url}${CHAT}`, {
    body: `{"model":"exact","${SECRETS.prose}"`,
    headers: { 'x-api-key': SECRETS.gatewayKey },
  });
  await exchange(`${gateway.url}/v1/files?key=${SECRETS.prose}`, {
    body: content,
    headers: { authorization: `Bearer ${SECRETS.gatewayKey}` },
  });
  const ids = gateway.log.requests.map(({ requestId }) => requestId);
  expect(new Set(ids).size).toBe(5);
  expect(gateway.log.requests.map(({ operation, status, outcome, key }) => [operation, status, outcome, key])).toEqual([
    ['chat', 200, 'success', 'app'],
    ['chat', 200, 'success', 'app'],
    ['chat', 429, 'error', 'app'],
    ['chat', 400, 'denied', 'app'],
    ['passthrough', 200, 'success', 'app'],
  ]);
  expect(gateway.log.requests[0]).toMatchObject({
    route: 'exact',
    model: 'real',
    provider: 'up',
    stream: false,
    attempts: 1,
    inputTokens: 3,
    outputTokens: 2,
    finishReason: 'stop',
  });
  expect(gateway.log.requests[1]).toMatchObject({ stream: true, inputTokens: 7, outputTokens: 11 });
  const { text } = await gateway.metrics();
  for (const secret of Object.values(SECRETS)) {
    expect(gateway.log.text).not.toContain(secret);
    expect(text).not.toContain(secret);
  }
});

test('the recent requests tell the same over the control plane, with a token and without content', async () => {
  const { gateway } = await setup();
  await call(gateway, { model: 'exact', messages: [{ role: 'user', content: SECRETS.prose }] });
  const read = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${gateway.adminUrl}/api/v1/requests`, { headers });
  expect((await read({})).status).toBe(401);
  const reply = await read({ authorization: `Bearer ${SECRETS.adminToken}` });
  const text = await reply.text();
  expect(JSON.parse(text)).toMatchObject([{ operation: 'chat', route: 'exact', key: 'app', status: 200 }]);
  for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret);
});

test('nothing of the control plane answers on the data port', async () => {
  const { gateway } = await setup();
  for (const path of ['/metrics', '/livez', '/readyz', '/openapi.json', '/', '/api/v1/config'])
    expect((await exchange(`${gateway.url}${path}`, { method: 'GET' })).status).toBe(404);
});
