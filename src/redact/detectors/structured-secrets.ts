import { CharSet, EDGE } from '../char-set.ts';
import type { Detector } from '../detector.ts';
import { contextDetector } from './context.ts';
import { HEX_DIGITS, sample } from './sample.ts';
import { BASE64URL, isMixed, isScrambled } from './shapes.ts';
import { isRandomText } from './assignment-values.ts';

const PARAMETER = sample(BASE64URL, 43);
const SALT = `${sample(BASE64URL, 20)}$ @|, ${sample(BASE64URL, 37)}`;
const PAYLOAD = [sample(HEX_DIGITS, 80), sample(HEX_DIGITS, 80), sample(HEX_DIGITS, 40)].join('\n');
/** The private parameters of elliptic curve and RSA keys, and the key itself of symmetric ones. */
const PRIVATE_PARAMETERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'];

/** Secrets known by the document that they are part of. */
export const STRUCTURED_SECRETS: readonly Detector[] = [
  contextDetector({
    id: 'secret.jwk_private',
    description: 'Private parameter of a JSON Web Key',
    source: 'https://www.rfc-editor.org/rfc/rfc7518#section-6',
    // As text; decoded, and as a member of a body.
    keywords: PRIVATE_PARAMETERS.flatMap((name) => [
      `"${name}":`,
      `"${name}" :`,
      `\\"${name}\\":`,
      `'${name}':`,
      `${EDGE}${name}${EDGE}:`,
      `${name}=${EDGE}`,
    ]),
    lead: '[ \\t]{0,4}(?:\\\\{0,3}["\'\uffff])?',
    longestLead: 9,
    chars: 'A-Za-z0-9_-',
    value: '[A-Za-z0-9_-]{40,1400}',
    longest: 1400,
    before: /(?:^|[^A-Za-z0-9_.-])$/,
    following: /["'`\\\uffff]|$/y,
    longestFollowing: 1,
    accepts: isScrambled,
    examples: [
      { text: `{"kty":"EC","crv":"P-256","d":"${PARAMETER}"}`, value: PARAMETER },
      { text: `"{\\"kty\\":\\"oct\\",\\"k\\":\\"${PARAMETER}\\"}"`, value: PARAMETER },
    ],
    nearMisses: ['{"d":"2024-01-01"}', `{"n":"${PARAMETER}"}`, '{"k":"name-of-a-key-that-is-long-and-made-of-words"}'],
  }),
  contextDetector({
    id: 'secret.ansible_vault',
    description: 'Text encrypted with a password by Ansible Vault',
    source: 'https://docs.ansible.com/ansible/latest/vault_guide/vault_encrypting_content.html',
    keywords: ['$ANSIBLE_VAULT;'],
    lead: '[0-9.]{3};AES256?(?:;[A-Za-z0-9_-]{1,32})?(?:[ \\t\\r\\n]|\\\\[nr]){1,40}',
    longestLead: 120,
    chars: 'a-f0-9 \t\r\n',
    value: '[a-f0-9]{40,80}(?:[ \\t\\r\\n]{1,20}[a-f0-9]{40,80}){0,40}',
    longest: 4096,
    open: false,
    examples: [{ text: `$ANSIBLE_VAULT;1.1;AES256\n${PAYLOAD}`, value: PAYLOAD }],
    nearMisses: ['$ANSIBLE_VAULT;1.1;AES256 is the first line'],
  }),
  contextDetector({
    id: 'secret.xml_secret',
    description: 'Password or key in an attribute beside its name',
    source:
      'https://learn.microsoft.com/en-us/dotnet/framework/configure-apps/file-schema/appsettings/add-element-for-appsettings',
    keywords: ['validationKey', 'decryptionKey', 'machineKey'],
    lead: '[ ]?=[ ]?["\']',
    longestLead: 4,
    chars: 'A-Fa-f0-9',
    value: '[A-Fa-f0-9]{32,128}',
    longest: 128,
    behind: new CharSet('"\','),
    examples: [{ text: `<machineKey validationKey="${sample(HEX_DIGITS, 64)}"`, value: sample(HEX_DIGITS, 64) }],
    nearMisses: ['validationKey="AutoGenerate,IsolateApps"'],
  }),
  contextDetector({
    id: 'secret.wordpress_salt',
    description: 'Key or salt in the configuration of WordPress',
    source: 'https://developer.wordpress.org/advanced-administration/wordpress/wp-config/#security-keys',
    keywords: ['AUTH_', 'LOGGED_IN_', 'NONCE_'].flatMap((name) => [`${name}KEY'`, `${name}SALT'`]),
    before: /define\([ \t]{0,4}'(?:SECURE_)?$/,
    lead: "[ \\t]{0,8},[ \\t]{0,20}'",
    longestLead: 30,
    chars: ' -&(-~',
    value: '[ -&(-~]{32,128}',
    longest: 128,
    behind: new CharSet("'"),
    accepts: isMixed,
    examples: [{ text: `define('SECURE_AUTH_KEY',  '${SALT}');`, value: SALT }],
    nearMisses: ["define('AUTH_KEY', 'put your unique phrase here');", "define('AUTH_KEY', getenv('AUTH_KEY'));"],
  }),
  contextDetector({
    id: 'secret.signing_key_setting',
    description: 'Key in a section of settings about tokens or encryption',
    source: 'https://learn.microsoft.com/en-us/aspnet/core/security/authentication/configure-jwt-bearer-authentication',
    keywords: ['Key', 'SigningKey', 'IssuerSigningKey', 'key'].flatMap((name) => [`"${name}"`, EDGE + name + EDGE]),
    before:
      /["\uffff](?:jwt|token|auth|bearer|encryption|crypto|signing)[a-z]{0,20}["\uffff][ \t]{0,4}:[ \t\r\n]{0,4}\{[^{}]{0,60}$/i,
    lead: '[ \\t]{0,4}:[ \\t]{0,4}["\\uffff]',
    longestLead: 10,
    chars: '!#-~',
    value: '[!#-\\[\\]-~]{16,256}',
    longest: 256,
    behind: new CharSet('"'),
    accepts: isRandomText,
    examples: [{ text: `{"Jwt": {"Key": "${PARAMETER}"}}`, value: PARAMETER }],
    nearMisses: ['{"Jwt": {"Key": "name-of-the-signing-key"}}', '{"rows": {"Key": "a1"}}'],
  }),
];
