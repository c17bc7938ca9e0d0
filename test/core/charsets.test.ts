import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLoose, encodeLoose, wholeCharacters } from '../../src/core/loose-utf8.ts';
import { asUtf8, fromUtf8, toUtf8, utf16Of } from '../../src/core/utf16.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** Bytes that are often nearly UTF-8. */
const BYTES = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('\xed\xb2\x80', '\xc0\x80', '\xf4\x90\x80\x80', '\xe0\x80\x80', '\xf0\x9f').map(latin1),
    ),
  )
  .map((pieces) => Buffer.concat(pieces));

describe('UTF-8 in which any byte may stand', () => {
  it('comes back as the same bytes', () => {
    fc.assert(
      fc.property(BYTES, (bytes) => {
        expect(encodeLoose(decodeLoose(bytes)).equals(bytes)).toBe(true);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it('is the same text wherever it is cut between whole characters', () => {
    fc.assert(
      fc.property(BYTES, fc.nat(), (bytes, at) => {
        const first = bytes.subarray(0, at % (bytes.length + 1));
        const end = wholeCharacters(first);
        const rest = Buffer.concat([first.subarray(end), bytes.subarray(first.length)]);
        expect(decodeLoose(first.subarray(0, end)) + decodeLoose(rest)).toBe(decodeLoose(bytes));
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it('reads what is well-formed as what it is', () => {
    expect(decodeLoose(latin1('\xfc a \xc3\xbc \xf0\x9f\x8c\x8d\x80'))).toBe('\udcfc a ü 🌍\udc80');
  });
});

describe('UTF-16', () => {
  it.each([
    ['marked', utf16('\uFEFFé世界'), 'utf16le'],
    ['marked, the high byte first', utf16('\uFEFF世').swap16(), 'utf16be'],
    ['by its NULs', utf16('key=value\r\n'), 'utf16le'],
    ['by its NULs, the high byte first', utf16('key=value\r\n').swap16(), 'utf16be'],
    ['by its blanks and line ends', utf16('世界 世界\n'), 'utf16le'],
    ['not in UTF-8', Buffer.from('key=välue'), null],
    ['not in UTF-8 with a NUL', Buffer.from('a\0b, and more of it'), null],
    ['not in UTF-32', latin1('\xff\xfe\0\0a\0\0\0'), null],
    ['not in UTF-32 without a mark', latin1('a\0\0\0b\0\0\0'), null],
    ['not in numbers', Buffer.from(new Int16Array([3, 1, -2, 7, 250]).buffer), null],
    ['not in nothing', Buffer.alloc(0), null],
  ])('is recognised: %s', (_name, bytes, charset) => expect(utf16Of(bytes)).toBe(charset));

  it('comes back as the same bytes, halves of characters and all', () => {
    const units = fc.array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd7f0, max: 0xe010 })));
    fc.assert(
      fc.property(units, fc.constantFrom('utf16le', 'utf16be'), (codes, charset) => {
        const bytes = Buffer.from(new Uint16Array(codes).buffer);
        expect(fromUtf8(toUtf8(bytes, charset), charset).equals(bytes)).toBe(true);
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  it('is inspected as UTF-8, and is the bytes that came where nothing changes', () => {
    const bytes = Buffer.concat([utf16('secret: a'), latin1('x')]);
    expect(asUtf8(bytes, (text) => text)).toBe(bytes);
    const changed = asUtf8(bytes, (text) => Buffer.from(text.toString().replace('a', 'ü')));
    expect(changed.equals(Buffer.concat([utf16('secret: ü'), latin1('x')]))).toBe(true);
  });
});
