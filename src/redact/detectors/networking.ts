import type { Detector } from '../detector.ts';
import { contextDetector } from './context.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, DIGITS, HEX_DIGITS, LOWER, sample, UPPER } from './sample.ts';
import { BASE36, BASE64URL, isMixed, isScrambled, sampleUuid } from './shapes.ts';
import { hasDigits, tokenDetector, VENDOR_RANK } from './token.ts';
import { alnumValue, assigned, hexValue } from './value-shapes.ts';

const NGROK_TOKEN = '2' + sample(BASE62, 26) + '_' + sample(BASE62, 21);
const RANCHER_VALUE = sample(BASE36, 5) + ':' + sample(BASE36, 54);
const WIREGUARD_KEY = sample(BASE62 + '+/', 42) + 'E=';

/** Names, tunnels, private networks, and what keeps clusters and servers together. */
export const NETWORKING: readonly Detector[] = [
  keyedDetector({
    id: 'secret.namecheap_key',
    description: 'Namecheap API key',
    source: 'https://www.namecheap.com/support/api/intro/',
    names: ['namecheap'],
    ...hexValue(32),
    accepts: isMixed,
    examples: [assigned('NAMECHEAP_API_KEY=', sample(HEX_DIGITS, 32))],
    nearMisses: ['namecheap: ' + sample(HEX_DIGITS, 12)],
  }),
  keyedDetector({
    id: 'secret.ngrok_token',
    description: 'ngrok authtoken or API key',
    source: 'https://ngrok.com/docs/agent/#authtokens',
    names: ['ngrok', 'authtoken'],
    chars: 'A-Za-z0-9_',
    value: '(?:cr_|ak_)?[A-Za-z0-9]{25,30}_[A-Za-z0-9]{18,24}|cr_[A-Za-z0-9]{27,32}|ak_[A-Za-z0-9]{27,32}',
    longest: 58,
    accepts: isScrambled,
    examples: [assigned('NGROK_AUTHTOKEN=', NGROK_TOKEN), assigned('authtoken: ', NGROK_TOKEN)],
    nearMisses: ['authtoken: ' + sample(LOWER, 48), 'ngrok: ' + sample(BASE62, 12)],
  }),
  keyedDetector({
    id: 'secret.ns1_key',
    description: 'NS1 API key',
    source: 'https://help.ns1.com/hc/en-us/articles/360026140094',
    names: ['ns1_api', 'ns1_key', 'ns1_token', 'nsone'],
    ...alnumValue(20),
    accepts: isMixed,
    examples: [assigned('NS1_APIKEY=', sample(BASE62, 20)), assigned('X-NSONE-Key: ', sample(BASE62, 20))],
    nearMisses: ['nsone: ' + sample(LOWER, 20)],
  }),
  tokenDetector({
    id: 'secret.portainer_token',
    description: 'Portainer access token',
    source: 'https://docs.portainer.io/api/access',
    prefixes: ['ptr_'],
    chars: 'A-Za-z0-9+/=',
    body: '[A-Za-z0-9+/]{43,44}=?',
    longest: 45,
    boundary: 'A-Za-z0-9_',
    accepts: isScrambled,
    examples: ['ptr_' + sample(BASE62, 43) + '='],
    nearMisses: ['ptr_' + sample(LOWER, 43), 'ptr_' + sample(BASE62, 12)],
  }),
  contextDetector({
    id: 'secret.rancher_token',
    description: 'Rancher API token',
    source: 'https://ranchermanager.docs.rancher.com/reference-guides/user-settings/api-keys',
    keywords: ['token-'],
    before: /(?:^|[^A-Za-z0-9_-])$/,
    lead: '',
    longestLead: 0,
    chars: 'A-Za-z0-9:-',
    value: '(?:user-)?[a-z0-9]{5,24}:[a-z0-9]{54}(?![A-Za-z0-9:-])',
    longest: 84,
    rank: VENDOR_RANK,
    examples: [assigned('token-', RANCHER_VALUE)],
    nearMisses: ['token-' + sample(BASE36, 5) + ':value', 'csrf-token-' + RANCHER_VALUE],
  }),
  tokenDetector({
    id: 'secret.scaleway_access_key',
    description: 'Scaleway access key',
    source: 'https://www.scaleway.com/en/docs/iam/reference-content/understanding-automatic-api-keys/',
    prefixes: ['SCW'],
    chars: 'A-Za-z0-9_',
    body: '[A-Z0-9]{17}',
    longest: 17,
    boundary: 'A-Za-z0-9_',
    accepts: hasDigits(1),
    examples: ['SCW' + sample(DIGITS + UPPER, 17)],
    nearMisses: ['SCW_ACCESS_KEY', 'SCW' + sample(UPPER, 17)],
  }),
  keyedDetector({
    id: 'secret.wireguard_key',
    description: 'WireGuard private or preshared key',
    source: 'https://www.wireguard.com/quickstart/',
    names: ['private_key', 'preshared_key', 'wireguard'],
    chars: 'A-Za-z0-9+/=',
    value: '[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=(?![A-Za-z0-9+/=])',
    longest: 45,
    accepts: isScrambled,
    examples: [assigned('[Interface]\nPrivateKey = ', WIREGUARD_KEY)],
    nearMisses: ['PublicKey = ' + WIREGUARD_KEY, 'PrivateKey = ' + sample(BASE62, 20)],
  }),
  keyedDetector({
    id: 'secret.zerotier_token',
    description: 'ZeroTier API access token',
    source: 'https://docs.zerotier.com/api/central/',
    names: ['zero_tier'],
    chars: 'A-Za-z0-9',
    value: '(?:[A-Za-z0-9]{32}|[a-z0-9]{24})',
    longest: 32,
    accepts: isMixed,
    examples: [assigned('ZEROTIER_CENTRAL_TOKEN=', sample(BASE62, 32))],
    nearMisses: [
      'zerotier: ' + sample(HEX_DIGITS, 16),
      'zerotier: ' + sampleUuid(),
      'zerotier: ' + sample(BASE64URL, 12),
    ],
  }),
];
