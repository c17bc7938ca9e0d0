import { CharSet, startsToken } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { BASE62, sample } from './sample.ts';
import { RunWalker, SHARED_PREFIX_RANK } from './token.ts';

/** One part of a token, and all of it. */
const PART = new CharSet('A-Za-z0-9_-');
const CHARS = new CharSet('A-Za-z0-9_.=-');
/** Header, and the first characters of a payload that is a JSON object. */
const HEAD = /[A-Za-z0-9_-]{8,2000}\.(?:eyJ|ey[A-Za-z0-9_-])[A-Za-z0-9_-]{8}/y;
/** Encrypted tokens: five parts, the second may be empty. @source https://www.rfc-editor.org/rfc/rfc7516#section-3 */
const ENCRYPTED_HEAD = /[A-Za-z0-9_-]{30,2000}\.[A-Za-z0-9_-]{0,600}\.[A-Za-z0-9_-]{8,32}\.[A-Za-z0-9_-]{8}/y;
const HEADS = [HEAD, ENCRYPTED_HEAD];
/** What either head begins with, at the end of the text. */
const BEGINNING =
  /(?:[A-Za-z0-9_-]{0,2000}|[A-Za-z0-9_-]{8,2000}\.(?:e(?:y[A-Za-z0-9_-]{0,9})?)?|[A-Za-z0-9_-]{30,2000}\.[A-Za-z0-9_-]{0,600}(?:\.[A-Za-z0-9_-]{0,32}|\.[A-Za-z0-9_-]{8,32}\.[A-Za-z0-9_-]{0,8})?)$/y;
/** `{"` in base64. */
const KEYWORD = 'eyJ';
const LONGEST_PART = 2000;

function matchJwt(text: string, at: number, after: number, final: boolean): Verdict {
  if (!startsToken(text, at, PART)) return null;
  for (const head of HEADS) {
    head.lastIndex = after;
    if (head.test(text)) return match(at, head.lastIndex, new RunWalker(CHARS));
  }
  if (final) return null;
  const limit = after + LONGEST_PART;
  const partEnd = PART.runEnd(text, after, limit);
  if (partEnd === text.length && partEnd < limit) return pending(at, PART, limit);
  BEGINNING.lastIndex = after;
  return BEGINNING.test(text) ? pending(at) : null;
}

const HEADER = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9';

export const JWT: readonly Detector[] = [
  {
    id: 'secret.jwt',
    category: 'secrets',
    description: 'JSON Web Token, signed or encrypted',
    source: 'https://www.rfc-editor.org/rfc/rfc7519',
    keywords: [KEYWORD],
    begins: 'word',
    trigger: 'keyword',
    rank: SHARED_PREFIX_RANK,
    redactsPartial: false,
    tailStart: null,
    plausible(text, after) {
      // Else a run of keywords would be read to its end from each of them.
      if (!startsToken(text, after - KEYWORD.length, PART)) return false;
      return HEADS.some((head) => {
        head.lastIndex = after;
        return head.test(text);
      });
    },
    match: matchJwt,
    canonical: (value) => value,
    examples: [
      { text: `${HEADER}.eyJ${sample(BASE62, 40)}.${sample(BASE62 + '_-', 42)}Q` },
      { text: `${HEADER}.eyJ${sample(BASE62, 2500)}.${sample(BASE62, 342)}` },
      {
        text: `eyJ${sample(BASE62, 60)}.${sample(BASE62, 342)}.${sample(BASE62, 16)}.${sample(BASE62, 90)}.${sample(BASE62, 22)}`,
      },
    ],
    nearMisses: ['eyJ' + sample(BASE62, 40), 'keyJoin.eyJob.done', `x${HEADER}.eyJ${sample(BASE62, 40)}`],
  },
];
