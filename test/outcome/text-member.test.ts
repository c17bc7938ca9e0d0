import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { textMember } from '../../src/outcome/text-member.ts';

it('cuts out of any JSON what parsing finds there', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.nat(3), (text, other, indent) => {
      const json = JSON.stringify({ other, type: 'text', list: [{ n: 1 }], deep: { text } }, null, indent);
      expect(textMember(json, 'text')).toBe(text);
    }),
    { seed: 1, numRuns: 500 },
  );
});

it('is empty where the name is missing, is a value or has no text', () => {
  for (const json of ['{}', '{"a":"text"}', '{"text":null}', '{"text":["x"]}', '{"text":"cut', '"text"', '"text":'])
    expect(textMember(json, 'text')).toBe('');
  expect(textMember('{"text":null,"b":{"text" : \n"x"}}', 'text')).toBe('x');
  expect(textMember('{"a":"\\"text\\":\\"no\\"","text":"yes"}', 'text')).toBe('yes');
});
