import { expect, test } from 'vitest';
import { FAULTS } from '../../src/simulator/fault.ts';
import { parseFault } from '../../src/simulator/simulator.ts';

test.each([
  ['cut', { kind: 'cut' }],
  ['http-429:0.2', { kind: 'http-429', rate: 0.2 }],
  ['reset:0.5@fast-v2', { kind: 'reset', rate: 0.5, model: 'fast-v2' }],
  ['hang@ft:gpt@x', { kind: 'hang', model: 'ft:gpt@x' }],
  ['eof:1', { kind: 'eof', rate: 1 }],
  ['eof:.5', { kind: 'eof', rate: 0.5 }],
])('%s is read', (text, fault) => {
  expect(parseFault(text)).toEqual(fault);
});

test.each(['', 'bang', 'cut:', 'cut:2', 'cut:-1', 'cut:x', 'cut:0.1:0.2', 'cut@', 'toString'])(
  '%j is refused',
  (text) => {
    expect(() => parseFault(text)).toThrow(`not a fault: '${text}'`);
  },
);

test('the refusal lists every kind', () => {
  for (const kind of Object.keys(FAULTS)) expect(() => parseFault('bang')).toThrow(kind);
});
