import { assert, integer, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { STAMP_LENGTH, decodeStamp, encodeStamp } from '../clock.ts';
import { STAMP_MARK, tokenFrame } from '../payload.ts';

const micros = integer({ min: 0, max: 26 ** STAMP_LENGTH - 1 });

test('a stamp is letters only and reads back as the time it was made from', () => {
  assert(
    property(micros, (time) => {
      const stamp = encodeStamp(time);
      expect(stamp).toMatch(/^[a-z]{10}$/);
      expect(decodeStamp(Buffer.from(stamp), 0)).toBe(time);
    }),
    { seed: 1 },
  );
});

test('a token frame holds one mark, and the stamp right behind it', () => {
  assert(
    property(micros, nat(), (time, token) => {
      const frame = Buffer.from(tokenFrame(time, token));
      const at = frame.indexOf(STAMP_MARK);
      expect(decodeStamp(frame, at + STAMP_MARK.length)).toBe(time);
      expect(frame.lastIndexOf(STAMP_MARK)).toBe(at);
    }),
    { seed: 2 },
  );
});
