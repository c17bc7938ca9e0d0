import type { Detector } from '../detector.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, HEX_DIGITS, sample } from './sample.ts';
import { BASE36, isMixed, sampleUuid, UUID } from './shapes.ts';
import { tokenDetector } from './token.ts';

const MYGET_KEY = sampleUuid();
const PACKAGECLOUD_TOKEN = sample(HEX_DIGITS, 48);
const SIDEKIQ_SECRET = sample(HEX_DIGITS, 8) + ':' + sample(HEX_DIGITS, 8);
const NUGET_PASSWORD = sample(BASE62, 18) + '!';

/** Where packages are published and fetched. npm and PyPI are with the developer tools. */
export const PACKAGE_REGISTRIES: readonly Detector[] = [
  keyedDetector({
    id: 'secret.myget_key',
    description: 'MyGet API key',
    source: 'https://docs.myget.org/docs/reference/security',
    names: ['myget_api', 'myget_key', 'myget_access_token', 'myget_token'],
    chars: 'A-Za-z0-9-',
    value: UUID,
    longest: 36,
    examples: [{ text: `MYGET_API_KEY=${MYGET_KEY}`, value: MYGET_KEY }],
    nearMisses: ['myget_feed: ' + sampleUuid()],
  }),
  tokenDetector({
    id: 'secret.nuget_key',
    description: 'NuGet API key',
    source: 'https://learn.microsoft.com/en-us/nuget/nuget-org/scoped-api-keys',
    prefixes: ['oy2'],
    chars: 'A-Za-z0-9_',
    body: '[a-z0-9]{43}',
    longest: 43,
    boundary: 'A-Za-z0-9_',
    accepts: isMixed,
    examples: ['oy2' + sample(BASE36, 43)],
    nearMisses: ['oy2' + sample(BASE36, 20), 'deploy2' + sample(BASE36, 43)],
  }),
  keyedDetector({
    id: 'secret.nuget_password',
    description: 'Password of a package source in nuget.config',
    source: 'https://learn.microsoft.com/en-us/nuget/reference/nuget-config-file#packagesourcecredentials',
    names: ['ClearTextPassword" value', "ClearTextPassword' value"],
    chars: '!#-%(-;=?-~',
    value: '[^\\s"\'<>&%$]{4,200}',
    longest: 200,
    examples: [{ text: `<add key="ClearTextPassword" value="${NUGET_PASSWORD}" />`, value: NUGET_PASSWORD }],
    nearMisses: ['<add key="ClearTextPassword" value="%NUGET_PASSWORD%" />'],
  }),
  keyedDetector({
    id: 'secret.packagecloud_token',
    description: 'packagecloud API token',
    source: 'https://packagecloud.io/docs/api#authentication',
    names: ['packagecloud', 'package_cloud'],
    chars: 'A-Za-z0-9',
    value: '[a-f0-9]{48}',
    longest: 48,
    examples: [{ text: `PACKAGECLOUD_TOKEN=${PACKAGECLOUD_TOKEN}`, value: PACKAGECLOUD_TOKEN }],
    nearMisses: ['packagecloud: ' + sample(HEX_DIGITS, 40)],
  }),
  tokenDetector({
    id: 'secret.packagist_token',
    description: 'Private Packagist token',
    source: 'https://packagist.com/docs/composer-authentication',
    prefixes: ['packagist_ort_', 'packagist_out_', 'packagist_uut_', 'packagist_urt_'],
    chars: 'A-Za-z0-9',
    body: '[a-f0-9]{68}',
    longest: 68,
    boundary: 'A-Za-z0-9_',
    examples: ['packagist_out_' + sample(HEX_DIGITS, 68)],
    nearMisses: ['packagist_out_' + sample(HEX_DIGITS, 20)],
  }),
  tokenDetector({
    id: 'secret.rubygems_key',
    description: 'RubyGems API key',
    source: 'https://guides.rubygems.org/api-key-scopes/',
    prefixes: ['rubygems_'],
    chars: 'A-Za-z0-9',
    body: '[a-f0-9]{48}',
    longest: 48,
    boundary: 'A-Za-z0-9_',
    examples: ['rubygems_' + sample(HEX_DIGITS, 48)],
    nearMisses: ['rubygems_version', 'rubygems_' + sample(HEX_DIGITS, 20)],
  }),
  keyedDetector({
    id: 'secret.sidekiq_secret',
    description: 'Sidekiq Pro or Enterprise gem credentials',
    source: 'https://github.com/sidekiq/sidekiq/wiki/Commercial-FAQ',
    names: ['BUNDLE_ENTERPRISE__CONTRIBSYS__COM', 'BUNDLE_GEMS__CONTRIBSYS__COM', 'contribsys.com'],
    chars: 'A-Za-z0-9:',
    value: '[a-f0-9]{8}:[a-f0-9]{8}',
    longest: 17,
    examples: [{ text: `BUNDLE_ENTERPRISE__CONTRIBSYS__COM=${SIDEKIQ_SECRET}`, value: SIDEKIQ_SECRET }],
    nearMisses: ['BUNDLE_GEMS__CONTRIBSYS__COM: ' + sample(HEX_DIGITS, 17)],
  }),
];
