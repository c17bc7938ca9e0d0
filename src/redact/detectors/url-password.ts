import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { isRandomText, isReference } from './assignment-values.ts';
import { isNameOfPassword } from './secret-names.ts';
import { BASE62, HEX_DIGITS, LOWER, sample } from './sample.ts';

/** Characters of `user:password@host`: no slash, quote, white space or bracket of the text around it. */
const AUTHORITY = new CharSet("A-Za-z0-9._~%!$&'*+;=:@{}^|,-");
const HOST = new CharSet('A-Za-z0-9_[{$%');
const LONGEST_AUTHORITY: Chars = 512;
/** A reference to a value that stands elsewhere: shell, template, format and masked forms. */
const REFERENCE =
  /^(?:\$\{?[A-Za-z_][A-Za-z0-9_.:-]*\}?|\{\{?[A-Za-z0-9_. -]+\}?\}|%[A-Za-z_]+%|%s|\*+|[xX]{3,}|\.{3,})$/;
/** What documentation writes for it, such as `a:b` and `foo:bar`. */
const NAMES_ITSELF = /^(?:(?:my|the|db|some|user|your)?[-_]?(?:password|passwd|passphrase|pwd)|(.)\1{2,}|.{1,3})$/i;
/** Nothing, or what says that the user's name is the token. */
const SCHEMES_OF_TOKENS = /^(?:|x-access-token|x-token-auth|unused|api_token)$/;
const SHORTEST_TOKEN: Chars = 16;
/** Then the user's name is the token. @source https://github.blog/developer-skills/github/easier-builds-and-deployments-using-git-over-https-and-oauth/ */
const TOKEN_AS_USER = 'x-oauth-basic';

function matchPassword(text: string, at: number, after: number, final: boolean): Verdict {
  const verdict = matchEscaped(text, at, after, final);
  return verdict === null && isServer(text, at) ? matchUnescaped(text, after, final) : verdict;
}

/** Of servers that programs log on to: their passwords are often written as they are, with signs that end the authority of a URL. */
const SERVERS =
  /(?:^|[^a-z])(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|valkeys?|amqps?|mssql|sqlserver|oracle|clickhouse|cockroachdb|redshift|snowflake|db2|cassandra|neo4j|bolt|ldaps?|smtps?|s?ftp|nats|mqtts?|kafka|couchdb|influxdb|trino|presto|vertica|hive)(?:\+[a-z0-9_]{1,16})?$/i;
const LONGEST_SCHEME: Chars = 32;
const UNESCAPED = new CharSet('!#-&(-;=?-[]-_a-~');
const USER = /^[A-Za-z0-9._~%+-]*$/;
const HOST_AND_PATH = /^[A-Za-z0-9[_](?:[A-Za-z0-9_.,:[\]-]{0,256})(?:[/?#]|$)/;
const PORT_AND_PATH = /^[0-9]{1,5}(?:[/,?]|$)/;

function isServer(text: string, at: number): boolean {
  return SERVERS.test(text.slice(Math.max(0, at - LONGEST_SCHEME), at));
}

function matchUnescaped(text: string, after: number, final: boolean): Verdict {
  const limit = after + LONGEST_AUTHORITY;
  const end = UNESCAPED.runEnd(text, after, limit);
  if (end === text.length && !final && end < limit) return pending(after, UNESCAPED, limit);
  const run = text.slice(after, end);
  const colon = run.indexOf(':');
  const sign = run.lastIndexOf('@');
  if (colon < 0 || sign <= colon || !USER.test(run.slice(0, colon))) return null;
  const password = run.slice(colon + 1, sign);
  if (PORT_AND_PATH.test(password) || !HOST_AND_PATH.test(run.slice(sign + 1))) return null;
  if (password === run.slice(0, colon) || password.includes('://') || isPlaceholder(password)) return null;
  return match(after + colon + 1, after + sign);
}

function matchEscaped(text: string, at: number, after: number, final: boolean): Verdict {
  if (!ALNUM.has(text.charCodeAt(at - 1))) return null;
  const limit = after + LONGEST_AUTHORITY;
  const end = AUTHORITY.runEnd(text, after, limit);
  if (end === text.length && !final && end < limit) return pending(after, AUTHORITY, limit);
  const sign = after + text.slice(after, end).lastIndexOf('@');
  if (sign <= after || sign + 1 >= end || !HOST.has(text.charCodeAt(sign + 1))) return null;
  const colon = text.slice(after, sign).indexOf(':');
  return colon < 0 ? tokenBetween(text, after, sign) : passwordBetween(text, after, after + colon, sign);
}

/** Of Sentry: who sends errors there names a project by a public key. @source https://docs.sentry.io/concepts/key-terms/dsn-explainer/ */
const PUBLIC_KEYS_AT = /^@(?:o[0-9]{1,20}\.ingest\.|sentry\.io)/;
const LONGEST_HOST_START: Chars = 32;

/** `https://token@host`: a name is none. */
function tokenBetween(text: string, start: number, end: number): Verdict {
  if (PUBLIC_KEYS_AT.test(text.slice(end, end + LONGEST_HOST_START))) return null;
  return end - start >= SHORTEST_TOKEN && isRandomText(text.slice(start, end)) ? match(start, end) : null;
}

function passwordBetween(text: string, start: number, colon: number, end: number): Verdict {
  const user = text.slice(start, colon);
  const password = text.slice(colon + 1, end);
  if (password === TOKEN_AS_USER) return match(start, colon);
  if (SCHEMES_OF_TOKENS.test(password)) return tokenBetween(text, start, colon);
  return password === user || isPlaceholder(password) ? null : match(colon + 1, end);
}

function isPlaceholder(password: string): boolean {
  return REFERENCE.test(password) || NAMES_ITSELF.test(password) || isReference(password) || isNameOfPassword(password);
}

/** Blind to escapes, so it only asks for what cannot be escaped away. */
function hasUserInfo(text: string, after: number): boolean {
  const chars = isServer(text, after - SCHEME_END) ? UNESCAPED : AUTHORITY;
  const end = chars.runEnd(text, after, after + LONGEST_AUTHORITY);
  return text.slice(after, end).includes('@');
}

/** Length of `://`. */
const SCHEME_END: Chars = 3;
/** A vendor's token in the place of the password is found as that token. */
const URL_RANK = 1;
const PASSWORD = sample(LOWER, 9);
const TOKEN = sample(BASE62, 40);

export const URL_PASSWORD: readonly Detector[] = [
  {
    id: 'secret.url_password',
    category: 'secrets',
    description: 'Password in a URL or connection string',
    source: 'https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1',
    keywords: ['://'],
    begins: 'after',
    trigger: 'keyword',
    rank: URL_RANK,
    redactsPartial: false,
    tailStart: null,
    plausible: hasUserInfo,
    match: matchPassword,
    canonical: (value) => value,
    examples: [
      { text: `postgres://app:${PASSWORD}@db.internal:5432/app`, value: PASSWORD },
      { text: `redis://:${PASSWORD}@cache`, value: PASSWORD },
      { text: `https://${TOKEN}@git.example.com/a/b`, value: TOKEN },
      { text: `https://${TOKEN}:@api.example.com/v1`, value: TOKEN },
      { text: `postgres://bob:p@${PASSWORD}/#?(1)@db.internal:5432/app`, value: `p@${PASSWORD}/#?(1)` },
      { text: `"mysql+pymysql://bob:#${PASSWORD}@db/app"`, value: `#${PASSWORD}` },
      { text: `https://bob:p@${PASSWORD}@example.com/path`, value: `p@${PASSWORD}` },
    ],
    nearMisses: [
      'http://localhost:8080/@scope/pkg',
      'https://example.com/a:b@c',
      'postgres://app:${DB_PASSWORD}@db/app',
      'mongodb://user:{{password}}@host',
      'https://username:YOUR_PASSWORD@host',
      'postgres://postgres:postgres@db/app',
      'ssh://git@example.com/a',
      'postgres://db:5432/app?mail=bob@example.com',
      'mongodb://a:27017,b:27017/app?user=bob@example.com',
      `https://${sample(HEX_DIGITS, 32)}@o1234.ingest.us.sentry.io/56`,
      'see https://example.com: mail me@example.com',
      'https://Benutzer:Passwort@proxy.example.com',
    ],
  },
];
