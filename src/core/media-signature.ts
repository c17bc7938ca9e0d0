import { utf16Of } from './utf16.ts';

/**
 * What the first bytes of a file tell. `media`: pictures, sound, video, fonts: no text. `container`: what may hold text
 * that only a reader of the format could see: documents, archives, databases. `binary`: of no known format, and no text in
 * any set of characters: read as text it would only be damaged.
 */
export type FileFormat = 'media' | 'container' | 'binary';

/** So many bytes tell all that `formatOf` knows. */
export const SIGNATURE_BYTES = 512;

/** Text has no such character: a signature that text may begin with counts only where one is near. */
const NEAR_BINARY = '(?=[^]{0,60}[\\0-\\x08\\x0e-\\x1a])';

/** @source https://www.iana.org/assignments/media-types/media-types.xhtml and the formats' own specifications */
const MEDIA: readonly string[] = [
  '\\x89PNG\\r\\n\\x1a\\n',
  `\\xff\\xd8\\xff${NEAR_BINARY}`,
  `GIF8[79]a${NEAR_BINARY}`,
  `RIFF[^]{4}(?:WEBP|WAVE|AVI )${NEAR_BINARY}`,
  `RF64[^]{4}WAVE${NEAR_BINARY}`,
  'BM[^]{4}\\0{4}',
  'II[*+]\\0|MM\\0[*+]',
  '\\0\\0[\\x01\\x02]\\0',
  // MP4, QuickTime, M4A, HEIC, AVIF.
  '\\0[^]{3}(?:ftyp|moov|mdat|wide|free|skip)',
  // JPEG 2000, JPEG XL.
  '\\0\\0\\0\\x0c(?:jP {2}|JXL )\\r\\n\\x87\\n',
  `\\xff\\x0a${NEAR_BINARY}`,
  '8BPS\\0\\x01',
  // MP3 and AAC: a tag, or the first frame. Not the mark of UTF-16.
  'ID3[\\x02-\\x04][\\0-\\x0f]',
  `\\xff[\\xe2-\\xe7\\xf0-\\xfd][\\0-\\xef]${NEAR_BINARY}`,
  'fLaC[\\0\\x80]\\0\\0\\x22',
  'OggS\\0',
  // Matroska, WebM.
  '\\x1aE\\xdf\\xa3',
  `FORM[^]{4}AIF[FC]${NEAR_BINARY}`,
  'MThd\\0\\0\\0\\x06',
  'FLV\\x01',
  // WMA, WMV.
  '0&\\xb2u\\x8ef\\xcf\\x11',
  // MPEG program and transport streams.
  '\\0\\0\\x01[\\xb3\\xba]',
  'G(?=[^]{0,375}[\\0\\xff])[^]{187}G[^]{187}G',
  'caff\\0\\x01',
  '\\.snd\\0\\0\\0',
  'wOF[F2]\\0\\x01\\0\\0|OTTO\\0|\\0\\x01\\0\\0\\0',
];

const CONTAINERS: readonly string[] = [
  '(?:\\xef\\xbb\\xbf)?\\s{0,16}%PDF-\\d',
  // ZIP, and with it OOXML, OpenDocument, EPUB, JAR.
  'PK(?:\\x03\\x04|\\x05\\x06|\\x07\\x08)',
  '\\x1f\\x8b\\x08',
  'BZh[1-9](?:1AY&SY|\\x17rE8P\\x90)',
  '\\xfd7zXZ\\0',
  '7z\\xbc\\xaf\\x27\\x1c',
  '\\x28\\xb5\\x2f\\xfd',
  '\\x04"M\\x18',
  'Rar!\\x1a\\x07',
  '[^]{257}ustar(?:\\0| {2}\\0)',
  // Word, Excel and PowerPoint before 2007, Outlook messages.
  '\\xd0\\xcf\\x11\\xe0\\xa1\\xb1\\x1a\\xe1',
  'PAR1\\x15',
  'ARROW1\\0\\0',
  'Obj\\x01',
  'SQLite format 3\\0',
  '\\x89HDF\\r\\n\\x1a\\n',
  '\\x93NUMPY',
  '\\0asm',
  '\\x7fELF',
];

const IS_MEDIA = new RegExp(`^(?:${MEDIA.join('|')})`);
const IS_CONTAINER = new RegExp(`^(?:${CONTAINERS.join('|')})`);

/** Characters that no text has; of random bytes every tenth is one. */
const NO_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/g;
const MOST_NO_TEXT = 0.04;

/** Of short files nobody can tell. */
function isBinary(head: string): boolean {
  return head.length === SIGNATURE_BYTES && (head.match(NO_TEXT)?.length ?? 0) > SIGNATURE_BYTES * MOST_NO_TEXT;
}

/** Null: the bytes are text, or may be. */
export function formatOf(bytes: Buffer): FileFormat | null {
  const head = bytes.toString('latin1', 0, SIGNATURE_BYTES);
  if (IS_MEDIA.test(head)) return 'media';
  if (IS_CONTAINER.test(head)) return 'container';
  return isBinary(head) && utf16Of(bytes) === null ? 'binary' : null;
}
