import type { Chars } from '../../core/units.ts';
import { CharSet, isDigit, startsToken } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { opensValue } from './opens-value.ts';
import { BASE62, DIGITS, sample } from './sample.ts';
import { VENDOR_RANK } from './token.ts';

/** Three random characters stand before the digit and `Q~` that give the secret away. */
const HEAD_LENGTH: Chars = 3;
const HEAD = new CharSet('A-Za-z0-9_~.');
const BODY = new CharSet('A-Za-z0-9_~.-');
const TAIL = /[A-Za-z0-9_~.-]{31,34}/y;
const LONGEST_TAIL: Chars = 34;
const MARK = 'Q~';

function matchSecret(text: string, at: number, after: number, final: boolean): Verdict {
  const head = at - HEAD_LENGTH;
  if (!isHead(text, head, at) || !startsToken(text, head, BODY)) return null;
  const start = findingStart(text, head);
  const limit = after + LONGEST_TAIL + 1;
  const runEnd = BODY.runEnd(text, after, limit);
  if (runEnd === text.length && !final && runEnd < limit) return pending(start, BODY, limit);
  const end = tailEnd(text, after);
  return end < 0 || BODY.has(text.charCodeAt(end)) ? null : match(start, end);
}

function findingStart(text: string, head: number): number {
  return opensValue(text, head) ? head : head + HEAD_LENGTH;
}

function isHead(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!HEAD.has(text.charCodeAt(at))) return false;
  return from >= 0;
}

function tailEnd(text: string, after: number): number {
  TAIL.lastIndex = after;
  return TAIL.test(text) ? TAIL.lastIndex : -1;
}

/** Where a head has come, in full or in part, and the literal behind it has not. */
function tailStart(text: string): number {
  const { length } = text;
  for (let at = Math.max(0, length - HEAD_LENGTH - MARK.length); at < length; at++) {
    if (startsToken(text, at, BODY) && mayBegin(text, at)) return Math.min(length, findingStart(text, at));
  }
  return length;
}

function mayBegin(text: string, at: number): boolean {
  const headEnd = at + HEAD_LENGTH;
  if (!isHead(text, at, Math.min(headEnd, text.length))) return false;
  if (headEnd >= text.length) return true;
  return isDigit(text.charCodeAt(headEnd)) && MARK.startsWith(text.slice(headEnd + 1));
}

const SECRET = 'aB78' + MARK + sample(BASE62 + '~._-', 33) + 'x';

export const AZURE_CLIENT_SECRET: Detector = {
  id: 'secret.azure_client_secret',
  category: 'secrets',
  description: 'Microsoft Entra (Azure AD) client secret',
  source: 'https://learn.microsoft.com/purview/sit-defn-azure-ad-client-secret',
  keywords: [...DIGITS].map((digit) => digit + MARK),
  begins: 'after',
  trigger: 'keyword',
  rank: VENDOR_RANK,
  redactsPartial: true,
  tailStart,
  plausible: (text, after) => tailEnd(text, after) >= 0,
  match: matchSecret,
  canonical: (value) => value,
  examples: [
    { text: `"${SECRET}"`, value: SECRET },
    { text: `client_secret: ${SECRET}`, value: SECRET },
    { text: `<secret>\n    ${SECRET}\n</secret>`, value: SECRET },
    { text: `the app signs in with ${SECRET} now`, value: SECRET.slice(HEAD_LENGTH) },
  ],
  nearMisses: [`the id ${SECRET.slice(0, 20)}`, `x${SECRET}`, `${SECRET}${sample(BASE62, 8)}`],
};
