import { expect, it } from 'vitest';
import { describeConfig } from '../../src/config/redacted-config.ts';
import { load } from './load-text.ts';

const { config } = load(`
admin: { token: hush-token }
store: 'postgres://us:hush-word@db.example/d?pool=3'
providers:
  a: { type: openai, apiKey: hush-provider, headers: { api-key: hush-header } }
  b: { type: openai, apiKey: client }
prompts: { p: { v1: { system: Be kind. } } }
keys: [{ name: dev, secret: hush-key, metadata: { team: core } }]
redaction:
  allow: [hush-allowed]
  detectors: [{ name: d, type: presidio, url: http://d/analyze, headers: { x-key: hush-key }, entities: { P: { rule: p } } }]
webhooks: [{ name: ops, url: 'https://hooks.example/services/hush-path?key=hush-query', secret: hush-hook }]
prices: { 'a/*': { input: 1 } }
`);

it('the described configuration is JSON without any secret', () => {
  const described = JSON.stringify(describeConfig(config));
  expect(described).not.toContain('hush');
  expect(described).not.toContain(config.keys[0]!.secretHash);
});

it('the described configuration shows what is no secret, and where one is set', () => {
  expect(describeConfig(config)).toMatchObject({
    gateway: { port: 8080 },
    admin: { token: '(hidden)' },
    store: 'postgres://us@db.example:5432/d, schema sluice',
    providers: [
      { name: 'a', key: { kind: 'configured', value: '(hidden)' }, headers: { 'api-key': '(hidden)' } },
      { name: 'b', key: { kind: 'client' } },
    ],
    prompts: { p: { v1: { system: 'Be kind.' } } },
    keys: [{ name: 'dev', secretHash: '(hidden)', metadata: { team: 'core' } }],
    redaction: { allow: ['(hidden)'], detectors: [{ url: 'http://d/analyze', headers: { 'x-key': '(hidden)' } }] },
    webhooks: [{ name: 'ops', url: 'https://hooks.example/(hidden)', secret: '(hidden)' }],
    prices: { 'a/*': { input: 1 } },
  });
});

it('a token that is not set is not described as hidden', () => {
  expect(describeConfig(load('').config)).toMatchObject({ admin: { token: null } });
});
