import { expect, it } from 'vitest';
import { refusal } from './chart.ts';

const provider = (settings: object) => ({ config: { providers: { p: { type: 'openai', ...settings } } } });
const POSTGRES = { store: { type: 'postgres', postgres: { existingSecret: { name: 'store' } } } };

it.each([
  ['an unknown value', { replicas: 3 }, 'replicas'],
  ['an unknown value further down', { service: { prot: 80 } }, 'prot'],
  ['a value of another type', { service: { port: '80' } }, '/service/port'],
  ['a port that is privileged', { ports: { gateway: 80 } }, '/ports/gateway'],
  ['a store that there is not', { store: { type: 'mysql' } }, '/store/type'],
  ['two replicas on one SQLite file', { replicaCount: 2 }, '/replicaCount'],
  ['an autoscaler of a SQLite file', { autoscaling: { enabled: true } }, '/autoscaling/enabled'],
  ['a digest that is none', { image: { digest: 'sha256:abc' } }, '/image/digest'],
  ['a size that is none', { persistence: { size: 'big' } }, '/persistence/size'],
  [
    'a variable name that is none',
    { providerKeys: { values: { 'open ai': 'x' } } },
    "'open ai' does not match pattern",
  ],
  ['a setting of the gateway that there is not', { config: { gatway: {} } }, 'gatway'],
  ['a setting of the gateway of another type', { config: { models: [] } }, '/config/models'],
  ['a host that the chart sets', { config: { gateway: { host: '127.0.0.1' } } }, 'host'],
  ['a port that the chart sets', { config: { admin: { port: 9000 } } }, 'port'],
  ['a store in the configuration', { config: { store: 'sqlite:x' } }, 'store'],
  ['an admin token that can be guessed', { admin: { token: 'short' } }, '/admin/token'],
  ['an admin token in the configuration', { config: { admin: { token: 'secret' } } }, 'token'],
])('the schema refuses %s', (_, values, told) => {
  expect(refusal(values)).toMatch(/don't meet the specifications of the schema/);
  expect(refusal(values)).toContain(told);
});

it.each([
  ["a provider's key", provider({ apiKey: 'sk-example-123' }), 'config.providers.p.apiKey'],
  ['one of several keys', provider({ apiKeys: ['${A}', 'sk-example-123'] }), 'config.providers.p.apiKeys[1]'],
  ['a default that is a key', provider({ apiKey: '${KEY:-sk-example-123}' }), 'config.providers.p.apiKey'],
  [
    'a header that authorizes',
    provider({ headers: { 'x-api-key': 'example' } }),
    'config.providers.p.headers.x-api-key',
  ],
  ['the secret of a caller', { config: { keys: [{ name: 'dev', secret: 'sk-sluice-dev' }] } }, 'config.keys[0].secret'],
  ['credentials in an address', provider({ baseUrl: 'https://me:pass@example.com/v1' }), 'config.providers.p.baseUrl'],
])('%s may not stand in the ConfigMap', (_, values, path) => {
  expect(refusal(values)).toContain(`${path}: `);
  expect(refusal(values)).toContain('would stand in a ConfigMap');
});

it.each([
  ['a reference', provider({ apiKey: '${KEY}' })],
  ['a reference that may be empty', provider({ apiKey: '${KEY:-}' })],
  ["the caller's own key", provider({ apiKey: 'client' })],
  ['a header with a reference in it', provider({ headers: { authorization: 'Bearer ${KEY}' } })],
  ['a header that is no secret', provider({ headers: { 'x-team': 'search' } })],
])('%s may', (_, values) => {
  expect(refusal(values)).toBe('it is not refused');
});

it.each([
  ['Postgres without an address', { store: { type: 'postgres' } }, 'store.postgres: name existingSecret'],
  ['Redis without an address', { counters: { type: 'redis' } }, 'counters.redis: name existingSecret'],
  [
    'an autoscaler without a measure',
    { ...POSTGRES, autoscaling: { enabled: true, cpu: 0 } },
    'autoscaling: nothing is named to scale by',
  ],
  [
    'a time that a variable would say',
    { config: { gateway: { timeouts: { drain: '${DRAIN}' } } } },
    'config.gateway.timeouts.drain: "${DRAIN}" is not a duration',
  ],
  [
    'a policy that would cut the gateway off from its store',
    { ...POSTGRES, networkPolicy: { enabled: true } },
    'networkPolicy.store.to: is empty',
  ],
])('%s is refused with the fix', (_, values, told) => {
  expect(refusal(values)).toContain(told);
});
