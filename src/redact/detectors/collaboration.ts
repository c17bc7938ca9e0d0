import type { Detector } from '../detector.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, DIGITS, HEX_DIGITS, LOWER, sample, UPPER } from './sample.ts';
import { BASE36, BASE64URL, sampleUuid, isMixed } from './shapes.ts';
import { tokenDetector } from './token.ts';
import { alnumValue, assigned, base64UrlValue, hexValue, UUID_VALUE } from './value-shapes.ts';

/** Tasks, tickets, documents, calendars and chats of a team. */
export const COLLABORATION: readonly Detector[] = [
  keyedDetector({
    id: 'secret.asana_client_id',
    description: 'Asana client id, by the name before it',
    source: 'https://developers.asana.com/docs/oauth',
    names: ['asana'],
    chars: '0-9',
    value: '[0-9]{16}',
    longest: 16,
    examples: [assigned('ASANA_CLIENT_ID=', sample(DIGITS, 16))],
    nearMisses: ['asana: ' + sample(DIGITS, 9)],
  }),
  keyedDetector({
    id: 'secret.asana_client_secret',
    description: 'Asana client secret or older access token, by the name before it',
    source: 'https://developers.asana.com/docs/oauth',
    names: ['asana'],
    ...alnumValue(32),
    examples: [assigned('ASANA_CLIENT_SECRET=', sample(BASE62, 32))],
    nearMisses: ['asana: ' + sample(LOWER, 32)],
  }),
  tokenDetector({
    id: 'secret.asana_token',
    description: 'Asana personal access token',
    source: 'https://developers.asana.com/docs/personal-access-token',
    prefixes: ['0/', '1/', '2/'],
    chars: 'a-f0-9:/',
    body: '[0-9]{10,17}(?:/[0-9]{10,17})?:[a-f0-9]{32}',
    longest: 68,
    boundary: 'A-Za-z0-9_',
    examples: [
      '1/' + sample(DIGITS, 16) + ':' + sample(HEX_DIGITS, 32),
      '2/' + sample(DIGITS, 16) + '/' + sample(DIGITS, 16) + ':' + sample(HEX_DIGITS, 32),
    ],
    nearMisses: ['asana: ' + sample(DIGITS, 14), '1/' + sample(DIGITS, 16), '1/2', 'a/1/' + sample(DIGITS, 16) + ':a'],
  }),
  keyedDetector({
    id: 'secret.atlassian_token',
    description: 'Atlassian API token of the older form, by the name before it',
    source: 'https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/',
    names: ['atlassian', 'confluence', 'jira'],
    ...alnumValue(24),
    examples: [assigned('JIRA_API_TOKEN=', sample(BASE62, 24)), assigned("confluence.password: '", sample(BASE36, 24))],
    nearMisses: ['atlassian: ' + sample(LOWER, 24)],
  }),
  tokenDetector({
    id: 'secret.basecamp_token',
    description: 'Basecamp OAuth token',
    source: 'https://github.com/basecamp/api/blob/master/sections/authentication.md',
    prefixes: ['BAhbB0kiAb'],
    chars: 'A-Za-z0-9+/=-',
    body: '[A-Za-z0-9+/=]{100,600}--[a-f0-9]{40}',
    longest: 642,
    needs: '--',
    boundary: 'A-Za-z0-9+/',
    examples: ['BAhbB0kiAb' + sample(BASE62, 300) + '=--' + sample(HEX_DIGITS, 40)],
    nearMisses: ['BAhbB0kiAb' + sample(BASE62, 120)],
  }),
  keyedDetector({
    id: 'secret.clockify_key',
    description: 'Clockify API key, by the name before it',
    source: 'https://docs.clockify.me/',
    names: ['clockify'],
    ...alnumValue(48),
    examples: [assigned('CLOCKIFY_API_KEY=', sample(BASE62, 48))],
    nearMisses: ['clockify: ' + sample(LOWER, 48)],
  }),
  tokenDetector({
    id: 'secret.clickup_token',
    description: 'ClickUp personal API token',
    source: 'https://developer.clickup.com/docs/authentication',
    prefixes: ['pk_'],
    chars: 'A-Za-z0-9_',
    body: '[0-9]{5,10}_[A-Z0-9]{32}',
    longest: 43,
    boundary: 'A-Za-z0-9_',
    examples: ['pk_' + sample(DIGITS, 8) + '_' + sample(UPPER + DIGITS, 32)],
    nearMisses: ['pk_' + sample(DIGITS, 8), 'apk_' + sample(DIGITS, 8) + '_' + sample(UPPER + DIGITS, 32)],
  }),
  keyedDetector({
    id: 'secret.coda_token',
    description: 'Coda API token, by the name before it',
    source: 'https://coda.io/developers/apis/v1',
    names: ['coda_api', 'coda_token', 'coda_key'],
    ...UUID_VALUE,
    examples: [assigned('CODA_API_TOKEN=', sampleUuid())],
    nearMisses: ['coda api: ' + sample(HEX_DIGITS, 8)],
  }),
  tokenDetector({
    id: 'secret.dingtalk_secret',
    description: 'DingTalk robot signing secret',
    source: 'https://open.dingtalk.com/document/orgapp/customize-robot-security-settings',
    prefixes: ['SEC'],
    chars: 'A-Za-z0-9',
    body: '[a-f0-9]{64}',
    longest: 64,
    boundary: 'A-Za-z0-9_',
    examples: ['SEC' + sample(HEX_DIGITS, 64)],
    nearMisses: ['SEC' + sample(HEX_DIGITS, 20), 'XSEC' + sample(HEX_DIGITS, 64)],
  }),
  keyedDetector({
    id: 'secret.dingtalk_token',
    description: 'DingTalk app secret or robot token, by the name before it',
    source: 'https://open.dingtalk.com/document/orgapp/custom-robot-access',
    names: ['dingtalk'],
    chars: 'A-Za-z0-9_-',
    value: '(?:[A-Za-z0-9_-]{64}|[a-f0-9]{32})',
    longest: 64,
    accepts: isMixed,
    examples: [assigned('DINGTALK_ACCESS_TOKEN=', sample(HEX_DIGITS, 64))],
    nearMisses: ['dingtalk: ' + sample(LOWER, 64)],
  }),
  keyedDetector({
    id: 'secret.discord_client_id',
    description: 'Discord client id, by the name before it',
    source: 'https://discord.com/developers/docs/topics/oauth2',
    names: ['discord'],
    chars: '0-9',
    value: '[0-9]{17,19}',
    longest: 19,
    examples: [assigned('DISCORD_CLIENT_ID=', sample(DIGITS, 18))],
    nearMisses: ['discord: ' + sample(DIGITS, 9)],
  }),
  keyedDetector({
    id: 'secret.discourse_key',
    description: 'Discourse API key, by the name before it',
    source: 'https://docs.discourse.org/',
    names: ['discourse_api', 'discourse_key'],
    ...hexValue(64),
    examples: [assigned('DISCOURSE_API_KEY=', sample(HEX_DIGITS, 64))],
    nearMisses: ['discourse api: ' + sample(LOWER, 64)],
  }),
  tokenDetector({
    id: 'secret.evernote_token',
    description: 'Evernote developer token',
    source: 'https://dev.evernote.com/doc/articles/dev_tokens.php',
    prefixes: ['S=s'],
    chars: 'A-Za-z0-9:=_.-',
    body: '[0-9]{1,4}:U=[a-f0-9]{1,8}:E=[a-f0-9]{8,14}:C=[a-f0-9]{8,14}:P=[a-f0-9]{1,4}:A=[A-Za-z0-9_.-]{1,60}:V=[0-9]{1,2}:H=[a-f0-9]{32}',
    longest: 160,
    examples: [
      'S=s1:U=8f21a:E=16' +
        sample(HEX_DIGITS, 9) +
        ':C=15' +
        sample(HEX_DIGITS, 9) +
        ':P=1cd:A=en-devtoken:V=2:H=' +
        sample(HEX_DIGITS, 32),
    ],
    nearMisses: ['S=s1:U=8f21a'],
  }),
  keyedDetector({
    id: 'secret.feishu_secret',
    description: 'Feishu or Lark app secret, by the name before it',
    source:
      'https://open.feishu.cn/document/server-docs/authentication-management/access-token/tenant_access_token_internal',
    names: ['feishu', 'larksuite', 'lark_app', 'lark_secret'],
    ...alnumValue(32),
    examples: [assigned('FEISHU_APP_SECRET=', sample(BASE62, 32))],
    nearMisses: ['feishu: ' + sample(LOWER, 32)],
  }),
  keyedDetector({
    id: 'secret.gitter_token',
    description: 'Gitter access token, by the name before it',
    source: 'https://developer.gitter.im/docs/authentication',
    names: ['gitter'],
    ...base64UrlValue(40),
    examples: [assigned('GITTER_TOKEN=', sample(BASE62, 40))],
    nearMisses: ['gitter: ' + sample(LOWER, 40)],
  }),
  tokenDetector({
    id: 'secret.google_chat_webhook',
    description: 'Google Chat webhook',
    source: 'https://developers.google.com/workspace/chat/quickstart/webhooks',
    prefixes: ['https://chat.googleapis.com/v1/spaces/'],
    chars: 'A-Za-z0-9_%=?&/-',
    body: '[A-Za-z0-9_-]{6,20}/messages\\?key=[A-Za-z0-9_-]{30,50}&token=[A-Za-z0-9_%=-]{20,80}',
    longest: 180,
    boundary: 'A-Za-z0-9',
    examples: [
      'https://chat.googleapis.com/v1/spaces/AAAA' +
        sample(BASE62, 7) +
        '/messages?key=' +
        sample(BASE62, 39) +
        '&token=' +
        sample(BASE62, 43) +
        '%3D',
    ],
    nearMisses: ['https://chat.googleapis.com/v1/spaces/AAAA/messages'],
  }),
  keyedDetector({
    id: 'secret.harvest_token',
    description: 'Harvest personal access token, by the name before it',
    source: 'https://help.getharvest.com/api-v2/authentication-api/authentication/authentication/',
    names: ['harvest'],
    chars: 'A-Za-z0-9._-',
    value: '[0-9]{5,8}\\.(?:pt|at)\\.[A-Za-z0-9_-]{60,100}',
    longest: 112,
    examples: [assigned('HARVEST_ACCESS_TOKEN=', sample(DIGITS, 7) + '.pt.' + sample(BASE64URL, 85) + 'w')],
    nearMisses: ['harvest: ' + sample(DIGITS, 7)],
  }),
  keyedDetector({
    id: 'secret.kakao_key',
    description: 'Kakao app key, by the name before it',
    source: 'https://developers.kakao.com/docs/latest/en/getting-started/app-key',
    names: ['kakao'],
    ...hexValue(32),
    examples: [assigned('KAKAO_REST_API_KEY=', sample(HEX_DIGITS, 32))],
    nearMisses: ['kakao: ' + sample(LOWER, 32)],
  }),
];
