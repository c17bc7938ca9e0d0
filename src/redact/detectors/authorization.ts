import type { Detector } from '../detector.ts';
import { isReference, isRandomText } from './assignment-values.ts';
import { contextDetector, QUOTE, QUOTE_CHARS } from './context.ts';
import { BASE62, HEX_DIGITS, LOWER, sample } from './sample.ts';
import { isNameOfPassword } from './secret-names.ts';

const TOKEN_CHARS = 'A-Za-z0-9_.~+/=:%-';
const SCHEMES =
  'Bearer|bearer|BEARER|Token|token|TOKEN|ApiKey|Apikey|apikey|Api-Key|API-Key|Key|key|JWT|Bot|OAuth|SSWS|GenieKey|Splunk|Negotiate|NTLM|Klaviyo-API-Key|DeepL-Auth-Key|GoogleLogin auth|Digest|Hawk';
const LONGEST_TOKEN = 512;

/** A user's name and a password, as HTTP writes them. */
function isBasicCredentials(value: string): boolean {
  const text = Buffer.from(value, 'base64').toString('latin1');
  const colon = text.indexOf(':');
  const password = text.slice(colon + 1);
  if (isReference(password) || isNameOfPassword(password)) return false;
  return colon >= 0 && password.length > 1 && /^[\x20-\x7e]+$/.test(text);
}

const TOKEN = sample(BASE62, 40);
const CREDENTIALS = Buffer.from(`app:${sample(LOWER, 9)}`).toString('base64');

export const AUTHORIZATION: readonly Detector[] = [
  contextDetector({
    id: 'secret.authorization_header',
    description: 'Token in an Authorization header',
    source: 'https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2',
    names: ['authorization'],
    lead: `${QUOTE}?[\\])]?[ \\t]{0,4}(?:=>|[:=,])[ \\t]{0,4}[\\[({]?[fbu]?${QUOTE}?(?:(?:${SCHEMES})[ =]${QUOTE}?)?`,
    longestLead: 48,
    chars: TOKEN_CHARS,
    value: '[A-Za-z0-9_.~+/=:%-]{6,512}',
    longest: LONGEST_TOKEN,
    open: true,
    accepts: isRandomText,
    examples: [
      { text: `Authorization: Bearer ${TOKEN}`, value: TOKEN },
      { text: `curl -H "Authorization: token ${TOKEN}" https://api.example.com`, value: TOKEN },
      { text: `headers = {'Authorization': 'ApiKey ${TOKEN}'}`, value: TOKEN },
      { text: `Proxy-Authorization: ${TOKEN}`, value: TOKEN },
    ],
    nearMisses: [
      'Authorization: Bearer <token>',
      'Authorization: Bearer YOUR_ACCESS_TOKEN',
      "Authorization: 'Bearer ' + token",
    ],
  }),
  contextDetector({
    id: 'secret.bearer_token',
    description: 'Bearer token',
    source: 'https://www.rfc-editor.org/rfc/rfc6750#section-2.1',
    names: ['bearer '],
    lead: `(?:${QUOTE} ?[+.] ?)?${QUOTE}?`,
    longestLead: 16,
    chars: TOKEN_CHARS,
    value: '[A-Za-z0-9_.~+/=:%-]{16,512}',
    longest: LONGEST_TOKEN,
    open: true,
    accepts: isRandomText,
    examples: [
      { text: `Bearer ${TOKEN}`, value: TOKEN },
      { text: `'Bearer ' + '${TOKEN}'`, value: TOKEN },
    ],
    nearMisses: ['Bearer authentication-with-oauth2', 'the bearer of this letter', 'Bearer ${accessTokenOfUser123}'],
  }),
  contextDetector({
    id: 'secret.basic_auth',
    description: 'User name and password of HTTP Basic authentication',
    source: 'https://www.rfc-editor.org/rfc/rfc7617#section-2',
    names: ['basic '],
    lead: `(?:${QUOTE} ?[+.] ?)?${QUOTE}?`,
    longestLead: 16,
    chars: 'A-Za-z0-9+/=_-',
    value: '[A-Za-z0-9+/_-]{6,512}={0,2}',
    longest: 514,
    accepts: isBasicCredentials,
    examples: [{ text: `Authorization: Basic ${CREDENTIALS}`, value: CREDENTIALS }],
    nearMisses: [
      'Basic authentication',
      'Basic QWxhZGRpbg==',
      'basic dXNlcjp7e3Bhc3N9fQ==',
      'Basic dXNlcm5hbWU6cGFzc3dvcmQ=',
    ],
  }),
  contextDetector({
    id: 'secret.registry_auth',
    description: 'User name and password of a package or container registry',
    source: 'https://docs.docker.com/reference/cli/docker/login/#credential-stores',
    keywords: ['auth'],
    lead: `${QUOTE}?[ \\t]{0,4}[:=][ \\t]{0,4}${QUOTE}?`,
    longestLead: 20,
    chars: 'A-Za-z0-9+/=_-',
    value: '[A-Za-z0-9+/_-]{6,512}={0,2}',
    longest: 514,
    accepts: isBasicCredentials,
    examples: [
      { text: `{"auths":{"registry.example.com":{"auth": "${CREDENTIALS}"}}}`, value: CREDENTIALS },
      { text: `registry_auth: "${CREDENTIALS}"`, value: CREDENTIALS },
    ],
    nearMisses: ['"auth": "required"', 'auth: middleware'],
  }),
  contextDetector({
    id: 'secret.digest_response',
    description: 'Response of HTTP Digest authentication',
    source: 'https://www.rfc-editor.org/rfc/rfc7616#section-3.4',
    keywords: ['response="', 'response=\\"'],
    lead: '',
    longestLead: 0,
    chars: 'a-f0-9"\\',
    value: '(?:[a-f0-9]{64}|[a-f0-9]{32})',
    longest: 64,
    behind: QUOTE_CHARS,
    examples: [{ text: `Digest username="bob", response="${sample(HEX_DIGITS, 32)}"`, value: sample(HEX_DIGITS, 32) }],
    nearMisses: ['response="ok"', `response="${sample(HEX_DIGITS, 20)}"`],
  }),
];
