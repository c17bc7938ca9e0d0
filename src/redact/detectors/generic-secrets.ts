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

/**
 * Names of what everybody may know, and of what is told apart by a key: neither is a secret. `next_page_token` is where a
 * list goes on.
 */
const OTHER_NAMES =
  /(?:^|[^a-z])(?:public|pub|publishable|pubkey|fingerprint|thumbprint|checksum|digest|hash(?:es)?|sha[0-9]*|md5|etag|primary|foreign|partition|sort|row|cache|object|idempotency|dedup(?:lication)?|translation|i18n|locale|message|event|routing|group|query|next|page|cursor|pagination|continuation|sync|change|start|upload|resume|author|authors|authority|authored|html|css|svg|image|img|icon|font|lock|integrity|revision|commit|version|asset|chunk|bundle|trace|span|request|correlation|session_id|tokenizer|tokens|tokenize[rd]?|pin|cert(?:ificate)?|url|uri|href|src|path|file(?:name)?|dir|color|class(?:name)?)(?:[^a-z]|$)/;
/** Where words of a name join that no sign parts. */
const JOINT = /([a-z0-9])([A-Z])/g;

/** Names a secret, and not only something near one. */
const isSecretName = rememberingLast((name) => !OTHER_NAMES.test(name.replaceAll(JOINT, '$1_$2').toLowerCase()));

const BASE64 = /^[A-Za-z0-9+/_-]{16,}={0,2}$/;
const PRINTABLE = /^[\t\n\r\x20-\x7e]+$/;

/** Base64 of text that is made of words. */
function isEncodedText(value: string): boolean {
  if (!BASE64.test(value)) return false;
  const text = Buffer.from(value, 'base64').toString('latin1');
  return PRINTABLE.test(text) && wordShare(text) >= MOST_WORD_SHARE;
}

/** As random generators make them: no identifier of a thing, digest, path, or words. */
const isHighEntropy = rememberingLast((value) => {
  if (UUID.test(value) || NAMED.test(value) || PATH.test(value) || isEncodedText(value) || !isRandomText(value))
    return false;
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
    acceptsName: isSecretName,
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
      `DOTENV_PUBLIC_KEY="${sample(HEX_DIGITS, 66)}"`,
      `nextPageToken: "${KEY}"`,
      `cache_key = '${KEY}'`,
      'ANY_KEY = VGhlIHF1aWNrIGJyb3duIGZveA==',
    ],
  }),
];
