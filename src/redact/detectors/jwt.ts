import { CharSet, startsToken } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { BASE62, sample } from './sample.ts';
import { RunWalker, SHARED_PREFIX_RANK } from './token.ts';

const CHARS = new CharSet('A-Za-z0-9_.=-');
const BOUNDARY = new CharSet('A-Za-z0-9_-');
/** Header, and the first characters of a payload that is a JSON object. */
const HEAD = /[A-Za-z0-9_-]{8,2000}\.(?:eyJ|ey[A-Za-z0-9_-])[A-Za-z0-9_-]{8}/y;
/** Encrypted tokens: five parts, the second may be empty. @source https://www.rfc-editor.org/rfc/rfc7516#section-3 */
const ENCRYPTED_HEAD = /[A-Za-z0-9_-]{30,2000}\.[A-Za-z0-9_-]{0,600}\.[A-Za-z0-9_-]{8,32}\.[A-Za-z0-9_-]{8}/y;
const HEADS = [HEAD, ENCRYPTED_HEAD];
/** Neither head is longer. */
const WINDOW = 2700;

function matchJwt(text: string, at: number, after: number, final: boolean): Verdict {
  if (!startsToken(text, at, BOUNDARY)) return null;
  for (const head of HEADS) {
    head.lastIndex = after;
    if (head.test(text)) return match(at, head.lastIndex, new RunWalker(CHARS));
  }
  if (final) return null;
  const runEnd = CHARS.runEnd(text, after, after + WINDOW);
  return runEnd === text.length && runEnd < after + WINDOW ? pending(at) : null;
}

const HEADER = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9';

export const JWT: readonly Detector[] = [
  {
    id: 'secret.jwt',
    category: 'secrets',
    description: 'JSON Web Token, signed or encrypted',
    source: 'https://www.rfc-editor.org/rfc/rfc7519',
    keywords: ['eyJ'],
    trigger: 'keyword',
    rank: SHARED_PREFIX_RANK,
    redactsPartial: false,
    tailStart: null,
    plausible(text, after) {
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
