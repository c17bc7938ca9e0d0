import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet, LETTERS } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { isOwnToken } from '../replacement.ts';

const LOCAL = new CharSet('A-Za-z0-9._%+-');
const DOMAIN = new CharSet('A-Za-z0-9.-');
/** @source https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1 */
const LONGEST_LOCAL: Chars = 64;
const LONGEST_DOMAIN: Chars = 253;
const SHORTEST_DOMAIN: Chars = 4; // a.bc
const UNDERSCORE = 0x5f;
const APOSTROPHE = 0x27;
const DOT = 0x2e;
const LOWER_O = 0x6f;
const CASE_BIT = 0x20;
const ARABIC_COMMA = 0x60c;
const ARABIC_SEMICOLON = 0x61b;
const TOP_LEVEL = /^(?:[A-Za-z\u00c0-\u024f\u0370-\u052f]{2,24}|[\u0590-\u0dff]{2,24}|xn--[A-Za-z0-9-]{2,59})$/;
/** `icon@2x.png`, `pkg@1.2.x.js`: file names, no addresses. */
const FILE_ENDING =
  /^\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|s[ac]ss|[cm]?[jt]sx?|json|ya?ml|html?|py|rb|rs|sh|txt|xml|zip|gz)$/i;

function matchEmail(text: string, at: number, after: number, final: boolean): Verdict {
  if (after < text.length && !isHostEdge(text.charCodeAt(after))) return null;
  const limit = after + LONGEST_DOMAIN + 1;
  const runEnd = domainRunEnd(text, after, limit);
  if (runEnd < text.length && runEnd - after < SHORTEST_DOMAIN) return null;
  let start = localStart(text, at);
  while (start < at && !isLetterOrDigit(text.charCodeAt(start))) start++;
  if (start === at || isOwnToken(text.slice(start, at))) return null;
  if (runEnd === text.length && !final && runEnd < limit) return pending(start, DOMAIN, limit);
  const end = domainEnd(text, after, runEnd);
  if (end < 0 || isRemoteOfGit(text, start, at, end)) return null;
  return match(start, end);
}

function localStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < LONGEST_LOCAL && isLocalAt(text, start - 1)) start--;
  return start;
}

function isLocalAt(text: string, at: number): boolean {
  return isLocal(text.charCodeAt(at)) || isApostropheOfName(text, at);
}

function isLocal(code: number): boolean {
  return LOCAL.has(code) || isForeignLetter(code);
}

function isLetterOrDigit(code: number): boolean {
  return ALNUM.has(code) || code === UNDERSCORE || isForeignLetter(code);
}

/** Accented Latin letters, Greek and Cyrillic, Hebrew, Arabic and the scripts of India; scripts without spaces between words would drag the sentence along. */
function isForeignLetter(code: number): boolean {
  if (code < 0x370) return code >= 0xc0 && code <= 0x24f && code !== 0xd7 && code !== 0xf7;
  return code <= 0xdff && (code <= 0x52f || (code >= 0x590 && code !== ARABIC_COMMA && code !== ARABIC_SEMICOLON));
}

/** As in O'Brien, and behind a dot in any name; elsewhere it may be a quote or shorten an article. */
function isApostropheOfName(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== APOSTROPHE) return false;
  const before = text.charCodeAt(at - 2);
  if (before === DOT) return LETTERS.has(text.charCodeAt(at - 1));
  return (text.charCodeAt(at - 1) | CASE_BIT) === LOWER_O && !isLocal(before);
}

function domainRunEnd(text: string, from: number, limit: number): number {
  let end = DOMAIN.runEnd(text, from, limit);
  while (end < limit && isForeignLetter(text.charCodeAt(end))) end = DOMAIN.runEnd(text, end + 1, limit);
  return end;
}

function isHostEdge(code: number): boolean {
  return ALNUM.has(code) || isForeignLetter(code);
}

/** The longest part of the run that is a domain: what follows a sentence's full stop without a space is none of it. */
function domainEnd(text: string, from: number, runEnd: number): number {
  if (!isHostEdge(text.charCodeAt(from))) return -1;
  const run = text.slice(from, runEnd);
  const twoDots = run.indexOf('..');
  let end = twoDots < 0 ? run.length : twoDots;
  for (let dot = run.lastIndexOf('.', end - 1); dot > 0; end = dot, dot = run.lastIndexOf('.', end - 1)) {
    if (!isHostEdge(run.charCodeAt(end - 1)) || text.charCodeAt(from + end) === UNDERSCORE) continue;
    if (TOP_LEVEL.test(run.slice(dot + 1, end))) return FILE_ENDING.test(run.slice(dot, end)) ? -1 : from + end;
  }
  return -1;
}

/** `git@host:path` is where a repository lives. */
function isRemoteOfGit(text: string, start: number, at: number, end: number): boolean {
  return at - start === 3 && text.startsWith('git', start) && text.charCodeAt(end) === 0x3a;
}

export const EMAIL: readonly Detector[] = [
  {
    id: 'pii.email',
    category: 'emails',
    description: 'Email address',
    source: 'https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2',
    keywords: ['@'],
    begins: 'anywhere',
    trigger: 'keyword',
    rank: 0,
    redactsPartial: false,
    tailStart: (text) => localStart(text, text.length),
    plausible: () => true,
    match: matchEmail,
    canonical: (value) => value.toLowerCase(),
    examples: [
      { text: 'ada@example.com' },
      { text: 'write to Ada.Lovelace+spam@mail.example.co.uk.', value: 'Ada.Lovelace+spam@mail.example.co.uk' },
      { text: '<josé@example.com>', value: 'josé@example.com' },
      { text: 'write to müller@bücher.de.', value: 'müller@bücher.de' },
      { text: 'иван@пример.рф' },
      { text: 'सीता@उदाहरण.भारत' },
      { text: 'user@مثال.مصر' },
      { text: "cc o'brien@acme.ie", value: "o'brien@acme.ie" },
      { text: "pat.d'angelo@example.com" },
      { text: "['ada@example.com']", value: 'ada@example.com' },
    ],
    nearMisses: [
      'npm i left-pad@1.3.0',
      'icon@2x.png',
      'git@github.com:a/b',
      'a @decorator',
      'user@localhost',
      '@team',
    ],
  },
];
