import type { Chars } from '../../core/units.ts';
import { CharSet, isUpper, LETTERS } from '../char-set.ts';
import { spellingsOfAll } from './spellings.ts';

/**
 * What a name promises: `password`, anything may be one; `pass`, a word with other meanings; `key`, a random-looking
 * value as machines make them.
 */
export type NameKind = 'password' | 'pass' | 'key';

const PASSWORD_NAMES = [
  'password',
  'passwd',
  'pass_word',
  'passphrase',
  'pass_phrase',
  'passcode',
  'pwd',
  // German, French, Spanish (the letter before the last is not ASCII), Portuguese, Dutch, Italian and Romanian, Polish,
  // Czech, Finnish, Swedish, Danish, Turkish, Croatian
  'passwort',
  'kennwort',
  'mot_de_passe',
  'contrasena',
  'contrase',
  'senha',
  'wachtwoord',
  'parola',
  'haslo',
  'heslo',
  'salasana',
  'losenord',
  'senord',
  'ifre',
  'requirepass',
  'masterauth',
  'adgangskode',
  'sifre',
  'lozinka',
];
const PASS_NAMES = ['pass', 'pw', 'passwords', 'psk', 'pre_shared_key'];
const KEY_NAMES = [
  'secret',
  'secret_key',
  'token',
  'credential',
  'credentials',
  'api_key',
  'access_key',
  'auth_key',
  'private_key',
  'priv_key',
  'signing_key',
  'encryption_key',
  'decryption_key',
  'master_key',
  'service_key',
  'account_key',
  'license_key',
  'app_key',
  'application_key',
  'shared_key',
  'session_key',
  'consumer_key',
  'client_key',
  'deploy_key',
  'database_key',
  'db_key',
  'crypto_key',
  'cipher_key',
  'aes_key',
  'hmac_key',
  'jwt_key',
  'ssh_key',
  'storage_key',
  'subscription_key',
];

const KIND_OF = new Map<string, NameKind>([
  ...spellingsOfAll(KEY_NAMES).map((text) => [text, 'key'] as const),
  ...spellingsOfAll(PASS_NAMES).map((text) => [text, 'pass'] as const),
  ...spellingsOfAll(PASSWORD_NAMES).map((text) => [text, 'password'] as const),
]);

/** In lower case; found in any. */
export const SECRET_NAMES: readonly string[] = [...KIND_OF.keys()];

/** In whatever language: `password`, `Passwort`. */
export function isNameOfPassword(text: string): boolean {
  return KIND_OF.get(text.toLowerCase()) === 'password';
}

/** Letters may stand right before `pass` and `pwd` and still belong to the same name: `dbpass`. */
const GLUED_BEFORE_PASS = setOf(
  'db user my root admin ssh smtp ftp mail email sql mysql pg postgres key store keystore truststore auth http proxy ldap',
  'login rpc vnc wifi bind cert new old default redis mongo api web net app super test',
);
/** As the last word before the name: the whole means something else. */
const OTHER_BEFORE = setOf(
  'public next page pagination continuation continue cursor sync cancel cancellation syntax lexer parser max min num total',
  'prompt completion eos bos pad unk sep cls mask stop special resume no without forgot show hide toggle is has validate',
  'verify invalid missing wrong bad require requires design color lock input output cached',
);
/** Among the words behind it: what is assigned is something about the secret. */
const OTHER_AFTER = setOf(
  'name names id ids type types field fields label labels length len size count min max limit policy policies hint hints',
  'mgr realm placeholder url urls uri uris path paths file files filename dir folder location expiry expires expiration expire ttl',
  'age lifetime timeout required enabled disabled valid validation validator validity validate error errors message',
  'messages msg title desc description help helper regexp regex pattern rule rules format formatter input prompt reset',
  'change changed forgot forgotten strength score column col header headers prefix suffix provider manager service',
  'services store class method methods algorithm alg algo encoder encoding endpoint index idx map list set array usage',
  'used kind mode scheme scope scopes ref refs reference references arn version visible visibility hidden shown',
  'protected protection callback handler listener generator hash hashed hasher digest checksum fingerprint grant issuer',
  'audience subject owner element el node view screen page form button btn icon dialog modal box edit editor textbox',
  'control group item items row cell section tab link text var variable param parameter arg argument property prop attr',
  'attribute option options config setting settings src target spec schema model entity table query request req response',
  'resp res result status state event action command cmd fn func function factory builder host port rotation rotate',
  'refresh revoked bucket budget balance price cost symbol decimals contract address supply standard only less sha md etag crc rev revision commit integrity encryption on ts js py go java json yml yaml md',
);

function setOf(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}

const NAME_BEFORE = new CharSet('A-Za-z0-9_$.-');
const LONGEST_BEFORE: Chars = 32;
const LOWER = new CharSet('a-z');
/** Longer keywords are no part of other words. */
const LONGEST_AMBIGUOUS: Chars = 5;
const WORDS = /[A-Z]?[a-z]+|[A-Z]+/g;

/** Where the name starts that has a keyword at `at`; a long one is cut. */
export function nameStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < LONGEST_BEFORE && NAME_BEFORE.has(text.charCodeAt(start - 1))) start--;
  return start;
}

/** Null where the name that a keyword at `[at, after)` is part of names no secret. @param end the end of that name */
export function kindOfName(text: string, at: number, after: number, end: number): NameKind | null {
  if (!mayNameSecret(text, after, end)) return null;
  const kind = KIND_OF.get(text.slice(at, after).toLowerCase())!;
  const last = lastWord(text, nameStart(text, at), at);
  if (OTHER_BEFORE.has(last)) return null;
  if (isInsideWord(text, at) && after - at <= LONGEST_AMBIGUOUS && !(kind !== 'key' && GLUED_BEFORE_PASS.has(last)))
    return null;
  return kind === 'pass' && (last !== '' || end > after) ? 'password' : kind;
}

/** As `kindOfName`, by what stands behind the keyword alone. */
export function mayNameSecret(text: string, after: number, end: number): boolean {
  return (
    endsWord(text, after) && (end === after || !wordsOf(text.slice(after, end)).some((word) => OTHER_AFTER.has(word)))
  );
}

/** The last of the words of `text[from, to)`, as `wordsOf` has them, in lower case; empty where there is none. */
function lastWord(text: string, from: number, to: number): string {
  let end = to;
  while (end > from && !LETTERS.has(text.charCodeAt(end - 1))) end--;
  let start = end;
  while (start > from && LOWER.has(text.charCodeAt(start - 1))) start--;
  let capitals = start;
  while (capitals > from && isUpper(text.charCodeAt(capitals - 1))) capitals--;
  // One capital belongs to the small letters behind it; several are a word of their own.
  if (start === end || start - capitals === 1) start = capitals;
  return text.slice(start, end).toLowerCase();
}

function wordsOf(name: string): string[] {
  return (name.match(WORDS) ?? []).map((word) => word.toLowerCase());
}

/** No part of another word: `tokenize`, `secretary`, `passed`. */
function endsWord(text: string, after: number): boolean {
  const next = text.charCodeAt(after);
  if (LOWER.has(next)) return false;
  return LOWER.has(text.charCodeAt(after - 1)) || !isUpper(next);
}

/** `compass`, `BYPASS`; the capital of `dbPass` begins a word. */
function isInsideWord(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return isUpper(text.charCodeAt(at)) ? isUpper(before) : LOWER.has(before) || isUpper(before);
}

/** As names in env files are written. */
export function isAllUpper(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (LOWER.has(text.charCodeAt(at))) return false;
  return to > from;
}
