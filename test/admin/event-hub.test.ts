import { afterEach, beforeEach, expect, it } from 'vitest';
import { EventHub } from '../../src/admin/event-hub.ts';

let hub: EventHub;
beforeEach(() => {
  hub = new EventHub();
});
afterEach(() => hub.close());

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += Buffer.from(chunk).toString();
  return all;
}

it('a client that reads nothing is cut off rather than buffered for', async () => {
  const slow = hub.open(null);
  for (let event = 0; event < 2_000; event++) hub.publish('tick', { event });
  const received = await readAll(slow);
  const events = received.match(/^id: /gm)!;
  expect(events.length).toBeGreaterThan(200);
  expect(events.length).toBeLessThan(600);
});

it('a slow client delays nobody', async () => {
  hub.open(null);
  const quick = hub.open(null);
  const reader = quick.getReader();
  await reader.read();
  for (let event = 0; event < 1_000; event++) {
    hub.publish('tick', { event });
    const { value } = await reader.read();
    expect(Buffer.from(value!).toString()).toContain(`"event":${event}}`);
  }
});

it('a client that left is forgotten', async () => {
  const reader = hub.open(null).getReader();
  await reader.cancel();
  expect(() => hub.publish('tick', {})).not.toThrow();
});

it('a client that comes back after very many events gets the latest of them', async () => {
  for (let event = 1; event <= 1_000; event++) hub.publish('tick', {});
  const back = hub.open(1);
  hub.close();
  const ids = [...(await readAll(back)).matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids.at(-1)).toBe(1_000);
  expect(ids[0]).toBe(1_000 - ids.length + 1);
});
