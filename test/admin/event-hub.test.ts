import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventHub, MAX_MISSED, type Frame, type MissedEvents } from '../../src/admin/event-hub.ts';

const frame = (id: number): Frame => ({ id, type: 'tick', data: { event: id } });

let stored: Frame[] = [];
/** Awaited before the store answers. */
let answer: Promise<void> = Promise.resolve();
let hub: EventHub;
beforeEach(() => {
  stored = [];
  answer = Promise.resolve();
  hub = new EventHub(async (id): Promise<MissedEvents> => {
    const frames = stored.filter((each) => each.id! > id).slice(-MAX_MISSED);
    await answer;
    return { newest: stored.length, frames };
  });
});
afterEach(() => hub.close());

function happen(id: number): void {
  stored.push(frame(id));
  hub.publish(frame(id));
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += Buffer.from(chunk).toString();
  return all;
}

async function idsOf(stream: ReadableStream<Uint8Array>): Promise<readonly number[]> {
  return [...(await readAll(stream)).matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
}

it('a client that reads nothing is cut off rather than buffered for', async () => {
  const slow = await hub.open(null);
  for (let event = 1; event <= 2_000; event++) happen(event);
  const received = await idsOf(slow);
  expect(received.length).toBeGreaterThan(200);
  expect(received.length).toBeLessThan(600);
});

it('a slow client delays nobody', async () => {
  await hub.open(null);
  const quick = await hub.open(null);
  const reader = quick.getReader();
  await reader.read();
  for (let event = 1; event <= 1_000; event++) {
    happen(event);
    const { value } = await reader.read();
    expect(Buffer.from(value!).toString()).toContain(`"event":${event}}`);
  }
});

it('a client that left is forgotten', async () => {
  const reader = (await hub.open(null)).getReader();
  await reader.cancel();
  expect(() => happen(1)).not.toThrow();
});

describe('a client that comes back', () => {
  it('after very many events gets the latest of them', async () => {
    for (let event = 1; event <= 3_000; event++) happen(event);
    const back = await hub.open(1);
    happen(3_001);
    hub.close();
    const ids = await idsOf(back);
    expect(ids).toEqual(Array.from({ length: MAX_MISSED + 1 }, (_, index) => 3_001 - MAX_MISSED + index));
  });

  it('gets what happens meanwhile once and in order', async () => {
    for (let event = 1; event <= 3; event++) happen(event);
    const gate = Promise.withResolvers<void>();
    answer = gate.promise;
    const opening = hub.open(1);
    // Told late here of what the store already had, then of what it had not.
    hub.publish(frame(3));
    happen(4);
    gate.resolve();
    const back = await opening;
    hub.publish(frame(4));
    happen(5);
    hub.close();
    expect(await idsOf(back)).toEqual([2, 3, 4, 5]);
  });

  it('from another gateway is not told again by one that lags behind', async () => {
    stored.push(frame(1), frame(2));
    const back = await hub.open(2);
    hub.publish(frame(1));
    hub.publish(frame(2));
    happen(3);
    hub.close();
    expect(await idsOf(back)).toEqual([3]);
  });

  it('with the id of another store gets what comes', async () => {
    happen(1);
    const back = await hub.open(900);
    happen(2);
    hub.close();
    expect(await idsOf(back)).toEqual([2]);
  });

  it('is cut off where too much happens before the store answers', async () => {
    const gate = Promise.withResolvers<void>();
    answer = gate.promise;
    const opening = hub.open(0);
    for (let event = 1; event <= 2_000; event++) happen(event);
    gate.resolve();
    expect(await idsOf(await opening)).toEqual([]);
  });
});
