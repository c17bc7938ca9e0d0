import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { exchange, keepAliveAgent, postJson } from '../support/http-client.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { startTestGateway, type TestConfig } from '../support/test-gateway.ts';

const SIMULATED: TestConfig = {
  providers: { sim: { type: 'simulator' } },
  models: { m: { target: 'sim/m' } },
};

const ASKED = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };

const withToken = (token: string): TestConfig => ({ ...SIMULATED, admin: { token } });

test('a changed admin token is in force at once: the old one is refused, the new one passes', async () => {
  const gateway = await startTestGateway(withToken('old'));
  const statusWith = async (token: string): Promise<number> =>
    (await fetch(`${gateway.adminUrl}/api/v1/config`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect([await statusWith('old'), await statusWith('new')]).toEqual([200, 401]);
  expect(await gateway.reload(withToken('new'))).toMatchObject({ ok: true, changed: true, restartNeeded: [] });
  expect([await statusWith('old'), await statusWith('new')]).toEqual([401, 200]);
  await gateway.reload(SIMULATED);
  expect((await gateway.admin('GET', '/api/v1/config')).status).toBe(200);
});

test('a changed log level is in force at once', async () => {
  const gateway = await startTestGateway(SIMULATED);
  const ask = async (): Promise<unknown> =>
    (await postJson(`${gateway.url}/v1/chat/completions`, ASKED)).headers['x-sluice-request-id'];
  const logged = [await ask()];
  await gateway.log.request({ requestId: logged[0] });
  await gateway.reload({ ...SIMULATED, log: { level: 'error' } });
  const unlogged = await ask();
  await gateway.reload({ ...SIMULATED, log: { level: 'info' } });
  logged.push(await ask());
  await gateway.log.request({ requestId: logged[1] });
  expect(gateway.log.requests.map(({ requestId }) => requestId)).toEqual(logged);
  expect(logged).not.toContain(unlogged);
});

test('a changed time to drain is in force at once', async () => {
  const upstream = await startFakeUpstream(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n');
  });
  const configFor = (drain: string): TestConfig => ({
    gateway: { timeouts: { drain } },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { provider: 'up' } },
  });
  const gateway = await startTestGateway(configFor('1h'));
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest('/v1/chat/completions', { body: '{"model":"m","stream":true}' }));
  await client.until('Hel');
  await gateway.reload(configFor('1ms'));
  await gateway.stop();
  expect(client.text).toContain('"code":"overloaded"');
});

test('changed timeouts of client connections are in force at once', async () => {
  const gateway = await startTestGateway(SIMULATED);
  const call = { method: 'GET', agent: keepAliveAgent() };
  const hint = async () => (await exchange(`${gateway.url}/v1/models`, call)).headers['keep-alive'];
  expect(await hint()).toBe('timeout=75');
  await gateway.reload({ ...SIMULATED, gateway: { timeouts: { keepAlive: '20s' } } });
  expect(await hint()).toBe('timeout=20');
});

test('what needs a restart is in the result of the reload, and in the log as a warning', async () => {
  const gateway = await startTestGateway(SIMULATED);
  const changed = { ...SIMULATED, gateway: { host: 'localhost' }, store: 'sqlite:./elsewhere.db' };
  expect(await gateway.reload(changed)).toMatchObject({ ok: true, restartNeeded: ['gateway.host', 'store'] });
  const told = gateway.log.lines.map((line) => JSON.parse(line) as unknown);
  expect(told.at(-1)).toMatchObject({
    level: 40,
    restartNeeded: ['gateway.host', 'store'],
    msg: 'needs a restart: gateway.host, store',
  });
});

test('a thousand requests at one time each have their connection to the provider', { timeout: 60_000 }, async () => {
  const count = 1_000;
  const everyOne = Promise.withResolvers<void>();
  const upstream = await startFakeUpstream(async (call) => {
    if (upstream.calls.length === count) everyOne.resolve();
    await everyOne.promise;
    answerChat(call);
  });
  const gateway = await startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { provider: 'up' } },
  });
  const replies = await Promise.all(
    Array.from({ length: count }, () => postJson(`${gateway.url}/v1/chat/completions`, { model: 'm', messages: [] })),
  );
  expect(replies.every(({ status }) => status === 200)).toBe(true);
  expect(upstream.connections).toBe(count);
});

test('a reload that turns a gate off says so', async () => {
  const gateway = await startTestGateway({ ...withToken('old'), auth: { required: true } });
  await gateway.reload({ ...withToken('old'), auth: { required: true }, log: { level: 'debug' } });
  const opened = (): string[] => gateway.log.lines.filter((line) => line.includes('by this reload'));
  expect(opened()).toEqual([]);
  await gateway.reload(SIMULATED);
  expect(opened()).toHaveLength(2);
  expect(opened()[0]).toContain('auth.required was turned off');
});
