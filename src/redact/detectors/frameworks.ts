import type { Detector } from '../detector.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, HEX_DIGITS, LOWER, sample } from './sample.ts';
import { isScrambled } from './shapes.ts';
import { tokenDetector } from './token.ts';
import { assigned, hasLetterAndDigit } from './value-shapes.ts';

/** What frameworks sign and encrypt with, and how they keep passwords. */
export const FRAMEWORKS: readonly Detector[] = [
  tokenDetector({
    id: 'secret.django_secret_key',
    description: 'Django secret key of a new project',
    source: 'https://docs.djangoproject.com/en/stable/ref/settings/#secret-key',
    prefixes: ['django-insecure-'],
    chars: 'A-Za-z0-9!@#$%^&*(_=+)-',
    body: '[A-Za-z0-9!@#$%^&*(_=+)-]{50}',
    longest: 50,
    boundary: 'A-Za-z0-9_-',
    examples: ['django-insecure-' + sample(BASE62.toLowerCase() + '!@#$%^&*(-_=+)', 49) + 'k'],
    nearMisses: ['django-insecure-settings'],
  }),
  keyedDetector({
    id: 'secret.laravel_app_key',
    description: 'Laravel application key, by the name before it',
    source: 'https://laravel.com/docs/encryption#configuration',
    names: ['app_key', 'app_previous_keys'],
    chars: 'A-Za-z0-9+/=:',
    value: 'base64:[A-Za-z0-9+/]{43}=',
    longest: 51,
    examples: [assigned('APP_KEY=', 'base64:' + sample(BASE62 + '+/', 43) + '=')],
    nearMisses: ['app key: ' + sample(BASE62, 12)],
  }),
  keyedDetector({
    id: 'secret.rails_secret',
    description: 'Rails master key or secret key base, by the name before it',
    source: 'https://guides.rubyonrails.org/security.html#custom-credentials',
    names: ['rails_master_key', 'secret_key_base', 'rails_secret'],
    chars: 'a-f0-9',
    value: '(?:[a-f0-9]{128}|[a-f0-9]{32})',
    longest: 128,
    accepts: hasLetterAndDigit,
    examples: [
      assigned('SECRET_KEY_BASE=', sample(HEX_DIGITS, 128)),
      assigned('RAILS_MASTER_KEY=', sample(HEX_DIGITS, 32)),
    ],
    nearMisses: ['rails master key: ' + sample(LOWER, 32)],
  }),
  tokenDetector({
    id: 'secret.bcrypt_hash',
    description: 'Password hash of bcrypt',
    source: 'https://man.openbsd.org/crypt.3',
    prefixes: ['$2a$', '$2b$', '$2y$'],
    chars: 'A-Za-z0-9./$',
    body: '[0-9]{2}\\$[A-Za-z0-9./]{53}',
    longest: 56,
    boundary: 'A-Za-z0-9/',
    accepts: isScrambled,
    examples: ['$2b$12$' + sample(BASE62 + './', 52) + 'e'],
    nearMisses: ['$2b$12$' + sample(BASE62, 20)],
  }),
  tokenDetector({
    id: 'secret.sha_crypt_hash',
    description: 'Password hash of SHA crypt or MD5 crypt',
    source: 'https://www.akkadia.org/drepper/SHA-crypt.txt',
    prefixes: ['$6$', '$5$', '$1$', '$apr1$'],
    chars: 'A-Za-z0-9./=$',
    body: '(?:rounds=[0-9]{1,9}\\$)?[A-Za-z0-9./]{1,16}\\$(?:[A-Za-z0-9./]{86}|[A-Za-z0-9./]{43}|[A-Za-z0-9./]{22})',
    longest: 119,
    boundary: 'A-Za-z0-9/',
    accepts: isScrambled,
    examples: [
      '$6$' + sample(BASE62, 8) + '$' + sample(BASE62 + './', 85) + 'e',
      '$apr1$' + sample(BASE62, 8) + '$' + sample(BASE62, 22),
      '$5$rounds=5000$' + sample(BASE62, 16) + '$' + sample(BASE62, 43),
    ],
    nearMisses: ['$6$' + sample(BASE62, 8) + '$' + sample(BASE62, 12), 'x$1$y$z'],
  }),
  tokenDetector({
    id: 'secret.argon2_hash',
    description: 'Password hash of Argon2',
    source: 'https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md',
    prefixes: ['$argon2id$', '$argon2i$', '$argon2d$'],
    chars: 'A-Za-z0-9+/=,$',
    body: '(?:v=[0-9]{1,3}\\$)?m=[0-9]{1,8},t=[0-9]{1,4},p=[0-9]{1,3}\\$[A-Za-z0-9+/]{11,64}\\$[A-Za-z0-9+/]{22,128}',
    longest: 230,
    boundary: 'A-Za-z0-9/',
    examples: ['$argon2id$v=19$m=65536,t=3,p=4$' + sample(BASE62, 22) + '$' + sample(BASE62, 43)],
    nearMisses: ['$argon2id$v=19$m=65536'],
  }),
];
