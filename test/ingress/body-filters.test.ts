import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BodyFilter, Inspection } from '../../src/ingress/body-filter.ts';
import { fileFilter } from '../../src/ingress/file-filter.ts';
import { mediaKind, type MediaKind } from '../../src/ingress/media-kind.ts';
import { boundaryOf, MultipartFilter } from '../../src/ingress/multipart-filter.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, RecordingLog, SECRET } from '../redact/support.ts';

const redactor = createRedactor(allActions('mask'), SECRET);
const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const MASK = 'REDACTED_secret_github_pat';

function inspection(log = new RecordingLog()): Inspection {
  return { redactor, direction: 'request', log, maxBytes: 1024 * 1024 };
}

function run(filter: BodyFilter, pieces: readonly Buffer[]): Buffer {
  return Buffer.concat([...pieces.flatMap((piece) => [...filter.push(piece)]), ...filter.finish(false)]);
}

function split(bytes: Buffer, ...at: readonly number[]): Buffer[] {
  return [...at, bytes.length].map((end, i) => bytes.subarray(at[i - 1] ?? 0, end));
}

const line = (text: string): string => `{"messages":[{"role":"user","content":"${text}"}]}`;
const part = (headers: string, body: string): string => `--b-1\t \r\n${headers}\r\n\r\n${body}\r\n`;
const FORM = Buffer.from(
  [
    'preamble\r\n',
    part('content-disposition: form-data; name=a', `\r\n--b-1x ${TOKEN}\r`),
    part('Content-Disposition: form-data;\r\n name="f"; filename="a.jsonl"', `${line(TOKEN)}\n${line('é🌍')}\r\n`),
    part('Content-Disposition: form-data; name=i; filename=i.png', `\x7fELF\r\n${TOKEN}`),
    '--b-1\r\nContent-Disposition: form-data; name="nothing"\r\n\r\n',
    '--b-1--\r\nepilogue',
  ].join(''),
);
const EXPECTED = FORM.toString().replace(TOKEN, MASK).replace(TOKEN, MASK);

describe('a form with files', () => {
  it('is the same for every split in two, and byte by byte', () => {
    const whole = (pieces: readonly Buffer[]): string =>
      run(new MultipartFilter(inspection(), 'b-1'), pieces).toString();
    expect(whole([FORM])).toBe(EXPECTED);
    expect(whole([...FORM].map((byte) => Buffer.from([byte])))).toBe(EXPECTED);
    const others = FORM.map((_, at) => (whole(split(FORM, at)) === EXPECTED ? 0 : 1));
    expect(others.indexOf(1)).toBe(-1);
  });

  it('is byte-exact where nothing is found, whatever the bytes are', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(
          '\r\n--b',
          '--',
          '\r',
          '\n',
          '\r\n\r\n',
          '--b--',
          'Content-Type: text/plain',
          '{"a":',
          '"}',
          'é',
        ),
        fc.string({ maxLength: 4 }),
      ),
    );
    fc.assert(
      fc.property(pieces, (texts) => {
        const chunks = texts.map((text) => Buffer.from(text));
        expect(run(new MultipartFilter(inspection(), 'b'), chunks)).toEqual(Buffer.concat(chunks));
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['multipart/form-data; charset=utf-8; BOUNDARY="a b\\"c"', 'a b"c'],
    ['multipart/form-data; boundary=abc; x=y', 'abc'],
    ['multipart/form-data', null],
    ['multipart/form-data; boundary=', null],
    ['multipart/form-data; boundary="ends with a space "', null],
  ])('%s has the boundary %j', (type, boundary) => expect(boundaryOf(type)).toBe(boundary));
});

describe('a file', () => {
  const FILES: readonly (readonly [MediaKind, string])[] = [
    ['urlencoded', `a=${TOKEN}&b=%C3%A9+x&&c=1`],
    ['jsonl', `${line('é🌍')}\r\n\n${line(TOKEN)}\nno JSON ${TOKEN}\n{"a":"${TOKEN}`],
    ['text', `Grüße 🌍 ${TOKEN}\n${TOKEN}`],
    ['json', `\uFEFF{\n "a":"${TOKEN}" }`],
    ['json', `${line('x')}\n${line(TOKEN)}\n`],
    ['unknown', `${line('x')}\n${line(TOKEN)}\n`],
    ['unknown', `{\n  "a": "${TOKEN}"\n}`],
    ['unknown', `# é ${TOKEN}`],
  ];

  it.each(FILES)('of kind %s is the same for every split: %j', (kind, text) => {
    const bytes = Buffer.from(text);
    const expected = text.replaceAll(TOKEN, MASK);
    for (let at = 0; at <= bytes.length; at++)
      expect(run(fileFilter(kind, false, inspection(), ''), split(bytes, at)).toString()).toBe(expected);
  });

  it.each(FILES)('of kind %s in UTF-16 is the same for every split: %j', (kind, text) => {
    const bytes = Buffer.from(text, 'utf16le');
    const expected = text.replaceAll(TOKEN, MASK);
    const log = new RecordingLog();
    for (let at = 0; at <= bytes.length; at += 3) {
      const out = run(fileFilter(kind, false, inspection(log), ''), split(bytes, at));
      expect(out.toString('utf16le')).toBe(expected);
    }
    expect(log.unread).not.toContain('request charset');
  });

  it('in Latin-1 is the same for every split, in a value as well', () => {
    const text = `M\xfcller \xe9${TOKEN} \xc3\xbc ${TOKEN}\xdf\xf0`;
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at <= bytes.length; at++) {
      const out = run(fileFilter('text', false, inspection(), ''), split(bytes, at));
      expect(out.toString('latin1')).toBe(text.replaceAll(TOKEN, MASK));
    }
  });

  it('that looks like JSON and is longer than a document may be is read as text, and told', () => {
    const log = new RecordingLog();
    const text = `{"a": "${'x '.repeat(600)}", "b": "${TOKEN}"}`;
    const filter = fileFilter('unknown', false, { ...inspection(log), maxBytes: 1000 }, '');
    expect(run(filter, split(Buffer.from(text), 700)).toString()).toBe(text.replace(TOKEN, MASK));
    expect(log.unread).toEqual(['request invalid_json']);
  });

  it('that says nothing and is no text passes', () => {
    for (const text of [`\x89PNG\r\n\x1a\n ${TOKEN}`, `%PDF-1.7\n${TOKEN}`]) {
      const bytes = Buffer.from(text, 'latin1');
      const log = new RecordingLog();
      expect(run(fileFilter('unknown', false, inspection(log), ''), [bytes]).equals(bytes)).toBe(true);
      expect(log.unread).toEqual(['request media']);
    }
  });

  it.each([`abc\0${TOKEN}`, `{"a\xff\n${TOKEN}`, `\xfc ${TOKEN}\x80`])(
    'that is of no known format is read as far as it is ASCII, and told: %j',
    (text) => {
      const log = new RecordingLog();
      const bytes = Buffer.from(text, 'latin1');
      const out = run(fileFilter('unknown', false, inspection(log), ''), [bytes]);
      expect(out.toString('latin1')).toBe(text.replace(TOKEN, MASK));
      expect(log.unread).toEqual(['request charset']);
    },
  );

  it('that says it is text is inspected whatever its bytes are, its lines counted on', () => {
    const log = new RecordingLog();
    const bytes = Buffer.from(`one\ntwo\n\xfc ${TOKEN}\n\0\n${TOKEN}\n`, 'latin1');
    const pieces = split(bytes, 8, 20);
    const out = run(fileFilter('text', false, inspection(log), 'notes'), pieces).toString('latin1');
    expect(out).toBe(bytes.toString('latin1').replaceAll(TOKEN, MASK));
    expect(log.unread).toEqual(['request charset']);
    expect(log.told.map(({ where }) => where)).toEqual(['notes, line 3', 'notes, line 5']);
  });

  it.each([
    ['application/json; charset=utf-8', null, 'json'],
    ['application/vnd.api+json', null, 'json'],
    ['application/octet-stream', 'A.JSONL', 'jsonl'],
    ['text/plain', 'a.json', 'json'],
    ['application/x-ndjson', null, 'jsonl'],
    ['text/csv', 'a.csv', 'text'],
    ['image/svg+xml', 'a.svg', 'text'],
    ['image/png', 'a.png', 'media'],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'a.docx', 'unknown'],
    ['multipart/mixed; boundary=b', null, 'multipart'],
    ['application/octet-stream', 'a.bin', 'unknown'],
    [undefined, null, 'unknown'],
    ['nonsense', null, 'unknown'],
  ] as const)('of type %s named %s is %s', (type, name, kind) => expect(mediaKind(type, name)).toBe(kind));
});
