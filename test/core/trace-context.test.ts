import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cappedTracestate, readTraceparent, writeTraceparent } from '../../src/core/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
    .filter((text) => /[^0]/.test(text));

test('what is written is read again', () => {
  fc.assert(
    fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, isSampled) => {
      expect(readTraceparent(writeTraceparent(traceId, spanId, isSampled))).toEqual({ traceId, spanId, isSampled });
    }),
    { seed: 41 },
  );
});

test('whatever a client sends, what is read is a valid parent or none', () => {
  const near = fc.stringMatching(/^[0-9a-fA-F]{1,3}-[0-9a-f]{31,33}-[0-9a-f]{15,17}-[0-9a-f]{1,3}(?:-x)?$/);
  fc.assert(
    fc.property(fc.oneof(near, fc.string()), (header) => {
      const parent = readTraceparent(header);
      if (parent === null) return;
      expect(parent.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(parent.spanId).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
    }),
    { seed: 42 },
  );
});

test.each([
  [`00-${TRACE}-${SPAN}-01`, true],
  [`00-${TRACE}-${SPAN}-00`, false],
  [`00-${TRACE}-${SPAN}-03`, true],
  [`00-${TRACE}-${SPAN}-fe`, false],
  [`01-${TRACE}-${SPAN}-01-what-comes-later`, true],
])('%s is read; sampled: %s', (header, isSampled) => {
  expect(readTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled });
});

test.each([
  ['not there', undefined],
  ['sent twice', [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`]],
  ['of no version', `ff-${TRACE}-${SPAN}-01`],
  ['longer than version 00 is', `00-${TRACE}-${SPAN}-01-x`],
  ['without a trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['without a span', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['in capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['without flags', `00-${TRACE}-${SPAN}`],
])('a traceparent that is %s is none', (_, header) => {
  expect(readTraceparent(header)).toBeNull();
});

test.each([
  ['a=1', 'a=1'],
  [' a=1 ,, vendor@sys=x y ', 'a=1,vendor@sys=x y'],
  [['a=1', 'b=2'], 'a=1,b=2'],
  [undefined, ''],
  ['A=1', ''],
  ['a=1,b', ''],
  ['a=b=c', ''],
  [Array.from({ length: 33 }, (_, index) => `k${index}=1`).join(','), ''],
])('of the tracestate %j goes on %j', (header, kept) => {
  expect(cappedTracestate(header)).toBe(kept);
});

test('a tracestate that is too long loses its long members, then its last ones', () => {
  const long = `long=${'x'.repeat(200)}`;
  const short = Array.from({ length: 10 }, (_, index) => `s${index}=${'y'.repeat(60)}`);
  const kept = cappedTracestate([short[0]!, long, ...short.slice(1)].join(','));
  expect(kept).toBe(short.slice(0, 8).join(','));
  expect(kept.length).toBeLessThanOrEqual(512);
});
