import { expect, test, vi } from 'vitest';
import { CLIENT_KINDS } from './client-kinds.ts';
import { statusOf, type Asked, type Client } from './client-kind.ts';
import { pairsOf, startWorld } from './world.ts';

const PAIRS = pairsOf(CLIENT_KINDS);
const TALK: Asked = { model: 'talks', prompt: 'Talk', stream: false };

async function failureOf(client: Client, asked: Asked = TALK): Promise<unknown> {
  return client.ask(asked).then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error,
  );
}

test.each(PAIRS)('%s with %s: a status of the provider is an error of that status', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  for (const [fault, status] of [
    ['http-429', 429],
    ['http-500', 500],
    ['http-503', 503],
  ] as const) {
    world.sim.setFaults([{ kind: fault }]);
    for (const stream of [false, true])
      expect(statusOf(await failureOf(world.client, { ...TALK, stream }))).toBe(status);
  }
});

test.each(PAIRS)('%s with %s: what the gateway refuses is an error with its words', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  const unknown = await failureOf(world.client, { ...TALK, model: 'nobody' });
  expect(statusOf(unknown)).toBe(404);
  expect(String(unknown)).toContain('nobody');
  expect(statusOf(await failureOf(world.open({ apiKey: 'sk-of-nobody' })))).toBe(401);
});

test.each(PAIRS)('%s with %s: a stream that breaks off is an error, not an end', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  for (const fault of ['cut', 'reset-mid', 'eof', 'malformed'] as const) {
    world.sim.setFaults([{ kind: fault, afterEvents: 8 }]);
    expect(await failureOf(world.client, { ...TALK, stream: true })).toBeInstanceOf(Error);
  }
});

test.each(PAIRS)('%s with %s: a reply of another protocol is a 502', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  world.sim.setFaults([{ kind: 'html' }]);
  expect(statusOf(await failureOf(world.client))).toBe(502);
});

test.each(PAIRS)('%s with %s: the SDK tries again as often as it is told', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  world.sim.setFaults([{ kind: 'http-429', retryAfterSeconds: 0 }]);
  expect(statusOf(await failureOf(world.open({ maxRetries: 2 })))).toBe(429);
  expect(world.sim.stats().requests).toBeGreaterThanOrEqual(3);
});

test.each(PAIRS)('%s with %s: leaving a stream ends it at the provider', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  world.sim.setProfile(kind.models.talks, { interTokenMs: 20, outputTokens: { median: 2000, sigma: 0 } });
  const leaving = new AbortController();
  const asked: Asked = { ...TALK, stream: true, signal: leaving.signal, onFirst: () => leaving.abort() };
  await world.client.ask(asked).catch(() => {});
  await vi.waitFor(() => expect(world.sim.stats()).toMatchObject({ abortedStreams: 1, openStreams: 0 }), {
    timeout: 10_000,
  });
});
