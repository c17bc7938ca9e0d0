import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { formatOf } from '../../src/core/media-signature.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const packet = `G\x40\0\x10${'\xff'.repeat(184)}`;

it.each([
  ['PNG', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
  ['JPEG', '\xff\xd8\xff\xe0\0\x10JFIF\0'],
  ['GIF', 'GIF89a\x40\x01\xf0\0\xf7\0\0'],
  ['WebP', 'RIFF\x24\x10\0\0WEBPVP8 \x18\x10\0\0'],
  ['WAV', 'RIFF\x24\x10\x01\0WAVEfmt \x10\0\0\0\x01\0'],
  ['TIFF', 'II*\0\x08\0\0\0'],
  ['MP3 with a tag', 'ID3\x03\0\0\0\0\x1fv'],
  ['MP3', '\xff\xfb\x90\x64\0'],
  ['AAC', '\xff\xf1\x50\x80\x02\x1f'],
  ['FLAC', 'fLaC\0\0\0\x22\x10\0'],
  ['Ogg', 'OggS\0\x02\0\0'],
  ['MP4', '\0\0\0\x20ftypisom'],
  ['M4A', '\0\0\0\x1cftypM4A '],
  ['HEIC', '\0\0\0\x18ftypheic'],
  ['QuickTime', '\0\0\0\x08wide\0\0'],
  ['WebM', '\x1aE\xdf\xa3\x9fB\x86'],
  ['an MPEG transport stream', packet.repeat(3)],
])('%s is media', (_name, head) => expect(formatOf(bytes(head))).toBe('media'));

it.each([
  ['PDF', '%PDF-1.7\n'],
  ['PDF behind a mark', '\xef\xbb\xbf\n%PDF-2.0'],
  ['ZIP and Office', 'PK\x03\x04\x14\0'],
  ['gzip', gzipSync('x').toString('latin1')],
  ['7z', "7z\xbc\xaf'\x1c\0"],
  ['zstd', '(\xb5/\xfd\x04'],
  ['tar', `name.txt${'\0'.repeat(249)}ustar\x0000`],
  ['Word before 2007', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['SQLite', 'SQLite format 3\0'],
  ['Parquet', 'PAR1\x15\x04'],
])('%s is a container', (_name, head) => expect(formatOf(bytes(head))).toBe('container'));

it('bytes of no format and of no text are binary, where there are enough of them', () => {
  const any = Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 89 + 7) % 256));
  expect([formatOf(any), formatOf(any.subarray(0, 511))]).toEqual(['binary', null]);
  const texts = ['M\xfcller;', '\x82\xa0\x82\xa2\r\n', 'a\0', '\x1b[31mred\x1b[0m '].map((text) =>
    bytes(text.repeat(300)),
  );
  expect(texts.map(formatOf)).toEqual([null, null, null, null]);
});

it.each([
  'GIF89a is a format, and this is text about it',
  'RIFF 1234WAVE, in words',
  'ID3 tags begin like this',
  'BM, the letters',
  'II* or MM*',
  'OggS, fLaC and PK',
  'FORM 1234AIFF, in words',
  `G${'x'.repeat(187)}G${'x'.repeat(187)}G${'x'.repeat(200)}`,
  'the format %PDF-1.7',
  'ÿû, in Latin-1: \xe4\xf6\xfc',
  '\xff\xfea\0b\0',
  '\xfe\xff\0a',
  '{"a":1}',
  '',
])('text is neither: %j', (text) => expect(formatOf(bytes(text))).toBeNull());
