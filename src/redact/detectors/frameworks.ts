import type { Detector } from '../detector.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, HEX_DIGITS, LOWER, sample } from './sample.ts';
import { isMixed } from './shapes.ts';
import { tokenDetector } from './token.ts';
import { assigned } from './value-shapes.ts';

/** What frameworks sign and encrypt with. */
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
    accepts: isMixed,
    examples: [
      assigned('SECRET_KEY_BASE=', sample(HEX_DIGITS, 128)),
      assigned('RAILS_MASTER_KEY=', sample(HEX_DIGITS, 32)),
    ],
    nearMisses: ['rails master key: ' + sample(LOWER, 32)],
  }),
];
