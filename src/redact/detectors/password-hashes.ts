import type { Detector } from '../detector.ts';
import { contextDetector } from './context.ts';
import { BASE62, HEX_DIGITS, sample } from './sample.ts';
import { tokenDetector, VENDOR_RANK } from './token.ts';

const CRYPT = BASE62 + './';
const DATA = BASE62 + '+/';
const CRYPT_CHARS = 'A-Za-z0-9./$=,_+-';

/** What is kept of passwords: enough to try guesses against. */
const LDAP_HASH = sample(DATA, 38) + '==';

export const PASSWORD_HASHES: readonly Detector[] = [
  tokenDetector({
    id: 'secret.bcrypt_hash',
    description: 'Password hash of bcrypt',
    source: 'https://www.usenix.org/legacy/events/usenix99/provos/provos.pdf',
    prefixes: ['$2a$', '$2b$', '$2x$', '$2y$'],
    chars: CRYPT_CHARS,
    body: '[0-3][0-9]\\$[A-Za-z0-9./]{53}',
    longest: 56,
    examples: [`$2b$12$${sample(CRYPT, 53)}`],
    nearMisses: ['$2b$12$abc', '$2y$ and $2a$'],
  }),
  tokenDetector({
    id: 'secret.argon2_hash',
    description: 'Password hash of Argon2 or scrypt in PHC string format',
    source: 'https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md',
    prefixes: ['$argon2id$', '$argon2i$', '$argon2d$', '$scrypt$', '$pbkdf2-sha', '$pbkdf2$'],
    chars: CRYPT_CHARS,
    body: '(?:[a-z0-9=,-]{1,30}\\$){1,2}[A-Za-z0-9+/.]{8,88}={0,2}\\$[A-Za-z0-9+/.]{20,172}={0,2}',
    longest: 326,
    examples: [`$argon2id$v=19$m=65536,t=3,p=4$${sample(DATA, 22)}$${sample(DATA, 43)}`],
    nearMisses: ['$argon2id$v=19$m=65536,t=3,p=4', '$argon2i$ is the older variant'],
  }),
  tokenDetector({
    id: 'secret.crypt_hash',
    description: 'Password hash as in /etc/shadow and htpasswd files',
    source: 'https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html',
    prefixes: ['$1$', '$5$', '$6$', '$y$', '$gy$', '$7$', '$apr1$', '$sha1$', '$md5$', '$8$', '$9$'],
    chars: CRYPT_CHARS,
    body: '(?:rounds=[0-9]{4,9}\\$)?[A-Za-z0-9./]{1,44}\\$(?:[A-Za-z0-9./]{1,44}\\$)?[A-Za-z0-9./]{22,88}',
    longest: 200,
    examples: [
      `$6$${sample(BASE62, 16)}$${sample(CRYPT, 86)}`,
      `$6$rounds=5000$${sample(BASE62, 16)}$${sample(CRYPT, 86)}`,
      `$apr1$${sample(BASE62, 8)}$${sample(CRYPT, 22)}`,
      `$y$j9T$${sample(BASE62, 22)}$${sample(CRYPT, 43)}`,
    ],
    nearMisses: ['costs $1$ or $5$', '$6$salt$short', 'replace("$1$2", "$6$7")'],
  }),
  contextDetector({
    id: 'secret.ldap_hash',
    description: 'Password hash of an LDAP directory',
    source: 'https://www.openldap.org/doc/admin26/security.html#Password%20Storage',
    keywords: [
      '{SSHA}',
      '{SHA}',
      '{SMD5}',
      '{MD5}',
      '{SSHA256}',
      '{SSHA512}',
      '{SHA256}',
      '{SHA512}',
      '{CRYPT}',
      '{ssha}',
    ],
    chars: 'A-Za-z0-9+/=.$',
    lead: '',
    longestLead: 0,
    value: '[A-Za-z0-9+/.$]{20,128}={0,2}',
    rank: VENDOR_RANK,
    longest: 130,
    examples: [{ text: `{SSHA}${LDAP_HASH}`, value: LDAP_HASH }],
    nearMisses: ['{SSHA}', 'one of {SHA} and {SSHA}'],
  }),
  tokenDetector({
    id: 'secret.framework_hash',
    description: 'Password hash of Django, Werkzeug, WordPress, Drupal or PostgreSQL',
    source: 'https://docs.djangoproject.com/en/5.2/topics/auth/passwords/',
    prefixes: ['pbkdf2_sha', 'pbkdf2:sha', 'scrypt:', 'bcrypt_sha', 'SCRAM-SHA-', '$P$', '$H$', '$S$'],
    chars: 'A-Za-z0-9./$=:+_-',
    body: '(?:[0-9]{1,3}[$:][0-9]{1,8}\\$[A-Za-z0-9./+=]{4,64}\\$[A-Za-z0-9+/=.]{20,172}|[0-9:]{6,24}\\$[A-Za-z0-9]{8,32}\\$[a-f0-9]{64,128}|[0-9]{1,3}\\$[0-9]{4,7}:[A-Za-z0-9+/=]{8,44}\\$[A-Za-z0-9+/=]{20,88}:[A-Za-z0-9+/=]{20,88}|[A-Za-z0-9./]{31}|[A-Za-z0-9./]{52})',
    longest: 260,
    boundary: 'A-Za-z0-9./',
    examples: [
      `pbkdf2_sha256$600000$${sample(BASE62, 22)}$${sample(DATA, 43)}=`,
      `scrypt:32768:8:1$${sample(BASE62, 16)}$${sample(HEX_DIGITS, 128)}`,
      `$P$B${sample(CRYPT, 30)}`,
      `SCRAM-SHA-256$4096:${sample(DATA, 22)}==$${sample(DATA, 43)}=:${sample(DATA, 43)}=`,
    ],
    nearMisses: ['pbkdf2_sha256', 'scrypt:32768', '$P$ marks phpass', 'SCRAM-SHA-256 is used'],
  }),
];
