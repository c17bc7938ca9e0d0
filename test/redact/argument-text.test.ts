import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentText } from '../../src/redact/argument-text.ts';

describe('JSON text that arrives in pieces', () => {
  it('is decoded the same however it is cut', () => {
    const cases = fc.property(fc.json(), fc.integer({ min: 1, max: 4 }), (json, size) => {
      const whole = new ArgumentText();
      const cut = new ArgumentText();
      const pieces = json.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(pieces.map((piece) => cut.push(piece)).join('') + cut.flush()).toBe(whole.push(json) + whole.flush());
    });
    fc.assert(cases, { seed: 41, numRuns: 300 });
  });

  it('has strings with their escapes resolved and edges for quotes', () => {
    expect(new ArgumentText().push('{"a\\n":"\\u0041\\"\\/"}')).toBe('{\uffffa\n\uffff:\uffffA"/\uffff}');
  });

  it('knows where each decoded character came from, and whether it stands in a string', () => {
    const text = new ArgumentText();
    const decoded = text.push('{"\\u0041b":12}');
    expect([...decoded].map((_, at) => text.rawOffset(at))).toEqual([0, 1, 2, 8, 9, 10, 11, 12, 13]);
    expect(text.isInsideString(decoded.indexOf('b'))).toBe(true);
    expect(text.isInsideString(decoded.indexOf('1'))).toBe(false);
  });

  it('keeps what is no escape, and an escape that never ends', () => {
    const text = new ArgumentText();
    expect(text.push('\\x \\u12') + text.push('g\\u00') + text.flush()).toBe('\\x \\u12g\\u00');
  });
});
