import type { Detector } from '../detector.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, DIGITS, LOWER, sample, UPPER } from './sample.ts';
import { BASE36, BASE64URL, isMixed, isScrambled } from './shapes.ts';
import { hasDigits, tokenDetector } from './token.ts';

const REDDIT_SECRET = sample(BASE64URL, 26) + '8';
const TIKTOK_SECRET = sample(BASE36, 32);
const TUMBLR_KEY = sample(BASE62, 50);
const TWITCH_SECRET = sample(BASE36, 30);
const TWITTER_KEY = sample(BASE62, 25);
const TWITTER_SECRET = sample(BASE62, 50);
const TWITTER_TOKEN = '9' + sample(DIGITS, 17) + '-' + sample(BASE62, 30);
const TWITTER_TOKEN_SECRET = sample(BASE62, 45);

/** Networks that people post to and stream on. */
export const SOCIAL_NETWORKS: readonly Detector[] = [
  tokenDetector({
    id: 'secret.pinterest_token',
    description: 'Pinterest access or refresh token',
    source: 'https://developers.pinterest.com/docs/getting-started/connect-app/',
    prefixes: ['pina_', 'pinr.', 'pinc_'],
    chars: 'A-Za-z0-9._-',
    body: '[A-Za-z0-9._-]{60,500}',
    longest: 500,
    boundary: 'A-Za-z0-9_-',
    accepts: hasDigits(3),
    examples: ['pina_' + sample(UPPER + DIGITS, 64)],
    nearMisses: ['pina_' + sample(UPPER, 20)],
  }),
  keyedDetector({
    id: 'secret.reddit_secret',
    description: 'Reddit client secret',
    source: 'https://github.com/reddit-archive/reddit/wiki/OAuth2',
    names: ['reddit_client_secret', 'reddit_secret', 'reddit_api', 'reddit_key'],
    chars: 'A-Za-z0-9_-',
    value: '(?:[A-Za-z0-9_-]{27}|[A-Za-z0-9_-]{30})(?![A-Za-z0-9_-])',
    longest: 31,
    accepts: isScrambled,
    examples: [{ text: `REDDIT_CLIENT_SECRET=${REDDIT_SECRET}`, value: REDDIT_SECRET }],
    nearMisses: ['reddit_client_secret: your_reddit_client_secret_', 'reddit_secret=' + sample(LOWER, 27)],
  }),
  keyedDetector({
    id: 'secret.tiktok_secret',
    description: 'TikTok client or app secret',
    source: 'https://developers.tiktok.com/doc/login-kit-manage-user-access-tokens',
    names: ['tiktok_client_secret', 'tiktok_app_secret', 'tiktok_secret', 'tiktok_client_key'],
    chars: 'A-Za-z0-9',
    value: '(?:[A-Za-z0-9]{32}|[a-f0-9]{40})',
    longest: 40,
    accepts: isMixed,
    examples: [{ text: `TIKTOK_CLIENT_SECRET=${TIKTOK_SECRET}`, value: TIKTOK_SECRET }],
    nearMisses: ['tiktok: ' + sample(DIGITS, 19)],
  }),
  tokenDetector({
    id: 'secret.tiktok_token',
    description: 'TikTok access or refresh token',
    source: 'https://developers.tiktok.com/doc/oauth-user-access-token-management',
    prefixes: ['act.', 'rft.', 'clt.'],
    chars: 'A-Za-z0-9_.!*%-',
    body: '[A-Za-z0-9_-]{40,100}(?:![0-9]{3,5}\\.[A-Za-z0-9_]{1,8})?',
    longest: 115,
    boundary: 'A-Za-z0-9_-',
    accepts: isScrambled,
    examples: ['act.' + sample(BASE62, 60) + '!4521.va'],
    nearMisses: ['act.' + sample(BASE62, 12), 'contract.' + sample(BASE62, 60)],
  }),
  keyedDetector({
    id: 'secret.tumblr_key',
    description: 'Tumblr consumer key, secret or token',
    source: 'https://www.tumblr.com/docs/en/api/v2#auth',
    names: ['tumblr'],
    chars: 'A-Za-z0-9',
    value: '[A-Za-z0-9]{50}',
    longest: 50,
    accepts: isScrambled,
    examples: [{ text: `TUMBLR_CONSUMER_KEY=${TUMBLR_KEY}`, value: TUMBLR_KEY }],
    nearMisses: ['tumblr: ' + sample(LOWER, 50)],
  }),
  keyedDetector({
    id: 'secret.twitch_secret',
    description: 'Twitch client secret or token',
    source: 'https://dev.twitch.tv/docs/authentication/',
    names: ['twitch'],
    chars: 'a-zA-Z0-9_-',
    value: '[a-z0-9]{30}(?![A-Za-z0-9_-])',
    longest: 31,
    accepts: isMixed,
    examples: [{ text: `TWITCH_CLIENT_SECRET=${TWITCH_SECRET}`, value: TWITCH_SECRET }],
    nearMisses: ['twitch: ' + sample(LOWER, 30), 'twitch_id = ' + sample(BASE36, 12)],
  }),
  tokenDetector({
    id: 'secret.twitch_chat_token',
    description: 'Twitch chat token',
    source: 'https://dev.twitch.tv/docs/chat/authenticating-chatbots/',
    prefixes: ['oauth:'],
    chars: 'A-Za-z0-9_-',
    body: '[a-z0-9]{30}',
    longest: 30,
    boundary: 'A-Za-z0-9_-',
    accepts: isMixed,
    examples: ['oauth:' + TWITCH_SECRET],
    nearMisses: ['oauth:' + sample(LOWER, 30), 'grant_type:oauth:' + sample(BASE36, 12)],
  }),
  keyedDetector({
    id: 'secret.twitter_key',
    description: 'X (Twitter) API key, API secret, access token or token secret',
    source: 'https://docs.x.com/fundamentals/authentication/oauth-1-0a/api-key-and-secret',
    names: ['twitter'],
    chars: 'A-Za-z0-9_-',
    value: '(?:[0-9]{15,25}-[A-Za-z0-9]{20,45}|[A-Za-z0-9]{50}|[A-Za-z0-9]{45}|[A-Za-z0-9]{25})(?![A-Za-z0-9_-])',
    longest: 72,
    accepts: isScrambled,
    examples: [
      { text: `TWITTER_CONSUMER_KEY=${TWITTER_KEY}`, value: TWITTER_KEY },
      { text: `TWITTER_CONSUMER_SECRET=${TWITTER_SECRET}`, value: TWITTER_SECRET },
      { text: `twitterAccessToken: '${TWITTER_TOKEN}'`, value: TWITTER_TOKEN },
      { text: `twitter.access.token.secret = ${TWITTER_TOKEN_SECRET}`, value: TWITTER_TOKEN_SECRET },
    ],
    nearMisses: ['twitter: ' + sample(LOWER, 25), 'twitter_id = ' + sample(DIGITS, 18)],
  }),
  tokenDetector({
    id: 'secret.twitter_bearer_token',
    description: 'X (Twitter) bearer token',
    source: 'https://docs.x.com/fundamentals/authentication/oauth-2-0/bearer-tokens',
    prefixes: ['A'.repeat(20)],
    chars: 'A-Za-z0-9%+/=',
    body: 'AA[A-Za-z0-9%]{70,140}',
    longest: 142,
    boundary: 'A-Za-z0-9_+/=%-',
    accepts: (body) => isScrambled(body) && /%[0-9A-F]{2}/.test(body) && !/A{6}.*A{6}/.test(body.slice(8)),
    examples: ['A'.repeat(22) + sample(BASE62, 24) + '%2B' + sample(BASE62, 20) + '%3D' + sample(BASE62, 50)],
    nearMisses: ['A'.repeat(22) + sample(BASE62, 90), 'A'.repeat(200)],
  }),
  tokenDetector({
    id: 'secret.vk_token',
    description: 'VK access token',
    source: 'https://dev.vk.com/en/api/access-token/getting-started',
    prefixes: ['vk1.a.'],
    chars: 'A-Za-z0-9_-',
    body: '[A-Za-z0-9_-]{100,300}',
    longest: 300,
    boundary: 'A-Za-z0-9_-',
    examples: ['vk1.a.' + sample(BASE64URL, 197) + 'a'],
    nearMisses: ['vk1.a.' + sample(BASE62, 12)],
  }),
];
