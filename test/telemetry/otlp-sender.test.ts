import { Agent } from 'node:http';
import { expect, test } from 'vitest';
import { CollectorError, OtlpSender, type PartialSuccess } from '../../src/telemetry/otlp-sender.ts';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';

interface World {
  readonly collector: OtlpReceiver;
  readonly waits: number[];
  send(): Promise<PartialSuccess>;
}

const TIMEOUT = 10_000;

/** Nothing waits: each pause is noted, and the clock put forward by it. @param afterEach what happens before the batch is repeated */
async function setup(
  afterEach: (collector: OtlpReceiver, waits: readonly number[]) => void = () => {},
): Promise<World> {
  const collector = await startOtlpReceiver();
  const clock = { time: 0, now: () => clock.time, wall: () => Date.UTC(2026, 0, 1) + clock.time };
  const waits: number[] = [];
  const agent = new Agent();
  const sender = new OtlpSender<string>({
    options: {
      url: `${collector.url}/v1/traces`,
      headers: () => Promise.resolve({ 'x-key': 'k' }),
      timeoutMillis: TIMEOUT,
      compression: 'none',
      concurrencyLimit: 1,
      agentFactory: () => agent,
    },
    serializer: {
      contentType: 'application/json',
      serialize: (data) => Buffer.from(data),
      readPartial: (body) => JSON.parse(Buffer.from(body).toString()) as PartialSuccess,
    },
    userAgent: 'tried/1',
    clock,
    wait(delay) {
      waits.push(delay);
      clock.time += delay;
      afterEach(collector, waits);
      return Promise.resolve();
    },
  });
  return { collector, waits, send: () => sender.send('{"resourceSpans":[]}') };
}

test.each([429, 502, 503, 504])('a collector that answers %i is asked again, later each time', async (status) => {
  const { collector, waits, send } = await setup((receiver, told) => {
    if (told.length === 3) receiver.status = 200;
  });
  collector.status = status;
  await send();
  expect(collector.headers).toHaveLength(4);
  for (const [index, expected] of [1_000, 1_500, 2_250].entries()) {
    expect(waits[index]).toBeGreaterThanOrEqual(expected * 0.8);
    expect(waits[index]).toBeLessThanOrEqual(expected * 1.2);
  }
});

test.each([
  ['2', 2_000],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:00:03 GMT', 3_000],
])('a collector that says "Retry-After: %s" is asked again after exactly that', async (retryAfter, wait) => {
  const { collector, waits, send } = await setup((receiver) => void (receiver.status = 200));
  Object.assign(collector, { status: 503, retryAfter });
  await send();
  expect(waits).toEqual([wait]);
});

test('a wait that is longer than the time of a batch is not begun, but told of', async () => {
  const { collector, waits, send } = await setup();
  Object.assign(collector, { status: 429, retryAfter: '60' });
  const error = await send().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CollectorError);
  expect(error).toMatchObject({ code: 429, retryAfter: 60_000 });
  expect([waits, collector.headers.length]).toEqual([[], 1]);
});

test('it is given up when the time of a batch is over', async () => {
  const { collector, waits, send } = await setup();
  collector.status = 503;
  await expect(send()).rejects.toMatchObject({ code: 503, retryAfter: null });
  expect(waits.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(TIMEOUT);
  expect(waits.length).toBeGreaterThan(2);
});

test.each([400, 401, 404, 413, 500, 301])('a batch that is answered with %i is not sent again', async (status) => {
  const { collector, waits, send } = await setup();
  collector.status = status;
  await expect(send()).rejects.toMatchObject({ code: status });
  expect([waits, collector.headers.length]).toEqual([[], 1]);
});

test('a collector that is not there is looked for again', async () => {
  const { collector, waits, send } = await setup();
  await collector.close();
  await expect(send()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(waits.length).toBeGreaterThan(2);
});

test('what it tells of a batch that it took only a part of is heard', async () => {
  const { collector, send } = await setup();
  expect(await send()).toMatchObject({});
  collector.partial = { rejected: 3, message: 'too old' };
  expect(await send()).toEqual({ partialSuccess: { rejectedSpans: '3', errorMessage: 'too old' } });
  expect(collector.headers[0]).toMatchObject({
    'content-type': 'application/json',
    'x-key': 'k',
    'user-agent': 'tried/1',
  });
});
