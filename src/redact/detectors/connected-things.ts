import type { Detector } from '../detector.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, HEX_DIGITS, LOWER, sample, UPPER } from './sample.ts';
import { isMixed, isScrambled, sampleUuid } from './shapes.ts';
import { tokenDetector } from './token.ts';
import { alnumValue, assigned, hexValue, UUID_VALUE } from './value-shapes.ts';

/** Devices and the services that they report to. */
export const CONNECTED_THINGS: readonly Detector[] = [
  keyedDetector({
    id: 'secret.meraki_key',
    description: 'Cisco Meraki API key',
    source: 'https://developer.cisco.com/meraki/api-v1/authorization/',
    names: ['meraki'],
    ...hexValue(40),
    accepts: isMixed,
    examples: [assigned('MERAKI_DASHBOARD_API_KEY=', sample(HEX_DIGITS, 40))],
    nearMisses: ['meraki: ' + sample(HEX_DIGITS, 20)],
  }),
  keyedDetector({
    id: 'secret.particle_token',
    description: 'Particle access token',
    source: 'https://docs.particle.io/reference/cloud-apis/access-tokens/',
    names: ['particle_access_token', 'particle_token', 'particle_api'],
    ...hexValue(40),
    accepts: isMixed,
    examples: [assigned('PARTICLE_ACCESS_TOKEN=', sample(HEX_DIGITS, 40))],
    nearMisses: ['particle_api: ' + sample(LOWER, 40)],
  }),
  keyedDetector({
    id: 'secret.smartthings_token',
    description: 'SmartThings personal access token',
    source: 'https://developer.smartthings.com/docs/getting-started/authorization-and-permissions',
    names: ['smartthings_token', 'smartthings_api', 'smartthings_pat', 'smartthings_access'],
    ...UUID_VALUE,
    examples: [assigned('SMARTTHINGS_TOKEN=', sampleUuid())],
    nearMisses: ['smartthings_device: ' + sampleUuid()],
  }),
  keyedDetector({
    id: 'secret.thingspeak_key',
    description: 'ThingSpeak write, read or user key',
    source: 'https://www.mathworks.com/help/thingspeak/channel-control.html',
    names: ['thingspeak', 'thing_speak', 'ThingSpeak'],
    chars: 'A-Za-z0-9',
    value: '[A-Z0-9]{16}',
    longest: 16,
    accepts: isMixed,
    examples: [assigned('THINGSPEAK_WRITE_KEY=', sample(UPPER, 12) + '4821')],
    nearMisses: ['thingspeak: ' + sample(LOWER, 16)],
  }),
  keyedDetector({
    id: 'secret.tuya_secret',
    description: 'Tuya access secret or local key',
    source: 'https://developer.tuya.com/en/docs/iot/authentication-method',
    names: ['tuya_access_secret', 'tuya_secret', 'tuya_access_key', 'tuya_client_secret'],
    ...alnumValue(32),
    accepts: isMixed,
    examples: [assigned('TUYA_ACCESS_SECRET=', sample(BASE62, 32))],
    nearMisses: ['tuya_device: ' + sample(HEX_DIGITS, 20)],
  }),
  tokenDetector({
    id: 'secret.ubidots_token',
    description: 'Ubidots token or API key',
    source: 'https://docs.ubidots.com/reference/authentication',
    prefixes: ['BBFF-', 'BBUS-', 'BBAU-'],
    chars: 'A-Za-z0-9_-',
    body: '[A-Za-z0-9]{30,40}',
    longest: 40,
    boundary: 'A-Za-z0-9_-',
    accepts: isScrambled,
    examples: ['BBFF-' + sample(BASE62, 30), 'BBUS-' + sample(BASE62, 35)],
    nearMisses: ['BBFF-' + sample(HEX_DIGITS, 8)],
  }),
];
