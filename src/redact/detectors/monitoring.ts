import type { Detector } from '../detector.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, DIGITS, HEX_DIGITS, LOWER, sample } from './sample.ts';
import { isMixed, isScrambled, sampleUuid } from './shapes.ts';
import { tokenDetector } from './token.ts';
import { alnumValue, assigned, base64UrlValue, hexValue, UUID_VALUE } from './value-shapes.ts';

const UPTIMEROBOT_KEY = 'u' + sample(DIGITS, 7) + '-' + sample(HEX_DIGITS, 24);

/** Up or down, and whom to wake. */
export const MONITORING: readonly Detector[] = [
  keyedDetector({
    id: 'secret.opsgenie_key',
    description: 'Opsgenie API key',
    source: 'https://docs.opsgenie.com/docs/api-key-management',
    names: ['ops_genie', 'genie_key'],
    ...UUID_VALUE,
    examples: [assigned('OPSGENIE_API_KEY=', sampleUuid())],
    nearMisses: ['opsgenie: ' + sample(HEX_DIGITS, 32)],
  }),
  keyedDetector({
    id: 'secret.pagerduty_key',
    description: 'PagerDuty API or integration key',
    source: 'https://support.pagerduty.com/main/docs/api-access-keys',
    names: ['pager_duty', 'pd_api', 'pd_token', 'routing_key', 'integration_key'],
    chars: 'A-Za-z0-9_+-',
    value: '(?:[A-Za-z0-9_+-]{20}|[A-Za-z0-9]{32})(?![A-Za-z0-9_+-])',
    longest: 33,
    accepts: (value) => (value.length === 20 ? isScrambled(value) : isMixed(value)),
    examples: [
      assigned('PAGERDUTY_TOKEN=', 'u+' + sample(BASE62, 18)),
      assigned('"routing_key": "', sample(HEX_DIGITS, 32)),
    ],
    nearMisses: ['pagerduty: P' + sample(LOWER, 6), 'routing_key: ' + sample(LOWER, 20)],
  }),
  keyedDetector({
    id: 'secret.pingdom_token',
    description: 'Pingdom API token',
    source: 'https://docs.pingdom.com/api/#section/Authentication',
    names: ['pingdom'],
    ...base64UrlValue(86),
    accepts: isScrambled,
    examples: [assigned('PINGDOM_API_TOKEN=', sample(BASE62, 86))],
    nearMisses: ['pingdom: ' + sample(LOWER, 86)],
  }),
  keyedDetector({
    id: 'secret.statuscake_key',
    description: 'StatusCake API key',
    source: 'https://developers.statuscake.com/guides/api/authentication/',
    names: ['status_cake'],
    ...alnumValue(20),
    accepts: isScrambled,
    examples: [assigned('STATUSCAKE_API_TOKEN=', sample(BASE62, 20))],
    nearMisses: ['statuscake: ' + sample(LOWER, 20)],
  }),
  keyedDetector({
    id: 'secret.statuspage_key',
    description: 'Atlassian Statuspage API key',
    source: 'https://developer.statuspage.io/#section/Authentication',
    names: ['status_page'],
    ...hexValue(64),
    accepts: isMixed,
    examples: [assigned('STATUSPAGE_API_KEY=', sample(HEX_DIGITS, 64))],
    nearMisses: ['statuspage: ' + sample(LOWER, 12)],
  }),
  keyedDetector({
    id: 'secret.uptimerobot_key',
    description: 'UptimeRobot account or monitor key',
    source: 'https://uptimerobot.com/api/',
    names: ['uptime_robot'],
    chars: 'A-Za-z0-9-',
    value: '(?:u|m|ur|mr)[0-9]{5,12}-[a-f0-9]{24}',
    longest: 39,
    examples: [assigned('UPTIMEROBOT_API_KEY=', UPTIMEROBOT_KEY)],
    nearMisses: ['uptimerobot: ' + sample(HEX_DIGITS, 24)],
  }),
  tokenDetector({
    id: 'secret.victorops_webhook',
    description: 'VictorOps (Splunk On-Call) alert URL',
    source: 'https://help.victorops.com/knowledge-base/rest-endpoint-integration-guide/',
    prefixes: ['https://alert.victorops.com/integrations/'],
    chars: 'A-Za-z0-9/_-',
    body: '[a-z]{3,24}/[0-9]{4,10}/alert/[a-f0-9-]{36}',
    longest: 80,
    examples: [`https://alert.victorops.com/integrations/generic/${sample(DIGITS, 8)}/alert/${sampleUuid()}`],
    nearMisses: ['https://alert.victorops.com/integrations/generic'],
  }),
];
