import { expect, test, vi } from 'vitest';
import { startSimulator, type RunningSimulator } from '../../src/simulator/simulator.ts';
import { post, rawPost, simulator, user } from './support.ts';

const CHAT = '/v1/chat/completions';
const HELLO = { model: 'echo', messages: [user('Hello there')] };

async function put(sim: RunningSimulator, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const reply = await fetch(`http://${sim.host}:${sim.port}${path}`, { method: 'PUT', body: text });
  return { status: reply.status, body: await reply.json() };
}

async function get(sim: RunningSimulator, path: string): Promise<unknown> {
  return (await fetch(`http://${sim.host}:${sim.port}${path}`)).json();
}

test('faults are read and replaced at run time', async () => {
  const sim = await simulator();
  const faults = [{ kind: 'http-503', rate: 1, model: 'echo' }];
  expect(await put(sim, '/_sim/faults', faults)).toEqual({ status: 200, body: faults });
  expect(await get(sim, '/_sim/faults')).toEqual(faults);
  expect((await post(sim, CHAT, HELLO)).status).toBe(503);
  await put(sim, '/_sim/faults', []);
  expect((await post(sim, CHAT, HELLO)).status).toBe(200);
});

test.each(['not json', {}, [{ kind: 'bang' }], [{ kind: 'cut', rate: 2 }], [{ kind: 'cut', extra: 1 }], ['cut']])(
  'bad faults %j are refused and change nothing',
  async (body) => {
    const sim = await simulator({ faults: [{ kind: 'eof' }] });
    expect((await put(sim, '/_sim/faults', body)).status).toBe(400);
    expect(await get(sim, '/_sim/faults')).toEqual([{ kind: 'eof' }]);
  },
);

test('a control in an encoding that is not known is refused in the words of the reading', async () => {
  const sim = await simulator();
  const reply = await fetch(`http://${sim.host}:${sim.port}/_sim/faults`, {
    method: 'PUT',
    body: '[]',
    headers: { 'content-encoding': 'br' },
  });
  expect(reply.status).toBe(415);
  expect(await reply.json()).toEqual({ error: { message: 'Unsupported content encoding: br.' } });
});

test('a profile set at run time holds for its model, over its built-in one', async () => {
  const sim = await simulator();
  expect((await put(sim, '/_sim/profiles/org%2Fmine', { reply: 'echo' })).status).toBe(200);
  const mine = await post(sim, CHAT, { ...HELLO, model: 'org/mine' });
  expect(await mine.text()).toContain('Hello there');
  await put(sim, '/_sim/profiles/refuser', { refusalRate: 0 });
  expect(await (await post(sim, CHAT, { ...HELLO, model: 'refuser' })).text()).toContain('"finish_reason": "stop"');
});

test.each([
  [{ errorRate: 2 }, 'errorRate: must be a number from 0 to 1, got 2'],
  [{ latency: { medianMs: -1 } }, 'latency.medianMs: must be a number of 0 or more, got -1'],
  [{ ttft: { distribution: 'even' } }, 'ttft.distribution: must be one of constant, lognormal, got "even"'],
  [{ language: 'tlh' }, 'language: must be one of en, fr, de, es, it, pt, got "tlh"'],
  [{ errorStatus: 200 }, 'errorStatus: must be one of 429, 500, 503, 529, got 200'],
  [{ parallelToolCalls: 0 }, 'parallelToolCalls: must be a whole number from 1 to 128, got 0'],
  [{ speed: 1 }, 'speed: no such field'],
  [[], 'a profile must be an object'],
])('the bad profile %j is refused by name', async (profile, message) => {
  const { status, body } = await put(await simulator(), '/_sim/profiles/m', profile);
  expect(status).toBe(400);
  expect(body).toEqual({ error: { message: expect.stringContaining(message) } });
});

test('a bad profile or fault stops the start', async () => {
  await expect(startSimulator({ defaults: { errorRate: 7 } })).rejects.toThrow('errorRate');
  await expect(startSimulator({ profiles: { m: { refusalRate: -1 } } })).rejects.toThrow('refusalRate');
  await expect(startSimulator({ faults: [{ kind: 'cut', rate: 9 }] })).rejects.toThrow('not a fault');
});

test('the statistics count requests by model and path, and the tokens billed', async () => {
  const sim = await simulator();
  const { usage } = (await (await post(sim, CHAT, HELLO)).json()) as { usage: Record<string, number> };
  await (await post(sim, '/chat/completions', { ...HELLO, model: '__proto__' })).text();
  await (await post(sim, '/v1/files', {})).text();
  const stats = sim.stats();
  expect(await get(sim, '/_sim/stats')).toEqual(stats);
  expect(stats.requests).toBe(3);
  expect(Object.entries(stats.requestsByModel)).toEqual([
    ['echo', 1],
    ['__proto__', 1],
  ]);
  expect(stats.requestsByPath).toEqual({ [CHAT]: 2, '/v1/files': 1 });
  expect(stats.inputTokens).toBe(2 * usage['prompt_tokens']!);
  expect(stats.outputTokens).toBeGreaterThan(usage['completion_tokens']!);
});

test('a client that leaves a stream stops it, and is billed for what was sent', async () => {
  const sim = await simulator({ profiles: { echo: { interTokenMs: 60_000 } } });
  const client = new AbortController();
  const body = JSON.stringify({ ...HELLO, messages: [user('word '.repeat(100))], stream: true });
  const reply = await fetch(sim.baseUrl + '/chat/completions', { method: 'POST', body, signal: client.signal });
  expect(sim.stats()).toMatchObject({ openStreams: 1, abortedStreams: 0 });
  client.abort();
  await expect(reply.text()).rejects.toThrow(/abort/);
  await vi.waitFor(() => expect(sim.stats().openStreams).toBe(0), { interval: 1 });
  const { abortedStreams, outputTokens } = sim.stats();
  expect(abortedStreams).toBe(1);
  expect(outputTokens).toBeLessThan(5);
});

test('a client that leaves while a buffered reply is thought over is counted', async () => {
  const sim = await simulator({ profiles: { echo: { latency: { medianMs: 60_000 } } } });
  const client = new AbortController();
  const call = { method: 'POST', body: JSON.stringify(HELLO), signal: client.signal };
  const reply = fetch(sim.baseUrl + '/chat/completions', call);
  await vi.waitFor(() => expect(sim.stats().requests).toBe(1), { interval: 1 });
  client.abort();
  await expect(reply).rejects.toThrow(/abort/);
  await vi.waitFor(() => expect(sim.stats().abortedRequests).toBe(1), { interval: 1 });
  expect(sim.stats().outputTokens).toBe(0);
});

test('a finished stream is not counted as aborted', async () => {
  const sim = await simulator();
  await (await post(sim, CHAT, { ...HELLO, stream: true })).text();
  await vi.waitFor(() => expect(sim.stats().openStreams).toBe(0), { interval: 1 });
  expect(sim.stats().abortedStreams).toBe(0);
});

test('livez answers 200', async () => {
  const sim = await simulator();
  expect((await fetch(`http://${sim.host}:${sim.port}/livez`)).status).toBe(200);
});

test.each([
  ['GET', '/_sim/nothing'],
  ['PUT', '/_sim/stats'],
  ['DELETE', '/_sim/faults'],
])('%s %s is no control', async (method, path) => {
  const sim = await simulator();
  expect((await fetch(`http://${sim.host}:${sim.port}${path}`, { method })).status).toBe(404);
});

test('an unknown path is 404, a wrong method 405, in the form of the dialect', async () => {
  const sim = await simulator();
  const unknown = await post(sim, '/v1/files', {});
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toEqual({
    error: { message: 'Invalid URL (POST /v1/files)', type: 'invalid_request_error', param: null, code: null },
  });
  const batches = await post(sim, '/v1/messages/batches', {});
  expect(await batches.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  expect((await fetch(sim.baseUrl + '/chat/completions')).status).toBe(405);
});

test.each([
  ['{"model":', 'We could not parse the JSON body of your request.'],
  ['[]', 'The request body must be a JSON object.'],
  ['{}', 'You must provide a model parameter.'],
  ['{"model":"m"}', 'messages: at least one message is required'],
  ['{"model":"m","messages":[{}],"n":0}', "Invalid 'n': expected an integer from 1 to 128, got 0."],
])('the body %s is refused', async (body, message) => {
  const reply = await post(await simulator(), CHAT, body);
  expect(reply.status).toBe(400);
  expect(await reply.json()).toMatchObject({ error: { message, type: 'invalid_request_error' } });
});

test('keys are not checked and never come back', async () => {
  const sim = await simulator();
  const secret = 'sk-never-seen-again';
  const headers = { authorization: `Bearer ${secret}`, 'x-api-key': secret };
  const reply = await rawPost(sim, CHAT, { ...HELLO, model: 'echo-request' }, headers);
  expect(reply.head).toMatch(/^HTTP\/1\.1 200/);
  expect(reply.head + reply.body).not.toContain(secret);
});

test('closing breaks off what is open, and can be repeated', async () => {
  const sim = await startSimulator({ faults: [{ kind: 'hang' }] });
  const reply = rawPost(sim, CHAT, HELLO);
  await vi.waitFor(() => expect(sim.stats().requests).toBe(1), { interval: 1 });
  await sim.close();
  expect((await reply).head).toBe('');
  await sim.close();
});
