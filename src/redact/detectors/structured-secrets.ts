import { CharSet } from '../char-set.ts';
import type { Detector } from '../detector.ts';
import { contextDetector, QUOTE_CHARS } from './context.ts';
import { HEX_DIGITS, sample } from './sample.ts';
import { BASE64URL, isScrambled } from './shapes.ts';

const PARAMETER = sample(BASE64URL, 43);
const PAYLOAD = [sample(HEX_DIGITS, 80), sample(HEX_DIGITS, 80), sample(HEX_DIGITS, 40)].join('\n');
/** The private parameters of elliptic curve and RSA keys, and the key itself of symmetric ones. */
const PRIVATE_PARAMETERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'];

/** Secrets known by the document that they are part of. */
export const STRUCTURED_SECRETS: readonly Detector[] = [
  contextDetector({
    id: 'secret.jwk_private',
    description: 'Private parameter of a JSON Web Key',
    source: 'https://www.rfc-editor.org/rfc/rfc7518#section-6',
    keywords: PRIVATE_PARAMETERS.flatMap((name) => [`"${name}":`, `"${name}" :`, `\\"${name}\\":`, `'${name}':`]),
    lead: '[ \\t]{0,4}\\\\{0,3}["\']',
    longestLead: 9,
    chars: 'A-Za-z0-9_-',
    value: '[A-Za-z0-9_-]{40,1400}',
    longest: 1400,
    behind: QUOTE_CHARS,
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
];
