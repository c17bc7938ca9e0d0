import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METRICS } from '../../src/record/metric-definitions.ts';
import {
  chartWith,
  configOf,
  gatewayContainer,
  helm,
  invalid,
  notes,
  ofKind,
  render,
  renderText,
  workload,
  CHART,
} from './chart.ts';

const POSTGRES = { store: { type: 'postgres', postgres: { existingSecret: { name: 'store' } } } };
const PROVIDERS = {
  providers: { openai: { type: 'openai', apiKey: '${KEY}' } },
  models: { '*': { provider: 'openai' } },
};

const checksum = (values: object): string =>
  workload(render({ values })).spec.template.metadata.annotations['checksum/config'];
const kinds = (values: object): string[] => render({ values }).map(({ kind }) => kind);

it('is one replica with a volume on SQLite', () => {
  const resources = render({});
  const { kind, spec } = workload(resources);
  expect([kind, spec.replicas]).toEqual(['StatefulSet', 1]);
  expect(spec.volumeClaimTemplates[0].spec.resources.requests.storage).toBe('5Gi');
  expect(configOf(resources).store).toBe('sqlite:/app/data/sluice.db');
  expect(ofKind(resources, 'PodDisruptionBudget')).toEqual([]);
});

it('is a Deployment of several, apart from each other, on Postgres', () => {
  const resources = render({ values: POSTGRES });
  const { kind, spec } = workload(resources);
  expect([kind, spec.replicas, spec.strategy.rollingUpdate.maxUnavailable]).toEqual(['Deployment', 2, 0]);
  const spread = spec.template.spec.topologySpreadConstraints;
  for (const { labelSelector } of spread) expect(spec.selector).toEqual(labelSelector);
  expect(spread.map(({ topologyKey }: { topologyKey: string }) => topologyKey)).toEqual([
    'topology.kubernetes.io/zone',
    'kubernetes.io/hostname',
  ]);
  expect(ofKind(resources, 'PodDisruptionBudget')[0]!.spec).toMatchObject({ maxUnavailable: 1 });
  expect(configOf(resources).store).toBe('${SLUICE_STORE_URL}');
});

it('leaves the number of replicas to the autoscaler, by a metric that the gateway has', () => {
  const resources = render({ file: 'hpa-inflight-values.yaml' });
  expect(workload(resources).spec).not.toHaveProperty('replicas');
  const { metrics, scaleTargetRef, behavior } = ofKind(resources, 'HorizontalPodAutoscaler')[0]!.spec;
  const gauges = Object.values(METRICS).filter(({ type }) => type === 'gauge');
  expect(gauges.map(({ name }) => name)).toContain(metrics[0].pods.metric.name);
  expect(metrics).toHaveLength(1);
  expect(scaleTargetRef).toMatchObject({ kind: 'Deployment', name: workload(resources).metadata.name });
  expect(behavior.scaleDown.stabilizationWindowSeconds).toBeGreaterThan(behavior.scaleUp.stabilizationWindowSeconds);
  expect(behavior.scaleDown.policies).toEqual([{ type: 'Pods', value: 1, periodSeconds: 300 }]);
});

it('rolls the pods when the configuration changes', () => {
  const changed = { config: { ...PROVIDERS, log: { level: 'debug' } } };
  expect(checksum({ config: PROVIDERS })).toBe(checksum({ config: PROVIDERS }));
  expect(checksum(changed)).not.toBe(checksum({ config: PROVIDERS }));
});

it('rolls them only for what needs a restart where pods take changes over', () => {
  const live = { configReload: 'live', config: PROVIDERS };
  const before = checksum(live);
  expect(checksum({ ...live, config: { ...PROVIDERS, log: { level: 'debug' } } })).toBe(before);
  expect(checksum({ ...live, config: { ...PROVIDERS, gateway: { workers: 2 } } })).not.toBe(before);
  expect(checksum({ ...live, listenAddress: '::' })).not.toBe(before);
});

it('rolls the pods when a key changes that the chart holds, and does not tell the key', () => {
  const annotations = (key: string) =>
    workload(render({ values: { providerKeys: { values: { KEY: key } } } })).spec.template.metadata.annotations;
  expect(annotations('first')).not.toEqual(annotations('second'));
  expect(JSON.stringify(annotations('first'))).not.toContain('first');
});

it('waits before SIGTERM in a hook, and below Kubernetes 1.30 in the gateway', () => {
  const late = render({ kubernetes: '1.30.0' });
  expect(gatewayContainer(late).lifecycle.preStop).toEqual({ sleep: { seconds: 10 } });
  expect(configOf(late).gateway.timeouts.drainDelay).toBe('0s');
  const early = render({ kubernetes: '1.29.0' });
  expect(gatewayContainer(early)).not.toHaveProperty('lifecycle');
  expect(configOf(early).gateway.timeouts.drainDelay).toBe('10s');
  expect(grace(early)).toBe(grace(late));
});

it.each([
  [{}, 3600],
  [{ upstream: { timeouts: { total: '90s' } } }, 90],
  [{ upstream: { timeouts: { total: '2h' } } }, 7200],
  [{ upstream: { timeouts: { total: '1500ms' } } }, 2],
  [{ providers: { a: { type: 'simulator', timeouts: { total: '1.5h' } }, b: { type: 'simulator' } } }, 5400],
  [{ gateway: { timeouts: { drain: '10m' } } }, 600],
])('with %j a pod drains for %d seconds', (config, expected) => {
  const resources = render({ values: { config } });
  expect(configOf(resources).gateway.timeouts.drain).toBe(`${expected}s`);
  expect(grace(resources)).toBe(expected + 10 + 30);
});

function grace(resources: ReturnType<typeof render>): number {
  return workload(resources).spec.template.spec.terminationGracePeriodSeconds;
}

it('reads secrets of yours and makes none then', () => {
  const resources = render({ file: 'existing-secret-values.yaml' });
  expect(ofKind(resources, 'Secret')).toEqual([]);
  const { env, envFrom } = gatewayContainer(resources);
  expect(env).toEqual([
    { name: 'SLUICE_ADMIN_TOKEN', valueFrom: { secretKeyRef: { name: 'sluice-admin', key: 'token' } } },
    { name: 'SLUICE_STORE_URL', valueFrom: { secretKeyRef: { name: 'sluice-store', key: 'connection' } } },
    { name: 'SLUICE_COUNTERS_URL', valueFrom: { secretKeyRef: { name: 'sluice-counters', key: 'connection' } } },
  ]);
  expect(envFrom).toEqual([{ secretRef: { name: 'sluice-openai' } }, { secretRef: { name: 'sluice-anthropic' } }]);
});

it('finds every key of the Secrets that it makes itself', () => {
  const resources = render({ file: 'postgres-values.yaml' });
  for (const { valueFrom } of gatewayContainer(resources).env) {
    const { name, key } = valueFrom.secretKeyRef;
    const secret = ofKind(resources, 'Secret').find(({ metadata }) => metadata.name === name);
    expect(secret?.data?.[key]).toMatch(/^[A-Za-z0-9+/=]+$/);
  }
});

it('makes a long admin token where none is given', () => {
  const token = ofKind(render({}), 'Secret')[0]!.data!['admin-token']!;
  expect(Buffer.from(token, 'base64').toString()).toMatch(/^[A-Za-z0-9]{40}$/);
});

it('denies the network everything that is not named', () => {
  const { spec } = ofKind(render({ file: 'network-policy-values.yaml' }), 'NetworkPolicy')[0]!;
  expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
  for (const { from, ports } of spec.ingress) expect([from.length > 0, ports.length]).toEqual([true, 1]);
  for (const { to, ports } of spec.egress) expect([to.length > 0, ports.length > 0]).toEqual([true, true]);
  const open = spec.egress.flatMap(({ to }: { to: { ipBlock?: { cidr: string; except?: string[] } }[] }) => to);
  const world = open.filter(({ ipBlock }: { ipBlock?: { cidr: string } }) => ipBlock?.cidr === '0.0.0.0/0');
  expect(world).toHaveLength(1);
  expect(world[0].ipBlock.except).toContain('169.254.0.0/16');
});

it('closes the port of the operators to all but the test where nobody is named', () => {
  const { ingress } = ofKind(render({ values: { networkPolicy: { enabled: true } } }), 'NetworkPolicy')[0]!.spec;
  const admin = ingress.find(({ ports }: { ports: { port: string }[] }) => ports[0]!.port === 'admin');
  expect(admin.from).toHaveLength(1);
  expect(admin.from[0].podSelector.matchLabels).toMatchObject({ 'app.kubernetes.io/component': 'test' });
});

it('takes dashboards and rules from files, braces of their own included', () => {
  const dashboard = JSON.stringify({ title: 'Overview', panels: [{ legendFormat: '{{ route }}' }] });
  const rule = { alert: 'Errors', expr: 'vector(1)', annotations: { summary: '{{ $labels.route }} fails' } };
  const chart = chartWith({
    'dashboards/overview.json': dashboard,
    'dashboards/cost.json': dashboard,
    'rules/alerts.yaml': JSON.stringify({ groups: [{ name: 'alerts', rules: [rule] }] }),
    'rules/slo.yaml': JSON.stringify({ groups: [{ name: 'slo', rules: [rule] }] }),
  });
  const file = 'monitoring-values.yaml';
  expect(invalid(renderText({ chart, file }))).toEqual([]);
  const resources = render({ chart, file });
  const { groups } = ofKind(resources, 'PrometheusRule')[0]!.spec;
  expect(groups.map(({ name }: { name: string }) => name)).toEqual(['own', 'alerts', 'slo']);
  expect(groups[1].rules[0].annotations.summary).toBe('{{ $labels.route }} fails');
  const maps = ofKind(resources, 'ConfigMap').filter(({ metadata }) => metadata.labels['grafana_dashboard'] === '1');
  expect(maps.flatMap(({ data }) => Object.entries(data!))).toEqual([
    ['cost.json', dashboard],
    ['overview.json', dashboard],
  ]);
});

it('renders without any dashboards and rules', () => {
  const values = { prometheusRule: { enabled: true }, dashboards: { enabled: true } };
  const chart = chartWith({});
  expect(invalid(renderText({ chart, values }))).toEqual([]);
  expect(render({ chart, values }).map(({ kind }) => kind)).not.toContain('PrometheusRule');
});

it('shares the memory of the container among workers', () => {
  const heap = (workers: number | string, cpu?: number | string) =>
    gatewayContainer(render({ values: { config: { gateway: { workers } }, resources: { limits: { cpu } } } })).env.find(
      ({ name }: { name: string }) => name === 'NODE_OPTIONS',
    )?.value;
  expect(heap(4)).toBe('--max-old-space-size-percentage=15');
  expect(heap(256)).toBe('--max-old-space-size-percentage=5');
  expect(heap(1)).toBeUndefined();
  // `auto` starts no more than the container has cores.
  expect([heap('auto', 4), heap('auto', '3500m')]).toEqual(Array(2).fill('--max-old-space-size-percentage=15'));
  expect(heap('auto', 1)).toBeUndefined();
});

it('makes only what is asked for', () => {
  expect(kinds({ testPod: { enabled: false } }).sort()).toEqual(
    ['ConfigMap', 'Secret', 'Service', 'Service', 'Service', 'ServiceAccount', 'StatefulSet'].sort(),
  );
});

it('keeps the longest names within their limits', () => {
  const values = { fullnameOverride: 'a'.repeat(52), dashboards: { enabled: true } };
  const chart = chartWith({ [`dashboards/${'b'.repeat(50)}.json`]: '{}' });
  for (const { metadata } of render({ chart, values })) expect(metadata.name.length).toBeLessThanOrEqual(63);
});

it('says after an installation what is open', () => {
  expect(notes({})).toMatch(/every answer is simulated/);
  expect(notes({})).toMatch(/whoever reaches the gateway may call it/);
  expect(notes(POSTGRES)).toMatch(/every replica counts limits and budgets for itself/);
  expect(notes({ config: { gateway: { timeouts: { drain: '1m' } } } })).toMatch(/longer ones are cut off/);
  const safe = { ...POSTGRES, counters: { type: 'redis', redis: { existingSecret: { name: 'c' } } } };
  const closed = { networkPolicy: { enabled: true, store: { to: [{}] }, counters: { to: [{}] } } };
  expect(notes({ ...safe, ...closed, config: { ...PROVIDERS, auth: { required: true } } })).not.toMatch(/NOTE/);
});

it('is of the same version as the package', () => {
  const chart = helm(['show', 'chart', CHART]).stdout;
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(chart).toMatch(new RegExp(`^appVersion: "?${version}"?$`, 'm'));
});
