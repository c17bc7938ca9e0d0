import { rememberingLast } from '../last-text.ts';
import { shannonEntropy, wordShare } from './entropy.ts';
import type { NameKind } from './secret-names.ts';
import { holdsPassword, isFixture, isStandIn } from './stand-ins.ts';

/** A reference to a value that stands elsewhere, in shells, templates and format strings. */
const REFERENCE =
  /^(?:\$[A-Za-z_{(]|%[A-Za-z_0-9]+%|%\(?[a-z]|<[^<>]*>$|\([a-z ]+\)$|!![a-z]+$|\[[^\]]*\]$|\{[A-Za-z0-9_.: -]*\}$|@[A-Za-z]+[.@(]|@[A-Za-z0-9_.-]+@$|__[A-Za-z_]+__$|&#?[A-Za-z0-9]+;?$|:[a-z_]+$|\*[A-Za-z_]+$|!(?:vault|secret|env|ENV|Ref|Sub|GetAtt|ImportValue|reference)$|(?:required|nullable|sometimes|bail)\|)|\[(?:A-Z|a-z|0-9|\^)|\$\{|\{\{|#\{|\$\(|%\{|<%|\}\}|\{[0-9a-z_]*\}/;
const MAYBE_REFERENCE = /^(?:\$[A-Za-z_][A-Za-z0-9_]*$|%[A-Za-z0-9_]+%$|<[^<>]*>$|\[[^\]]*\]$)/;
const MASKED = /^(?:[*xX.•·_#?0-]+$|(?:x{3,}|X{3,})(?:[^A-Za-z0-9+/]|[A-Za-z0-9]{0,4}$))|[*•…]{3}|\.\.\.$|[xX]{6}/;
const PLACEHOLDER =
  /^(?:your|insert|enter|replace|put|paste|type|fill|provide|choose|set|add|change)[-_ ]?(?:your|my|the|it|me|this|with|in|here|a|api|app|own|new|secure|strong|secret|password|passwd|pass|token|key|client|access|auth)|[-_ ]?(?:goes)?[-_ ]here$|[-_]your[-_]|^your(?:[-_ ][a-z0-9]{1,16}){0,4}[-_ ][a-z]+$|^(?:placeholder|redacted|masked|hidden|removed|todo|tbd|fixme|omitted|censored|not[-_]?set|unset|empty|blank)/i;
const CHANGE_VALUE = /^change[-_]?(?:me|it|this)/i;
/** URLs, paths, files, numbers with units, versions, dates, mail addresses. */
const LOCATION =
  /^(?:[a-z][a-z0-9+.-]*:\/\/|\.{0,2}\/|~\/|[A-Za-z]:[\\/]|\/|data:|urn:|file:|vault:|ssm:|arn:|op:\/\/|env:|secret:|ref\+|projects\/)|\.(?:json|ya?ml|txt|pem|key|crt|js|ts|tsx|jsx|html?|css|svg|png|md|py|go|java|php|rb|env|conf|cfg|ini|xml|properties)$/i;
const NUMBER_LIKE =
  /^(?:0x[0-9a-f]{1,8}|[0-9]{1,3}|[0-9]+\.[0-9.]+|[0-9]+(?:px|em|rem|ms|s|m|h|d|kb|mb|gb|%)|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|v?[0-9]+\.[0-9]+\.[0-9].*|[a-z]{2,12}-[0-9]\.[0-9])$/i;
const PLAIN_WORD = /^[A-Za-z]+$/;
const WORDS_ONLY = /^[A-Za-z]+(?:[-_.:/ ][A-Za-z]+)*$/;
const NON_ASCII = /[^\0-\x7f]/;
const FOREIGN_WORD = /^[\p{L}\p{M}]+$/u;
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
/** Base64 that begins like a path. */
const SLASHED_KEY = /^\/(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9+/]{15,}={0,2}$/;
/** Calls, members, indexes. */
const EXPRESSION =
  /^(?:[A-Za-z_$][A-Za-z0-9_$]*(?:\?|!)?(?:\.|->|::|\[|\()|[&*][A-Za-z_][A-Za-z0-9_]*$|\(|\[|\{|\/|new$|await$|typeof$|function|async|[&*!@~+-]?[A-Za-z_$][A-Za-z0-9_$.]*[([])/;
/** An operator between operands. */
const OPERATION = /^[A-Za-z_$][A-Za-z0-9_$]*[+*/%|?&-]{1,2}[A-Za-z_$][A-Za-z0-9_$.]*$/;
/** Names of variables: a stem and a number; names of algorithms and the like. */
const VARIABLE =
  /^(?:(?:[a-z]{1,2}|pass|passwd|pwd|password|passphrase|pw|token|tok|secret|key|arg|args|param|str|string|val|value|var|tmp|temp|data|text|input|user|res|result|buf|buffer|field|item|node|obj|ref|self|this|ret|row|line|test|version|step|table|figure|section|chapter|page|part|level|type|option|rule|id)_?[0-9]{1,2}|(?:[a-z]{1,2}|sha|md|base|utf|oauth|http|ipv|bcrypt|pbkdf|argon|aes|rsa|des|hmac|win|int|uint|float|long|crypt|scrypt|web|ntlm|wpa|mysql|postgres|python|java|iso|rfc|cve|utf_)[-_]?[0-9]{1,5}|b64(?:en|de)c|(?:[a-z]{2,6}-)?(?:sha|aes)-?[0-9]{1,3}(?:-[a-z]{3})?)$/i;
const KEYWORDISH =
  /(?:^|[-_. ])(?:pass(?:word|wd|phrase|code)?s?|pwd|tokens?|secrets?|keys?|credentials?|auth|login)$|(?:Pass(?:word|wd|phrase|code)?|Pwd|Token|Secret|Key)s?$/;
/** First words of values that people make up, and beginnings of such words. */
const MADE_UP_WORDS = new Set(
  'my our super top very secret strong weak test some any foo bar baz root admin temp not correct'.split(' '),
);
const MADE_UP_START = /^(?:my|our|super|top|very|admin|root|test)(?:pass|secret|pwd|token|key|strong)/i;
/** `aws_access_key_id`, `AWSAccessKeyId`: what a key is called. */
const NAMES_KEY =
  /(?:^|[-_.])(?:key|token|secret|credential|KEY|TOKEN|SECRET)s?(?:[-_.]|$)|[a-z](?:Key|Token|Secret)(?:[A-Z]|$)/;
/** Of a test, which calls it what it is. */
const TEST_VALUE = /^(?:test|some|any|temp|foo|bar|baz)(?:[-_][a-z]{2,16}){0,4}[-_](?:token|key|secret|credentials?)$/i;
const FIRST_WORD = /^[A-Za-z][a-z]*/;

const NOT_VALUES: ReadonlySet<string> = new Set(
  [
    'true false null nil none undefined nan yes no on off required optional string str text bool boolean number int integer',
    'any object array list dict map bytes char varchar unknown never void self this func function class type enum symbol',
    'password passwd passphrase passcode pass pwd token tokens key keys apikey secrets credential credentials auth bearer',
    'basic digest jwt oauth oauth2 plain plaintext hidden input email mail username user name login field label value',
    'default empty blank example sample placeholder description title error message invalid missing show hide forgot reset',
    'change confirm confirmation new current old repeat verify required nonempty show text textbox textarea submit button',
    'passwort kennwort contrasena contraseña senha wachtwoord parola haslo hasło heslo salasana lösenord losenord',
    'adgangskode şifre sifre lozinka пароль 密码 密碼 パスワード 비밀번호 jelszo jelszó parole kodeord passord kode',
    'motdepasse and or the a an of to in is are was be for from with that this it not if else when then return as by at',
    'which will can must should may has have you your we he she they used using via per on after before into because',
    'grant refresh access id url uri path file hash hashed encrypted encoded md5 sha1 sha256 sha512 bcrypt base64 hex uuid',
    'utf8 utf-8 always never manual auto automatic environment env vault keychain ssm kms prompt stdin ask inherit session',
    'cookie header query body json form local remote server client public private internal external visible success failed',
    'fail failure ok passed green red blue yellow black white primary secondary danger warning info muted',
  ].flatMap((line) => line.split(' ')),
);

const NAME_WITH_NUMBER = /^(?:[a-z]+(?:[-_.:/][a-z]+)*[-_.:/]v?[0-9]{1,2}|[a-z]+[0-9]{0,2}(?:_[a-z]+[0-9]{0,2})+)$/i;
/** Of a test that passed. */
const TEST_NAME = /^Test|\//;
const LISTED = /^-|[*()[\]|\\]|^[A-Za-z0-9.-]+\.[a-z]{2,24}(?::[0-9]+)?$|^[A-Za-z0-9_.]+=[^=]/;
const PATH = /^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)+$/;
/** No brackets; a backslash only as PHP writes a slash. */
const KEY_CHARS = /^[A-Za-z0-9_+/=.~!@#$%^&*:|,;?-]*(?:\\\/[A-Za-z0-9_+/=.~!@#$%^&*:|,;?-]*)*$/;
const DIGIT = /[0-9]/;
const LETTER = /[A-Za-z]/;
const SPECIAL = /[!#$%&*+=?@^|~]/;
/** The letters of hexadecimal digits are such as words have. */
const HEX_KEY = /^(?=.{0,16}[0-9])[0-9a-f]{16,}$/i;
const DOTTED = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){1,4}$/;
const SHORTEST_PASSWORD = 3;
const SHORTEST_KEY = 8;
/** Above it, letters without digits or signs are words. */
const WORDS_SHARE = 0.62;

const isExpression = rememberingLast((value) => EXPRESSION.test(value) && !isSlashedKey(value));

/** Of code: machines make keys with a dash, slash or plus in them too. */
const isOperation = rememberingLast(
  (value) => OPERATION.test(value) && !isUnlikelyName(value) && !(isRandom(value) && wordShare(value) < WORDS_SHARE),
);

const isSlashedKey = rememberingLast((value) => SLASHED_KEY.test(value) && isLikelyRandom(value));

/** It stands for a value that stands elsewhere. */
export const isReference = rememberingLast(
  (value) => isReferenceText(value) || MASKED.test(value) || (PLACEHOLDER.test(value) && !holdsPassword(value, 2)),
);

/** What begins like a variable, or stands in brackets, may be a password. */
function isReferenceText(value: string): boolean {
  return REFERENCE.test(value) && !(MAYBE_REFERENCE.test(value) && holdsPassword(value, 3));
}

/** As machines make them, with digits, and no name of a field or variable. */
export const isRandomText = rememberingLast(
  (value) =>
    (!standsForAnother(value) && isRandom(value) && !isWordsAndNumber(value) && !WORDS_ONLY.test(value)) ||
    isLongRandom(value),
);

/** Letters alone that form no words. */
function isLongRandom(value: string): boolean {
  return PLAIN_WORD.test(value) && isRandom(value);
}

/** No value in whatever language: a reference, a placeholder, a path, a word that names a kind of value. */
const standsForAnother = rememberingLast((value) => {
  if (isReferenceText(value) || MASKED.test(value) || NUMBER_LIKE.test(value)) return true;
  if (LOCATION.test(value) && !isSlashedKey(value)) return true;
  if (PLACEHOLDER.test(value) && !CHANGE_VALUE.test(value) && !holdsPassword(value, 2)) return true;
  return NOT_VALUES.has(value.toLowerCase()) || isStandIn(value) || isFixture(value);
});

function isMadeUp(value: string): boolean {
  return MADE_UP_START.test(value) || MADE_UP_WORDS.has(FIRST_WORD.exec(value)?.[0].toLowerCase() ?? '');
}

/** Has what words and identifiers do not have. */
function isMixed(value: string): boolean {
  return LETTER.test(value) && (DIGIT.test(value) || SPECIAL.test(value)) && !VARIABLE.test(value);
}

/** As machines make them: long enough, letters and digits or letters that form no words. */
const isRandom = rememberingLast((value) => {
  if (value.length < SHORTEST_KEY || !KEY_CHARS.test(value)) return false;
  if (!DIGIT.test(value)) return value.length >= 12 && wordShare(value) < WORDS_SHARE && shannonEntropy(value) >= 3;
  return isMixed(value) && shannonEntropy(value) >= 2.5;
});

/** A value in quotes. @param isArgument it may as well be the next of a list of names */
export function isQuotedSecret(kind: NameKind, value: string, isArgument: boolean): boolean {
  if (value.length < SHORTEST_PASSWORD || standsForAnother(value)) return false;
  if (isArgument && isWordPath(value)) return false;
  if (kind === 'key') return isArgument ? isArgumentKey(value) : isQuotedKey(value);
  if (isArgument) return isMixed(value) && !isListed(value);
  if (kind === 'pass') return isMixed(value) && !KEYWORDISH.test(value);
  return !isWordOfCode(value);
}

/** `db/password1`: where a value is kept. */
function isWordPath(value: string): boolean {
  return PATH.test(value) && wordShare(value) > WORDS_SHARE;
}

/** What lists of arguments have beside passwords: names, hosts, options, patterns, calls. */
function isListed(value: string): boolean {
  if (LISTED.test(value) || KEYWORDISH.test(value)) return true;
  return IDENTIFIER.test(value) && value.includes('_') && !isLikelyRandom(value);
}

/** Among arguments stand names, patterns and labels. */
function isArgumentKey(value: string): boolean {
  return (
    DIGIT.test(value) &&
    isRandom(value) &&
    (wordShare(value) < WORDS_SHARE || IDENTIFIER.test(value) || HEX_KEY.test(value)) &&
    !isListed(value)
  );
}

const isQuotedKey = rememberingLast((value) => {
  if (value.length < SHORTEST_KEY || !KEY_CHARS.test(value)) return false;
  if (WORDS_ONLY.test(value))
    return (
      (isRandom(value) && !NAMES_KEY.test(value)) ||
      (isMadeUp(value) && !/[.: /]/.test(value) && !TEST_VALUE.test(value))
    );
  return DIGIT.test(value) ? !isNameWithNumber(value) : isRandom(value);
});

/** `access_token_2`, `key-1`, `api.v2.token`: words with a number behind. */
function isNameWithNumber(value: string): boolean {
  return NAME_WITH_NUMBER.test(value) && !isMadeUp(value) && wordShare(value) > WORDS_SHARE;
}

/** `authentication-with-oauth2`, `v2_token_of_2024`: words, and what counts them. */
function isWordsAndNumber(value: string): boolean {
  return (
    isNameWithNumber(value) ||
    (/^[A-Za-z]+[0-9]{0,4}(?:[-_.:/][A-Za-z]*[0-9]{0,4})+$/.test(value) && wordShare(value) > WORDS_SHARE)
  );
}

/** A label, as tables of translations have them: letters alone, some outside ASCII. */
function isForeignWord(value: string): boolean {
  return NON_ASCII.test(value) && FOREIGN_WORD.test(value);
}

/** Names of fields, classes, translations: `user.password`, `currentPassword`, `form-control`. */
const isWordOfCode = rememberingLast((value) => {
  if (isForeignWord(value)) return true;
  if (!WORDS_ONLY.test(value)) return false;
  if (/[.:/]/.test(value)) return true;
  if (isMadeUp(value)) return false;
  if (KEYWORDISH.test(value)) return true;
  return !PLAIN_WORD.test(value) || /^[a-z]+[A-Z]/.test(value) ? wordShare(value) > WORDS_SHARE : false;
});

/** Where a bare word stands. */
export interface Surroundings {
  /** `NAME=value` as in env files: capitals, nothing around the operator. */
  readonly isEnv: boolean;
  /** The name begins a line, the value ends it: configuration, and also code. */
  readonly isLine: boolean;
  /** As `isLine`, from the first column and with nothing around `=`: properties. */
  readonly isProperty: boolean;
  /** `?name=value&`, `${name:value}`. */
  readonly isQuery: boolean;
  readonly isColon: boolean;
  /** The line before is one of a configuration file. */
  readonly isConfiguration: boolean;
}

const COMMON_PASSWORDS =
  /^(?:change-?me|change-?it|letmein|qwerty|admin|administrator|root|toor|guest|postgres|mysql|welcome|hunter|iloveyou|abc|hallo|test|demo|foobar|foo|s?ecret|supersecret|topsecret|mysecret|mypass|rootpass|passw[o0]rd)$/i;

export function isBareSecret(kind: NameKind, value: string, around: Surroundings): boolean {
  if (value.length < SHORTEST_PASSWORD || standsForAnother(value)) return false;
  const isConfig = around.isEnv || around.isLine || around.isProperty || around.isQuery;
  if (isExpression(value) && !(isConfig && isDottedKey(value))) return false;
  if (isOperation(value) && !isConfigured(around)) return false;
  if (kind === 'key') return isBareKey(value, isConfig);
  if (kind === 'pass' && TEST_NAME.test(value)) return false;
  if (/^[0-9]+$/.test(value)) return isConfig && value.length > SHORTEST_PASSWORD;
  if (WORDS_ONLY.test(value)) return isBareWord(value, around);
  if (!isMixed(value)) return false;
  return IDENTIFIER.test(value) ? isConfig || isUnlikelyName(value) : true;
}

/** Where nothing is computed. */
function isConfigured({ isEnv, isProperty, isConfiguration }: Surroundings): boolean {
  return isEnv || isProperty || isConfiguration;
}

function isBareKey(value: string, isConfig: boolean): boolean {
  if (!isRandom(value)) return false;
  if (isConfig) return !isNameWithNumber(value);
  return !IDENTIFIER.test(value) || isLikelyRandom(value);
}

const NUMBERED_NAME = /sha|base|utf|i18n|l10n|oauth|http|md5|x509|p12|a11y|k8s|25519|b64|aes|rsa|ec2|(?:^|_)v[0-9]/i;

/** Digits where names have none: three in a row, or in two places. */
export function isUnlikelyName(value: string): boolean {
  return value.length >= 7 && /[0-9]{3}|[A-Za-z][0-9]+[A-Za-z]+[0-9]/.test(value) && !NUMBERED_NAME.test(value);
}

/** No name that a program gives. */
export function isLikelyRandom(value: string): boolean {
  const numbers = value.match(/[0-9]+/g)?.length ?? 0;
  return (
    value.length >= 16 &&
    numbers >= 2 &&
    (wordShare(value) < (numbers >= 3 ? WORDS_SHARE : WORDS_SHARE / 2) || HEX_KEY.test(value))
  );
}

/** Parts with dots between, the longest as machines make them: no member of something. */
const isDottedKey = rememberingLast((value) => {
  if (!DOTTED.test(value)) return false;
  return isLikelyRandom(value.split('.').reduce((a, b) => (b.length > a.length ? b : a)));
});

function isBareWord(value: string, around: Surroundings): boolean {
  const { isEnv, isLine, isColon, isQuery, isProperty } = around;
  if (isLine && around.isConfiguration && /^[a-z]{4,}$/.test(value)) return true;
  if (isEnv || isQuery || isProperty) return value.length > SHORTEST_PASSWORD && !/[.:/]/.test(value);
  return isLine && (isColon || /[0-9!]/.test(value)) && COMMON_PASSWORDS.test(value);
}

const PHRASE = /^[!-~]{1,32}(?: [!-~]{1,32}){1,5}$/;
const PLAIN_PHRASE = /^[a-z]{3,12}(?: [a-z]{3,12}){2,5}$/;
/** Words of labels and messages. */
const LABEL_WORDS =
  /(?:^|[^a-z])(?:the|your|you|my|our|an?|is|are|was|not|must|should|can|cannot|may|enter|invalid|incorrect|wrong|please|for|to|of|in|on|at|with|least|characters?|pass(?:word|phrase|code)?s?|user|users|username|login|field|required|error|failed|new|current|confirm|repeat|again|forgot|reset|change|show|hide|and|or|if|no|code|key|value|example)(?:[^a-z]|$)/i;

/** Several words in quotes: such as a sentence has no part in, or a passphrase. */
export function isPhraseSecret(value: string, isPassphrase: boolean): boolean {
  if (!PHRASE.test(value) || LABEL_WORDS.test(value) || isReferenceText(value)) return false;
  if (isPassphrase && PLAIN_PHRASE.test(value)) return true;
  return value
    .split(' ')
    .some((word) => /[a-z].?[0-9@$#]+[a-z]|[a-z]{3,}[0-9!@#$%^&*]+$/i.test(word) && !VARIABLE.test(word));
}

/** "the password is hunter2" */
export function isProseSecret(value: string): boolean {
  return (
    value.length >= 5 &&
    !standsForAnother(value) &&
    !isExpression(value) &&
    !isOperation(value) &&
    isMixed(value) &&
    DIGIT.test(value) &&
    LETTER.test(value)
  );
}
