import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { exchange, postJson } from '../support/http-client.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { startTestGateway, type TestConfig } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const CALL = { model: 'm', messages: [] };
const KEY = 'sk-sluice-a-key-of-ours';

async function setup(handler: UpstreamHandler = (call) => answerChat(call), rest: TestConfig = {}) {
  const upstream = await startFakeUpstream(handler);
  const gateway = await startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'sk-provider' } },
    models: { '*': { provider: 'up' } },
    passthrough: { provider: 'up' },
    ...rest,
  });
  return { gateway, upstream };
}

test.each([
  ['an endless chunked upload', 'transfer-encoding: chunked', 'fffffff\r\n'],
  ['a long declared upload', 'content-length: 10000000000', ''],
])('%s of an unknown caller is cut off after its 401', async (_name, header, first) => {
  const { gateway } = await setup(undefined, { auth: { required: true } });
  const client = await RawConnection.open(gateway.port);
  client.send(`POST ${CHAT} HTTP/1.1\r\nhost: a\r\n${header}\r\n\r\n${first}`);
  expect(await client.until('invalid_api_key')).toMatch(/^HTTP\/1\.1 401 /);
  const drip = setInterval(() => client.send('x'), 5);
  await client.ended;
  clearInterval(drip);
});

test.each([
  ['garbage', 'garbage\r\n\r\n'],
  ['a WebSocket upgrade', 'GET /v1/realtime HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
  ['a CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n'],
])('%s sent behind a call never becomes part of that call’s reply', async (_name, behind) => {
  const { gateway, upstream } = await setup(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n');
  });
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { body: JSON.stringify({ ...CALL, stream: true }) }));
  await upstream.call(0);
  await client.until('"Hi"');
  client.send(behind);
  await client.ended;
  expect(client.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

test('what arrives for the second request is not taken as the answer to the first, which has none yet', async () => {
  const { gateway, upstream } = await setup(() => {});
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { body: JSON.stringify(CALL) }));
  await upstream.call(0);
  client.send('garbage\r\n\r\n');
  await client.ended;
  expect(client.text).toBe('');
});

test('an expectation that is not known is ignored', async () => {
  const { gateway } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { body: JSON.stringify(CALL), headers: { expect: 'foo', connection: 'close' } }));
  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 /);
});

test('an upgrade is answered 426 with what is spoken instead, counted and logged', async () => {
  const { gateway } = await setup();
  const client = await RawConnection.open(gateway.port);
  client.send('GET /v1/responses HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  const text = await client.untilEnd();
  expect(text).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
  expect(text).toMatch(/\r\nupgrade: HTTP\/1\.1\r\n/);
  expect(await gateway.log.request()).toMatchObject({
    status: 426,
    outcome: 'denied',
    errorType: 'upgrade_not_supported',
  });
});

test('a body of very many values is refused before it fills the memory', async () => {
  const { gateway } = await setup();
  const body = `{"model":"m","messages":[],"a":[${'{},'.repeat(300_000)}{}]}`;
  const reply = await exchange(`${gateway.url}${CHAT}`, { body });
  expect(reply.status).toBe(413);
  expect(reply.json()).toMatchObject({ error: { code: 'body_too_large' } });
});

test('the input of a tool may use any names, whatever they look like', async () => {
  const { gateway, upstream } = await setup();
  const messages = [
    { role: 'user', content: 'x', tool_calls: [] },
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 't', name: 'f', input: { Content: 'a', Text: 'b', Role: 1 } }],
    },
  ];
  const body = JSON.stringify({ model: 'm', messages, prompt: { id: 'p', variables: { Model: 'x' } } });
  expect((await exchange(`${gateway.url}${CHAT}`, { body })).status).toBe(200);
  expect((await upstream.call(0)).body.toString()).toBe(body);
});

test.each([
  ['at the top', '{"model":"m","Model":"n","messages":[]}'],
  ['in a message', '{"model":"m","messages":[{"role":"user","Content":"x"}]}'],
  ['in a tool', '{"model":"m","messages":[],"tools":[{"type":"function","Function":{}}]}'],
])('a judged field in another case is refused %s', async (_where, body) => {
  const { gateway } = await setup();
  const reply = await exchange(`${gateway.url}${CHAT}`, { body });
  expect([reply.status, reply.json()]).toMatchObject([400, { error: { code: 'ambiguous_json' } }]);
});

test.each([
  ['empty', 204, Buffer.alloc(0)],
  ['of no bytes with status 200', 200, Buffer.alloc(0)],
  ['with a byte order mark', 200, Buffer.from('\ufeff{"choices":[]}')],
  ['with a name twice and a secret', 200, Buffer.from(`{"a":1,"a":2,"b":"ghp_${'a1B2c3'.repeat(6)}"}`)],
])('a reply %s is served with redaction on', async (_name, status, body) => {
  const { gateway } = await setup(({ outgoing }) => {
    outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  const reply = await postJson(`${gateway.url}${CHAT}`, CALL);
  expect(reply.status).toBe(status);
  expect(reply.text).not.toContain('ghp_');
});

test.each([
  ['api-key', KEY],
  ['x-goog-api-key', KEY],
  ['authorization', KEY],
  ['authorization', `Bearer\t${KEY}`],
])('our key is known in %s, and never goes on', async (name, value) => {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    auth: { required: true },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'client' } },
    models: { '*': { provider: 'up' } },
    keys: [{ name: 'ours', secret: KEY }],
  });
  const reply = await exchange(`${gateway.url}${CHAT}`, { body: JSON.stringify(CALL), headers: { [name]: value } });
  expect(reply.status).toBe(200);
  expect((await upstream.call(0)).rawHeaders.join('\n')).not.toContain(KEY);
});

test('a key for some models sees these in the list, and may ask for each', async () => {
  const { gateway, upstream } = await setup(undefined, {
    models: { 'gpt-*': { provider: 'up' } },
    auth: { required: true },
    keys: [{ name: 'bound', secret: KEY, models: ['gpt-4o', 'gpt-5-*', 'elsewhere'] }],
  });
  const headers = { authorization: `Bearer ${KEY}` };
  const get = (path: string) => exchange(`${gateway.url}${path}`, { method: 'GET', headers });
  expect((await get('/v1/models')).json()).toMatchObject({ data: [{ id: 'gpt-4o' }] });
  expect((await get('/v1/models/gpt-4o')).json()).toMatchObject({ id: 'gpt-4o' });
  expect((await get('/v1/models/gpt-5-mini')).status).toBe(200);
  // Its list is asked for what globs serve.
  expect(upstream.calls.map(({ url }) => url)).toEqual(['/v1/models', '/v1/models/gpt-5-mini']);
  expect((await get('/v1/models/gpt-3')).status).toBe(403);
});

test('a call that finds no free connection is answered 503, or goes to its fallback', async () => {
  const held = await startFakeUpstream(() => {});
  const free = await startFakeUpstream((call) => answerChat(call));
  const provider = (url: string, rest: object = {}) => ({ type: 'openai', baseUrl: `${url}/v1`, apiKey: 'x', ...rest });
  const gateway = await startTestGateway({
    providers: {
      held: provider(held.url, { maxConnections: 1, timeouts: { connect: '30ms' } }),
      free: provider(free.url),
    },
    models: { alone: { target: 'held/a' }, helped: { target: 'held/a', fallbacks: ['free/b'] } },
    upstream: { retries: { attempts: 0 } },
  });
  void postJson(`${gateway.url}${CHAT}`, { model: 'alone', messages: [] }).catch(() => {});
  await held.call(0);
  const refused = await postJson(`${gateway.url}${CHAT}`, { model: 'alone', messages: [] });
  expect([refused.status, refused.json()]).toMatchObject([503, { error: { code: 'overloaded' } }]);
  const helped = await postJson(`${gateway.url}${CHAT}`, { model: 'helped', messages: [] });
  expect([helped.status, helped.headers['x-sluice-provider']]).toEqual([200, 'free']);
});
