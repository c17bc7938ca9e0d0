import type { Chars } from '../../core/units.ts';
import type { Detector } from '../detector.ts';
import { rememberingLast } from '../last-text.ts';
import { isRandomText } from './assignment-values.ts';
import { shannonEntropy, wordShare } from './entropy.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, HEX_DIGITS, sample } from './sample.ts';
import { sampleUuid } from './shapes.ts';

/** Below every rule that knows more. */
const GENERIC_RANK = -1;
const HEX = /^[A-Fa-f0-9]+$/;
const UUID = /^[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}$/;
/** Digests name themselves; so do images and certificates, which begin alike. */
const NAMED =
  /^(?:sha(?:1|256|384|512)[-:=]|md5[-:=]|iVBORw0KGgo|R0lGOD|\/9j\/|UklGR|PHN2Zy|MII[A-Za-z0-9]{4}|ssh-|ecdsa-|AAAA[BCE]3)/;
const PATH = /^[A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_.-]{1,20}){2,}$/;
/** Of commits and files, as SHA-1 to SHA-512 make them. */
const DIGEST_LENGTHS = new Set([40, 56, 64, 96, 128]);
const SHORTEST_HEX: Chars = 16;
const LEAST_HEX_BITS = 2.8;
const LEAST_BITS = 3.5;
const MOST_WORD_SHARE = 0.5;
/** Below it a value of letters has words by chance alone. */
const LEAST_DIGITS = 2;

/** As random generators make them: no identifier of a thing, digest, path, or words. */
export const isHighEntropy = rememberingLast((value) => {
  if (UUID.test(value) || NAMED.test(value) || PATH.test(value) || !isRandomText(value)) return false;
  if (HEX.test(value)) return isHexKey(value);
  return (
    shannonEntropy(value) >= LEAST_BITS &&
    wordShare(value) < MOST_WORD_SHARE &&
    (value.match(/[0-9]/g)?.length ?? 0) >= LEAST_DIGITS
  );
});

function isHexKey(value: string): boolean {
  return value.length >= SHORTEST_HEX && !DIGEST_LENGTHS.has(value.length) && shannonEntropy(value) >= LEAST_HEX_BITS;
}

const KEY = sample(BASE62, 32);

export const GENERIC_SECRETS: readonly Detector[] = [
  keyedDetector({
    id: 'secret.generic',
    category: 'generic_secrets',
    rank: GENERIC_RANK,
    description: 'Random-looking value near a word that tells of a secret',
    source: 'https://github.com/gitleaks/gitleaks#configuration',
    names: [
      'secret',
      'token',
      'auth',
      'cred',
      'passw',
      'api_key',
      '_key',
      '-key',
      'key_',
      'salt',
      'signature',
      'nonce',
    ],
    chars: 'A-Za-z0-9_+/=.~-',
    value: '[A-Za-z0-9_+/=.~-]{16,200}',
    longest: 200,
    accepts: isHighEntropy,
    examples: [
      { text: `auth_blob: "${KEY}"`, value: KEY },
      { text: `MAIL_SALT=${sample(HEX_DIGITS, 48)}`, value: sample(HEX_DIGITS, 48) },
    ],
    nearMisses: [
      `"src/token.ts": "${sample(HEX_DIGITS, 40)}"`,
      `token_id: ${sampleUuid()}`,
      'authorName = "first-author-of-the-article-2"',
      `signature: sha256-${sample(BASE62, 43)}=`,
      'auth_path = /usr/lib/x86_64/auth2/modules',
    ],
  }),
];
