import type { Chars } from '../../core/units.ts';
import { CharSet, isDigit } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { NextPlace } from '../last-text.ts';
import { ArmorWalker, LONGEST_HEADER } from './armor-walker.ts';
import { BASE62, HEX_DIGITS, sample } from './sample.ts';

/** Less key material than this behind a header is a mention in prose, not a key. */
const LEAST_DATA: Chars = 16;
/** The shortest whole key, of 32 bytes, has more in any armour: less before the end marker is a sample. */
const LEAST_WHOLE: Chars = 40;
/** Header lines before the first data line have to fit. */
const WINDOW: Chars = 2048;
const LONGEST_LABEL: Chars = 80;
const LABEL = /[A-Z0-9 ]{0,48}PRIVATE KEY(?: BLOCK)? ?-{4,5}/y;
const LABEL_CHARS = new CharSet('A-Z0-9 -');

const DATA = BASE62 + '+/';

function block(label: string, lineEnd: string, dashes = '-----'): string {
  const lines = [sample(DATA, 64), sample(DATA, 64), sample(DATA, 22) + '=='];
  return [`${dashes}BEGIN ${label}${dashes}`, ...lines, `${dashes}END ${label}${dashes}`].join(lineEnd);
}

const KEY = ['PRIVATE', 'KEY'].join(' ');

const pem: Detector = {
  id: 'secret.private_key',
  category: 'secrets',
  description: 'Private key in PEM, OpenSSH, SSH2 or PGP armour',
  source: 'https://www.rfc-editor.org/rfc/rfc7468',
  keywords: ['-----BEGIN ', '---- BEGIN '],
  begins: 'anywhere',
  trigger: 'keyword',
  rank: 4,
  redactsPartial: true,
  tailStart: null,
  plausible: () => true,
  match: matchPem,
  canonical: (value) => value,
  examples: [
    { text: block('RSA ' + KEY, '\n') },
    { text: block(KEY, '\r\n') },
    { text: block('EC ' + KEY, '\\n') },
    { text: block('OPENSSH ' + KEY, '\\\\n') },
    { text: block('ENCRYPTED ' + KEY, ' ') },
    { text: block(KEY, '') },
    { text: block('PGP ' + KEY + ' BLOCK', '\n') },
    {
      text: block('SSH2 ENCRYPTED ' + KEY, '\n', '----')
        .replaceAll(/----(BEGIN|END)/g, '---- $1')
        .replaceAll(/KEY----/g, 'KEY ----'),
    },
    {
      text: `-----BEGIN RSA ${KEY}-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${sample(DATA, 64)}\n-----END RSA ${KEY}-----`,
    },
    { text: `-----BEGIN ${KEY}-----\n${sample(DATA, 64)}\n${sample(DATA, 20)}` },
  ],
  nearMisses: [
    `A PEM file starts with -----BEGIN ${KEY}----- and ends with -----END ${KEY}-----.`,
    '-----BEGIN PUBLIC KEY-----\n' + sample(DATA, 64) + '\n-----END PUBLIC KEY-----',
    '-----BEGIN CERTIFICATE-----\n' + sample(DATA, 64),
    `-----BEGIN ${KEY}-----\n${sample(DATA, 36)}\n-----END ${KEY}-----`,
  ],
};

function matchPem(text: string, at: number, after: number, final: boolean): Verdict {
  const limit = after + LONGEST_LABEL;
  const labelEnd = LABEL_CHARS.runEnd(text, after, limit);
  if (labelEnd === text.length && !final && labelEnd < limit) return pending(at, LABEL_CHARS, limit);
  LABEL.lastIndex = after;
  if (!LABEL.test(text)) return null;
  return matchBody(text, at, LABEL.lastIndex, final, false);
}

/** A version and a colon end the head: without them no window is looked through. */
function matchPutty(text: string, at: number, after: number, final: boolean): Verdict {
  const colon = after + 1;
  if (after < text.length && !isDigit(text.charCodeAt(after))) return null;
  if (colon >= text.length) return final ? null : pending(at);
  if (text.charCodeAt(colon) !== COLON || !mayEndLine(text, after)) return null;
  return matchBody(text, at, after, final, true);
}

/** Decides within the window whether key material follows; the walker then goes over all of it. */
function matchBody(text: string, start: number, from: number, final: boolean, headersAnywhere: boolean): Verdict {
  const probe = new ArmorWalker(headersAnywhere);
  for (let at = from; at < from + WINDOW; at++) {
    if (at >= text.length && !final) return pending(start);
    const goesOn = at < text.length && probe.next(text.charCodeAt(at));
    if (probe.dataChars >= LEAST_WHOLE) return match(start, from, new ArmorWalker(headersAnywhere));
    if (goesOn) continue;
    const isCut = probe.dataChars >= LEAST_DATA && !probe.isClosed;
    return isCut ? match(start, from, new ArmorWalker(headersAnywhere)) : null;
  }
  return null;
}

const COLON = 0x3a;
const PUTTY_HEAD = 'PuTTY-User-Key-File-';

const putty: Detector = {
  id: 'secret.putty_key',
  category: 'secrets',
  description: 'PuTTY private key file',
  source: 'https://the.earth.li/~sgtatham/putty/0.83/htmldoc/AppendixC.html',
  keywords: [PUTTY_HEAD],
  begins: 'anywhere',
  trigger: 'keyword',
  rank: 4,
  redactsPartial: true,
  tailStart: null,
  plausible: () => true,
  match: matchPutty,
  canonical: (value) => value,
  examples: [
    {
      text: [
        PUTTY_HEAD + '2: ssh-rsa',
        'Encryption: none',
        'Comment: laptop',
        'Public-Lines: 2',
        sample(DATA, 64),
        sample(DATA, 31) + '=',
        'Private-Lines: 1',
        sample(DATA, 64),
        'Private-MAC: ' + sample(HEX_DIGITS, 40),
      ].join('\n'),
    },
  ],
  nearMisses: [PUTTY_HEAD + '2 is the first line of the format.'],
};

const LINE_ENDS = [new NextPlace('\n'), new NextPlace('\r'), new NextPlace('\\')];
const DASH = 0x2d;

/** The first line, a header, is not longer than headers are. */
function mayEndLine(text: string, from: number): boolean {
  const limit = from + LONGEST_HEADER + 1;
  if (text.length < limit || text.charCodeAt(from) === DASH) return true;
  return LINE_ENDS.some((lineEnd) => lineEnd.isIn(text, from, limit));
}

export const PRIVATE_KEYS: readonly Detector[] = [pem, putty];
