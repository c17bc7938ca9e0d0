import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { LOWER, sample } from './sample.ts';

/** Characters of `user:password@host`: no slash, quote, white space or bracket of the text around it. */
const AUTHORITY = new CharSet("A-Za-z0-9._~%!$&'*+;=:@{}^|,-");
const HOST = new CharSet('A-Za-z0-9_[{$%');
const LONGEST_AUTHORITY: Chars = 512;
/** A reference to a value that stands elsewhere: shell, template, format and masked forms. */
const REFERENCE =
  /^(?:\$\{?[A-Za-z_][A-Za-z0-9_.:-]*\}?|\{\{?[A-Za-z0-9_. -]+\}?\}|%[A-Za-z_]+%|%s|\*+|[xX]{3,}|\.{3,})$/;
const AT = 0x40;
/** Then the user's name is the token. @source https://github.blog/developer-skills/github/easier-builds-and-deployments-using-git-over-https-and-oauth/ */
const TOKEN_AS_USER = 'x-oauth-basic';

function matchPassword(text: string, at: number, after: number, final: boolean): Verdict {
  if (!ALNUM.has(text.charCodeAt(at - 1))) return null;
  const limit = after + LONGEST_AUTHORITY;
  const end = AUTHORITY.runEnd(text, after, limit);
  if (end === text.length && !final && end < limit) return pending(after, AUTHORITY, limit);
  const authority = text.slice(after, end);
  const colon = authority.indexOf(':');
  return colon < 0 ? null : passwordBetween(text, after, after + colon + 1, after + authority.lastIndexOf('@'), end);
}

function passwordBetween(text: string, user: number, start: number, at: number, end: number): Verdict {
  if (at <= start || at + 1 >= end || text.charCodeAt(at) !== AT || !HOST.has(text.charCodeAt(at + 1))) return null;
  const password = text.slice(start, at);
  if (password === TOKEN_AS_USER) return match(user, start - 1);
  return REFERENCE.test(password) ? null : match(start, at);
}

/** Blind to escapes, so it only asks for what cannot be escaped away. */
function hasUserInfo(text: string, after: number): boolean {
  const end = AUTHORITY.runEnd(text, after, after + LONGEST_AUTHORITY);
  return text.slice(after, end).includes('@');
}

/** A vendor's token in the place of the password is found as that token. */
const URL_RANK = 1;
const PASSWORD = sample(LOWER, 9);

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
      { text: `https://bob:p@${PASSWORD}@example.com/path`, value: `p@${PASSWORD}` },
    ],
    nearMisses: [
      'http://localhost:8080/@scope/pkg',
      'https://example.com/a:b@c',
      'postgres://app:${DB_PASSWORD}@db/app',
      'mongodb://user:{{password}}@host',
      'see https://example.com: mail me@example.com',
    ],
  },
];
