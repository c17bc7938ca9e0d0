import { expect, test, vi } from 'vitest';
import type { FaultKind, RunningSimulator, SimulatorFault } from '../../src/simulator/simulator.ts';
import { openai, post, rawPost, simulator, user, type RawReply } from './support.ts';

const CHAT = '/v1/chat/completions';
const BUFFERED = { model: 'echo', messages: [user('one two three four five six seven eight')] };
const STREAM = { ...BUFFERED, stream: true };
const LAST_CHUNK = '0\r\n\r\n';

async function strike(kind: FaultKind, body: object, more: Partial<SimulatorFault> = {}): Promise<RawReply> {
  return rawPost(await simulator({ faults: [{ kind, ...more }] }), CHAT, body);
}

function eventsIn(reply: RawReply): number {
  return reply.body.match(/data: \{.*\}\n\n/g)?.length ?? 0;
}

test.each([STREAM, BUFFERED])('reset breaks the connection before the headers', async (body) => {
  expect(await strike('reset', body)).toEqual({ head: '', body: '', ending: 'reset' });
});

test('reset-mid sends some events, then breaks the connection', async () => {
  const reply = await strike('reset-mid', STREAM, { afterEvents: 4 });
  expect(reply.ending).toBe('reset');
  expect(eventsIn(reply)).toBe(4);
});

test('cut closes in order in the middle of a stream, with its last chunk missing', async () => {
  const reply = await strike('cut', STREAM);
  expect(reply.ending).toBe('closed');
  expect(eventsIn(reply)).toBe(3);
  expect(reply.body).not.toContain('[DONE]');
  expect(reply.body.endsWith(LAST_CHUNK)).toBe(false);
});

test('cut gives half of a buffered body, under its whole length', async () => {
  const reply = await strike('cut', BUFFERED);
  const declared = Number(/content-length: (\d+)/i.exec(reply.head)![1]);
  expect(reply.body.length).toBe(Math.ceil(declared / 2));
});

test('eof ends a stream in the middle as if it were whole', async () => {
  const reply = await strike('eof', STREAM);
  expect(eventsIn(reply)).toBe(3);
  expect(reply.body).not.toContain('[DONE]');
  expect(reply.body).not.toContain('"stop"');
  expect(reply.body.endsWith(LAST_CHUNK)).toBe(true);
});

test('eof ends a buffered body in the middle as if it were whole', async () => {
  const reply = await post(await simulator({ faults: [{ kind: 'eof' }] }), CHAT, BUFFERED);
  expect(reply.headers.has('content-length')).toBe(false);
  await expect(reply.json()).rejects.toThrow(SyntaxError);
});

test('malformed breaks the JSON of one event and lets the rest pass', async () => {
  const sim = await simulator({ faults: [{ kind: 'malformed' }] });
  const events = (await (await post(sim, CHAT, STREAM)).text()).split('\n\n').slice(0, -2);
  const broken = events.map((event) => isJson(event.slice('data: '.length)));
  expect(broken.flatMap((whole, index) => (whole ? [] : [index]))).toEqual([3]);
});

test('malformed breaks a buffered body', async () => {
  const reply = await post(await simulator({ faults: [{ kind: 'malformed' }] }), CHAT, BUFFERED);
  expect(isJson(await reply.text())).toBe(false);
});

test.each([STREAM, BUFFERED])('html answers 200 with a page', async (body) => {
  const reply = await post(await simulator({ faults: [{ kind: 'html' }] }), CHAT, body);
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await reply.text()).toMatch(/^<!DOCTYPE html>/);
});

test.each([STREAM, BUFFERED])('error-200 answers 200 with an error', async (body) => {
  const reply = await post(await simulator({ faults: [{ kind: 'error-200' }] }), CHAT, body);
  expect(reply.status).toBe(200);
  expect(await reply.json()).toMatchObject({ error: { type: 'server_error' } });
});

test.each([
  ['http-429', 429, 'requests', 'rate_limit_error', '1'],
  ['http-500', 500, 'server_error', 'api_error', null],
  ['http-503', 503, 'server_error', 'api_error', '1'],
  ['http-529', 529, 'server_error', 'overloaded_error', '1'],
] as const)('%s reports its error in both dialects', async (kind, status, openaiType, anthropicType, retryAfter) => {
  const sim = await simulator({ faults: [{ kind }] });
  const chat = await post(sim, CHAT, STREAM);
  expect([chat.status, chat.headers.get('retry-after')]).toEqual([status, retryAfter]);
  expect(await chat.json()).toMatchObject({ error: { type: openaiType, param: null } });
  const messages = await post(sim, '/v1/messages', { ...BUFFERED, max_tokens: 9 });
  expect([messages.status, messages.headers.get('retry-after')]).toEqual([status, retryAfter]);
  expect(await messages.json()).toMatchObject({ type: 'error', error: { type: anthropicType } });
});

test('an http fault’s retry-after can be set', async () => {
  const sim = await simulator({ faults: [{ kind: 'http-429', retryAfterSeconds: 0 }] });
  expect((await post(sim, CHAT, BUFFERED)).headers.get('retry-after')).toBe('0');
});

test('slow-drip delivers the whole stream in scraps', async () => {
  const body = { model: 'echo', messages: [user('é🙂')], stream: true };
  const clean = await simulator();
  const dripping = await simulator({ faults: [{ kind: 'slow-drip' }] });
  expect(await (await post(dripping, CHAT, body)).text()).toBe(await (await post(clean, CHAT, body)).text());
  const { body: framed } = await rawPost(dripping, CHAT, body);
  const sizes = [...framed.matchAll(/(?:^|\r\n)([0-9a-f]+)\r\n/g)].map(([, size]) => Number.parseInt(size!, 16));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(24);
});

test('stall sends the headers and nothing more until the client leaves', async () => {
  const sim = await simulator({ faults: [{ kind: 'stall' }] });
  const client = new AbortController();
  const reply = await fetch(`${sim.baseUrl}/chat/completions`, request(STREAM, client));
  expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(sim.stats().openStreams).toBe(1);
  const rest = reply.text();
  client.abort();
  await expect(rest).rejects.toThrow(/abort/);
  await settled(sim);
  expect(sim.stats()).toMatchObject({ abortedStreams: 1, outputTokens: 0, faults: { stall: 1 } });
});

test('hang never answers', async () => {
  const sim = await simulator({ faults: [{ kind: 'hang' }] });
  const client = new AbortController();
  const reply = fetch(`${sim.baseUrl}/chat/completions`, request(BUFFERED, client));
  await vi.waitFor(() => expect(sim.stats().faults).toEqual({ hang: 1 }), { interval: 1 });
  client.abort();
  await expect(reply).rejects.toThrow(/abort/);
  await vi.waitFor(() => expect(sim.stats().abortedRequests).toBe(1), { interval: 1 });
});

test('a fault strikes only its model, and the first of several that hits wins', async () => {
  const sim = await simulator({
    faults: [{ kind: 'http-503', model: 'bad' }, { kind: 'http-429', rate: 0 }, { kind: 'html' }],
  });
  expect((await post(sim, CHAT, { ...BUFFERED, model: 'bad' })).status).toBe(503);
  expect((await post(sim, CHAT, BUFFERED)).headers.get('content-type')).toMatch(/html/);
});

test('x-sim-fault strikes one request, instead of what is set', async () => {
  const sim = await simulator({ faults: [{ kind: 'http-500' }] });
  expect((await post(sim, CHAT, BUFFERED, { 'x-sim-fault': 'http-429' })).status).toBe(429);
  expect((await post(sim, CHAT, BUFFERED, { 'x-sim-fault': 'http-429:0' })).status).toBe(200);
  expect((await post(sim, CHAT, BUFFERED)).status).toBe(500);
  sim.setFaults([]);
  const bad = await post(sim, CHAT, BUFFERED, { 'x-sim-fault': 'nope' });
  expect(bad.status).toBe(400);
  expect(await bad.text()).toContain("x-sim-fault: not a fault: 'nope'");
});

test.each(['reset', 'reset-mid', 'cut', 'eof', 'malformed', 'http-429', 'http-500'] as const)(
  'the SDK reports an error for a buffered reply under %s',
  async (kind) => {
    const client = openai(await simulator({ faults: [{ kind }] }));
    await expect(client.chat.completions.create(BUFFERED)).rejects.toThrow(Error);
  },
);

function request(body: object, client: AbortController): RequestInit {
  return { method: 'POST', body: JSON.stringify(body), signal: client.signal };
}

async function settled(sim: RunningSimulator): Promise<void> {
  await vi.waitFor(() => expect(sim.stats().openStreams).toBe(0), { interval: 1 });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
