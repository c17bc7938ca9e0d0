import { expect, it } from 'vitest';
import { refusal } from './chart.ts';

const provider = (settings: object) => ({ config: { providers: { p: { type: 'openai', ...settings } } } });
const records = (url: string) => ({ config: { record: { postgres: { url } } } });
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
  ['a name that no service may have', { fullnameOverride: 'My_Name' }, '/fullnameOverride'],
  ['a name that is too long', { fullnameOverride: 'a'.repeat(64) }, 'maxLength: got 64, want 52'],
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
  [
    'a key in the query of an address',
    provider({ baseUrl: 'https://a.example/v1?key=abc' }),
    'config.providers.p.baseUrl',
  ],
  [
    'a webhook whose address is its secret',
    { config: { webhooks: [{ name: 'chat', url: 'https://hooks.slack.com/services/T0/B0/x' }] } },
    'config.webhooks[0].url',
  ],
  ['credentials in an address', provider({ baseUrl: 'https://me:pass@example.com/v1' }), 'config.providers.p.baseUrl'],
  ['the password of records', records('postgres://me:hush@db/records'), 'config.record.postgres.url'],
  ['a password with a dollar sign', records('postgres://me:hu$h@db/records'), 'config.record.postgres.url'],
  ['a default that is a password', records('postgres://me:${PW:-hush}@db/records'), 'config.record.postgres.url'],
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
  ['an address with a reference as its password', records('postgres://me:${PW}@db/records')],
  ['an address that is a reference', records('${RECORDS_URL}')],
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
  [
    'a policy that would blind Prometheus',
    { networkPolicy: { enabled: true }, serviceMonitor: { enabled: true } },
    'networkPolicy.adminFrom: is empty',
  ],
  ['an Ingress of no host', { ingress: { enabled: true } }, 'ingress.hosts: is empty'],
  ['a route on no Gateway', { httpRoute: { enabled: true } }, 'httpRoute.parentRefs: is empty'],
  ['a label that pods are found by', { podLabels: { 'app.kubernetes.io/name': 'x' } }, 'podLabels: the chart sets'],
  ['a label that the chart sets', { commonLabels: { 'helm.sh/chart': 'x' } }, 'commonLabels: the chart sets'],
  ['one port for both', { ports: { gateway: 9000, admin: 9000 } }, 'ports: gateway and admin are the same'],
  ['a node port of a cluster IP', { service: { nodePort: 30080 } }, 'service.nodePort: '],
  [
    'a traffic policy of a cluster IP',
    { service: { externalTrafficPolicy: 'Local' } },
    'service.externalTrafficPolicy: ',
  ],
  [
    'an autoscaler that must not do what it should',
    { ...POSTGRES, autoscaling: { enabled: true, minReplicas: 5, maxReplicas: 2 } },
    'minReplicas (5) is above maxReplicas (2)',
  ],
  [
    'a share of a CPU that is not asked for',
    { ...POSTGRES, autoscaling: { enabled: true }, resources: { requests: { cpu: null } } },
    'autoscaling.cpu: is a share of resources.requests.cpu',
  ],
  [
    'a roll-out that could replace no pod',
    { ...POSTGRES, deploymentStrategy: { rollingUpdate: { maxSurge: 0 } } },
    'raise maxSurge',
  ],
  ['as many workers as a node has cores', { config: { gateway: { workers: 'auto' } } }, 'set resources.limits.cpu'],
  [
    'one claim for the spools of all',
    { ...POSTGRES, spool: { persistent: true }, persistence: { existingClaim: 'mine' } },
    'persistence.existingClaim: ',
  ],
  ['a spool in two places', { ...POSTGRES, spool: { persistent: true, volume: { emptyDir: {} } } }, 'spool.volume: '],
])('%s is refused with the fix', (_, values, told) => {
  expect(refusal(values)).toContain(told);
});
