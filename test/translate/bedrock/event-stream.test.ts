import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SseEventTooLargeError } from '../../../src/core/sse.ts';
import { awsFraming } from '../../../src/simulator/protocols/aws-frames.ts';
import { awsEventStream } from '../../../src/translate/bedrock/event-stream.ts';

type Event = readonly [name: string, data: string];

function frames(...events: readonly Event[]): Buffer {
  return Buffer.concat(events.map(([name, data]) => awsFraming.frame(`event: ${name}\ndata: ${data}\n\n`)));
}

function events(bytes: Buffer, size = bytes.length, limit = 100_000): Event[] {
  const parser = awsEventStream.openParser(limit);
  const found: Event[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    parser.push(bytes.subarray(at, at + size), ({ name, data }) => found.push([name, data]));
  }
  expect(parser.finish()).toBeNull();
  return found;
}

/** A frame as the vendor's own library makes it: headers of several types, `{"a":1}` as payload. */
const MADE_BY_AWS = Buffer.from(
  '00000058000000416c9a2a650b3a6576656e742d7479706507000473746f700d3a6d6573736167652d74797065' +
    '0700056576656e74023a6e050000000000000005023a6200023a7906000201027b2261223a317df4e1f623',
  'hex',
);

test('a frame of the vendor’s own library is read', () => {
  expect(events(MADE_BY_AWS, 5)).toEqual([['stop', '{"a":1}']]);
});

test('frames become events, whatever the chunks', () => {
  const told: Event[] = [
    ['messageStart', '{"role":"assistant"}'],
    ['contentBlockDelta', '{"delta":{"text":"Größe 🎈"},"contentBlockIndex":0}'],
    ['messageStop', '{}'],
  ];
  const bytes = frames(...told);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: bytes.length }), (size) => {
      expect(events(bytes, size)).toEqual(told);
    }),
    { seed: 41 },
  );
});

test('any JSON comes through', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 2 })), fc.integer({ min: 1, max: 50 }), (values, size) => {
      const told = values.map((value): Event => ['x', JSON.stringify(value)]);
      expect(events(frames(...told), size)).toEqual(told);
    }),
    { seed: 42 },
  );
});

test('a single wrong bit anywhere is found', () => {
  const bytes = frames(['messageStop', '{"stopReason":"end_turn"}']);
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << bit;
      expect(() => events(damaged)).toThrow(/damaged|larger than|shorter/);
    }),
    { seed: 43 },
  );
});

test('JSON of several lines is told on one', () => {
  expect(events(frames(['x', '{"a":1,\r\n"b":2}']))).toEqual([['x', '{"a":1,  "b":2}']]);
});

test('an exception tells its type and message', () => {
  expect(events(frames(['throttlingException', '{"message":"Slow down."}']))).toEqual([
    ['exception', '{"type":"throttlingException","message":"Slow down."}'],
  ]);
});

test('a frame that breaks off tells nothing', () => {
  expect(events(frames(['x', '{}']).subarray(0, -1))).toEqual([]);
});

test('a frame over the limit is refused before it is kept', () => {
  const bytes = frames(['x', JSON.stringify('y'.repeat(2000))]);
  expect(() => events(bytes.subarray(0, 12), 12, 1000)).toThrow(SseEventTooLargeError);
});

test('what is no frame is refused', () => {
  expect(() => events(Buffer.from('<html><body>Service unavailable</body></html>'))).toThrow('damaged');
});
