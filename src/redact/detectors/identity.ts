import type { Detector } from '../detector.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, DIGITS, HEX_DIGITS, LOWER, sample, UPPER } from './sample.ts';
import { BASE36, BASE64URL, isMixed, sampleUuid, UUID } from './shapes.ts';
import { tokenDetector } from './token.ts';
import { alnumValue, assigned, base64UrlValue, UUID_VALUE } from './value-shapes.ts';

const CODE = UPPER + DIGITS;
const EMERGENCY_GROUPS = [6, 6, 5, 5, 5, 5].map((length) => sample(CODE, length)).join('-');
const BITWARDEN_TOKEN = `0.${sampleUuid()}.${sample(BASE62, 30)}:${sample(BASE62 + '+/', 22)}==`;
const INFISICAL_TOKEN = ['st', sample(HEX_DIGITS, 24), sample(HEX_DIGITS, 32), sample(HEX_DIGITS, 32)].join('.');

/** Who may enter: sign-in, directories, vaults. */
export const IDENTITY: readonly Detector[] = [
  tokenDetector({
    id: 'secret.onepassword_secret_key',
    description: '1Password secret key of an account',
    source: 'https://support.1password.com/secret-key/',
    prefixes: ['A3-'],
    chars: 'A-Z0-9-',
    body: '[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}',
    longest: 37,
    boundary: 'A-Za-z0-9-',
    accepts: isMixed,
    examples: ['A3-' + EMERGENCY_GROUPS, 'A3-' + [6, 11, 5, 5, 5].map((length) => sample(CODE, length)).join('-')],
    nearMisses: ['A3-' + sample(CODE, 6) + '-' + sample(CODE, 6), 'DIN A3-PAPER', 'BA3-' + EMERGENCY_GROUPS],
  }),
  keyedDetector({
    id: 'secret.auth0_secret',
    description: 'Auth0 client secret, by the name before it',
    source: 'https://auth0.com/docs/secure/application-credentials',
    names: ['auth0'],
    ...base64UrlValue(64),
    examples: [assigned('AUTH0_CLIENT_SECRET=', sample(BASE64URL, 63) + 'a')],
    nearMisses: ['AUTH0_DOMAIN=' + sample(LOWER, 12) + '.eu.auth0.com', 'AUTH0_CLIENT_ID=' + sample(BASE62, 20)],
  }),
  tokenDetector({
    id: 'secret.authress_key',
    description: 'Authress service client access key',
    source: 'https://authress.io/knowledge-base/docs/authorization/service-clients',
    prefixes: ['sc_', 'ext_', 'scauth_', 'authress_'],
    chars: 'A-Za-z0-9+/_=.-',
    body: '[A-Za-z0-9]{5,30}\\.[A-Za-z0-9]{4,6}\\.acc[_-][A-Za-z0-9-]{10,32}\\.[A-Za-z0-9+/_=-]{30,120}',
    longest: 196,
    examples: [
      `sc_${sample(BASE36, 12)}.${sample(BASE36, 4)}.acc-${sample(BASE36, 16)}.${sample(BASE62, 60)}`,
      `authress_${sample(BASE36, 8)}.${sample(BASE36, 5)}.acc_${sample(BASE36, 20)}.${sample(BASE62, 43)}=`,
    ],
    nearMisses: ['ext_modules.core.acc_total.value', 'misc_' + sample(BASE36, 12)],
  }),
  keyedDetector({
    id: 'secret.bitwarden_token',
    description: 'Bitwarden Secrets Manager access token, by the name before it',
    source: 'https://bitwarden.com/help/access-tokens/',
    names: ['bws_access_token', 'bitwarden', 'bws_token'],
    chars: 'A-Za-z0-9+/=:.-',
    value: `0\\.${UUID}\\.[A-Za-z0-9]{20,40}:[A-Za-z0-9+/]{22}==`,
    longest: 110,
    examples: [assigned('BWS_ACCESS_TOKEN=', BITWARDEN_TOKEN)],
    nearMisses: ['BWS_ACCESS_TOKEN=0.' + sampleUuid(), 'bitwarden: 0.9.1'],
  }),
  keyedDetector({
    id: 'secret.duo_key',
    description: 'Duo integration or secret key, by the name before it',
    source: 'https://duo.com/docs/protecting-applications',
    names: ['duo_skey', 'duo_ikey', 'duo_akey', 'duo_secret', 'duo_integration', 'duo_client'],
    chars: 'A-Za-z0-9',
    value: '(?:[A-Za-z0-9]{40}|DI[A-Z0-9]{18})',
    longest: 40,
    accepts: isMixed,
    examples: [assigned('DUO_SKEY=', sample(BASE62, 40)), assigned('duo_ikey = ', 'DI' + sample(CODE, 18))],
    nearMisses: ['DUO_SKEY=' + sample(BASE62, 20), 'duo_client = ' + sample(LOWER, 40)],
  }),
  tokenDetector({
    id: 'secret.infisical_token',
    description: 'Infisical service token',
    source: 'https://infisical.com/docs/documentation/platform/token',
    prefixes: ['st.'],
    chars: 'A-Za-z0-9.',
    body: '[a-f0-9]{24}\\.[a-f0-9]{32}\\.[a-f0-9]{32}',
    longest: 90,
    boundary: 'A-Za-z0-9_',
    examples: [INFISICAL_TOKEN],
    nearMisses: ['st.' + sample(HEX_DIGITS, 24), 'te' + INFISICAL_TOKEN],
  }),
  keyedDetector({
    id: 'secret.jumpcloud_key',
    description: 'JumpCloud API key, by the name before it',
    source: 'https://jumpcloud.com/support/jumpcloud-apis',
    names: ['jumpcloud'],
    ...alnumValue(40),
    examples: [assigned('JUMPCLOUD_API_KEY=', sample(HEX_DIGITS, 40))],
    nearMisses: ['jumpcloud: ' + sample(LOWER, 40)],
  }),
  tokenDetector({
    id: 'secret.jumpcloud_prefixed_key',
    description: 'JumpCloud API key with a prefix',
    source: 'https://jumpcloud.com/support/jumpcloud-apis',
    prefixes: ['jca_'],
    chars: 'A-Za-z0-9',
    body: '[A-Za-z0-9]{36}',
    longest: 36,
    accepts: isMixed,
    examples: ['jca_' + sample(BASE62, 36)],
    nearMisses: ['jca_agent_version', 'jca_' + sample(LOWER, 36)],
  }),
  keyedDetector({
    id: 'secret.fusionauth_key',
    description: 'FusionAuth API key, by the name before it',
    source: 'https://fusionauth.io/docs/apis/authentication',
    names: ['fusionauth'],
    chars: 'A-Za-z0-9_-',
    value: '(?:[A-Za-z0-9_-]{64}|[A-Za-z0-9_-]{43})',
    longest: 64,
    accepts: isMixed,
    examples: [assigned('FUSIONAUTH_API_KEY=', sample(BASE64URL, 63) + 'f')],
    nearMisses: ['fusionauth = ' + sample(LOWER, 43)],
  }),
  keyedDetector({
    id: 'secret.docusign_key',
    description: 'DocuSign integration key, by the name before it',
    source: 'https://developers.docusign.com/platform/configure-app/',
    names: ['docusign'],
    ...UUID_VALUE,
    examples: [assigned('DOCUSIGN_INTEGRATION_KEY=', sampleUuid())],
    nearMisses: ['docusign: ' + sample(HEX_DIGITS, 32)],
  }),
  keyedDetector({
    id: 'secret.dropbox_sign_key',
    description: 'Dropbox Sign (HelloSign) API key, by the name before it',
    source: 'https://developers.hellosign.com/api/reference/authentication/',
    names: ['hellosign', 'dropbox_sign'],
    chars: 'A-Fa-f0-9',
    value: '[A-Fa-f0-9]{64}',
    longest: 64,
    examples: [assigned('HELLOSIGN_API_KEY=', sample(HEX_DIGITS, 64))],
    nearMisses: ['hellosign: ' + sample(HEX_DIGITS, 32)],
  }),
];
