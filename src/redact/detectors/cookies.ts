import type { Detector } from '../detector.ts';
import { isRandomText } from './assignment-values.ts';
import { contextDetector, QUOTE } from './context.ts';
import { BASE62, HEX_DIGITS, sample } from './sample.ts';
import { spellingsOfAll } from './spellings.ts';

const NAME = '[A-Za-z0-9_.!#$%&*+^|~-]{1,64}';
const VALUE = '[A-Za-z0-9_.!#$%&()*+/:<=>?@^|~-]{0,400}';
const PAIR_CHARS = 'A-Za-z0-9_.!#$%&()*+/:<=>?@^|~; -';
const LONGEST_HEADER = 2048;
const SHORTEST_VALUE = 16;

/** One of the cookies holds what machines make, not only settings. */
function hasRandomCookie(header: string): boolean {
  return header.split(/; ?/).some((pair) => isRandomCookie(pair.slice(pair.indexOf('=') + 1)));
}

function isRandomCookie(value: string): boolean {
  return value.length >= SHORTEST_VALUE && isRandomText(value);
}

const NAMES = ['session_token', 'auth_session', 'remember_token', 'csrf_token', 'xsrf_token'];
/** As frameworks write them. */
const EXACT_NAMES = [
  'connect.sid',
  'laravel_session',
  '_session',
  'PHPSESSID',
  'JSESSIONID',
  'ASPSESSIONID',
  'ASPXAUTH',
  'CFTOKEN',
  'sessionid',
  'ASP.NET_SessionId',
  'BIGipServer',
  'wordpress_logged_in',
  'cf_clearance',
  'user_session',
  'SSID',
];

const VALUE_OF_COOKIE = sample(HEX_DIGITS, 32);
const LIST = `theme=dark; sid=${sample(BASE62, 26)}; lang=en`;

export const COOKIES: readonly Detector[] = [
  contextDetector({
    id: 'secret.cookie_header',
    description: 'Cookies of a request or reply, of which one identifies a session',
    source: 'https://www.rfc-editor.org/rfc/rfc6265#section-4',
    names: ['cookie'],
    lead: `${QUOTE}?[\\])]?[ \\t]{0,4}[:=,][ \\t]{0,4}${QUOTE}?`,
    longestLead: 20,
    chars: PAIR_CHARS,
    value: `${NAME}=${VALUE}(?:; ?${NAME}=${VALUE}){0,40}`,
    longest: LONGEST_HEADER,
    accepts: hasRandomCookie,
    examples: [
      { text: `Cookie: sid=${VALUE_OF_COOKIE}`, value: `sid=${VALUE_OF_COOKIE}` },
      { text: `curl -H 'cookie: ${LIST}' https://example.com`, value: LIST },
      { text: `"Set-Cookie": "id=${VALUE_OF_COOKIE}"`, value: `id=${VALUE_OF_COOKIE}` },
    ],
    nearMisses: ['Cookie: theme=dark; lang=en', "setCookie('a=b')", 'cookie: document.cookie=getAllOfTheCookies()'],
  }),
  contextDetector({
    id: 'secret.cookie_option',
    description: 'Cookies given to curl, of which one identifies a session',
    source: 'https://curl.se/docs/manpage.html#-b',
    keywords: [' -b', ' --cookie'],
    before: /\bcurl\b[^\r\n|;]{0,110}$/,
    lead: `[ =]{0,2}${QUOTE}?`,
    longestLead: 6,
    chars: PAIR_CHARS,
    value: `${NAME}=${VALUE}(?:; ?${NAME}=${VALUE}){0,40}`,
    longest: LONGEST_HEADER,
    accepts: hasRandomCookie,
    examples: [
      { text: `curl -b 'session=${VALUE_OF_COOKIE}' https://example.com`, value: `session=${VALUE_OF_COOKIE}` },
      { text: `curl -s --cookie "${LIST}" https://example.com`, value: LIST },
    ],
    nearMisses: ['curl -b cookies.txt https://example.com', 'curl -b "theme=dark" https://example.com'],
  }),
  contextDetector({
    id: 'secret.session_cookie',
    description: 'Session cookie, by its name',
    source: 'https://owasp.org/www-community/attacks/Session_hijacking_attack',
    keywords: EXACT_NAMES,
    names: spellingsOfAll(NAMES),
    lead: `[A-Za-z0-9]{0,12}${QUOTE}?[ \\t]{0,4}(?:=>|[:=,])[ \\t]{0,4}${QUOTE}?`,
    longestLead: 36,
    chars: 'A-Za-z0-9_.~+/=:%!|-',
    value: '[A-Za-z0-9_.~+/=:%!|-]{16,1024}',
    longest: 1024,
    open: true,
    accepts: isRandomText,
    examples: [
      { text: `PHPSESSID=${sample(BASE62, 26)}; path=/`, value: sample(BASE62, 26) },
      { text: `"session_token": "${VALUE_OF_COOKIE}"`, value: VALUE_OF_COOKIE },
    ],
    nearMisses: ['sessionId: request.session.id', 'JSESSIONID=abc', 'session_id = current_session_identifier'],
  }),
];
