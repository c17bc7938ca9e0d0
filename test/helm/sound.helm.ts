import { expect, it } from 'vitest';
import { JOBS } from '../../scripts/operations/rule.ts';
import { configOf, gatewayContainer, notes, ofKind, render, workload, type Labels, type Resource } from './chart.ts';

const POSTGRES = { store: { type: 'postgres', postgres: { existingSecret: { name: 'store' } } } };
const MONITORED = { ...POSTGRES, serviceMonitor: { enabled: true } };

interface Mount {
  readonly mountPath: string;
  readonly subPath?: string;
}

const configMount = (values: object): Mount =>
  gatewayContainer(render({ values })).volumeMounts.find(({ name }: { name: string }) => name === 'config');

it('keeps a changed configuration from the pods that run, unless they are to take it over', () => {
  const file = { mountPath: '/etc/sluice/sluice.yaml', subPath: 'sluice.yaml' };
  expect(configMount({})).toMatchObject(file);
  expect(configMount({ configReload: 'live' })).toEqual({ name: 'config', mountPath: '/etc/sluice', readOnly: true });
});

it('keeps the spool of each replica on a claim of its own, where that is asked for', () => {
  const resources = render({ file: 'persistent-spool-values.yaml' });
  const { kind, spec, metadata } = workload(resources);
  expect([kind, spec.podManagementPolicy, spec.volumeClaimTemplates[0].spec.storageClassName]).toEqual([
    'StatefulSet',
    'Parallel',
    'fast',
  ]);
  const { scaleTargetRef } = ofKind(resources, 'HorizontalPodAutoscaler')[0]!.spec;
  expect(scaleTargetRef).toMatchObject({ kind: 'StatefulSet', name: metadata.name });
  expect(spec).not.toHaveProperty('replicas');
  expect(ofKind(resources, 'PodDisruptionBudget')).toHaveLength(1);
  expect(ofKind(resources, 'Service').map(({ metadata: { name } }) => name)).toContain(spec.serviceName);
  expect(configOf(resources).store).toBe('${SLUICE_STORE_URL}');
});

it('gives a SQLite file its own claim, whatever is said of spools', () => {
  const values = { spool: { persistent: true }, persistence: { existingClaim: 'mine' } };
  const { spec } = workload(render({ values }));
  expect(spec).not.toHaveProperty('volumeClaimTemplates');
  expect(spec.template.spec.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'mine' } });
});

it('replaces a pod that never got ready by the next template', () => {
  expect(workload(render({})).spec.podManagementPolicy).toBe('Parallel');
});

const selectorOf = ({ kind, spec }: Resource): Labels | undefined =>
  kind === 'Service' ? spec.selector : (spec?.selector?.matchLabels ?? spec?.podSelector?.matchLabels);

it('lets two releases share a namespace', () => {
  const values = { ...MONITORED, prometheusRule: { enabled: true }, dashboards: { enabled: true } };
  const [blue, green] = ['blue', 'green'].map((release) => render({ values, release }));
  const names = (resources: readonly Resource[]) => resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  expect(names(blue!).filter((name) => names(green!).includes(name))).toEqual([]);
  const pod: Labels = workload(green!).spec.template.metadata.labels;
  const chosen = blue!.map(selectorOf).filter((selector) => selector !== undefined);
  expect(chosen.length).toBeGreaterThanOrEqual(5);
  for (const selector of chosen) expect(pod).not.toMatchObject(selector);
});

const jobOf = (values: object, release: string): string =>
  ofKind(render({ values, release }), 'ServiceMonitor')[0]!.spec.endpoints[0].relabelings.find(
    ({ targetLabel }: { targetLabel: string }) => targetLabel === 'job',
  ).replacement;

it('scrapes each release as a job of its own, that the alerts find', () => {
  const found = new RegExp(`^(?:${/"(.+)"/.exec(JOBS)![1]})$`);
  const overridden = { ...MONITORED, nameOverride: 'llm', fullnameOverride: 'gateway' };
  const jobs = [jobOf(MONITORED, 'blue'), jobOf(MONITORED, 'green'), jobOf(overridden, 'blue')];
  expect(jobs).toEqual(['blue-sluice', 'green-sluice', 'sluice-gateway']);
  for (const job of jobs) expect(job).toMatch(found);
});

it('scrapes a pod that goes for as long as it has streams, by a service that nobody else uses', () => {
  const resources = render({ values: MONITORED });
  const { matchLabels } = ofKind(resources, 'ServiceMonitor')[0]!.spec.selector;
  const found = ofKind(resources, 'Service').filter(({ metadata }) =>
    Object.entries(matchLabels).every(([name, value]) => metadata.labels[name] === value),
  );
  expect(found.map(({ spec }) => [spec.clusterIP, spec.publishNotReadyAddresses])).toEqual([['None', true]]);
  const others = ofKind(resources, 'Service').filter((service) => service !== found[0]);
  expect(others.map(({ spec }) => spec.publishNotReadyAddresses)).toEqual([undefined, undefined]);
});

it('calls a gateway by its pod, before what you relabel yourself', () => {
  const own = { action: 'labeldrop', regex: 'pod_template_hash' };
  const values = { ...MONITORED, serviceMonitor: { enabled: true, relabelings: [own] } };
  const { relabelings } = ofKind(render({ values }), 'ServiceMonitor')[0]!.spec.endpoints[0];
  expect(relabelings[1]).toEqual({ sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'instance' });
  expect(relabelings.at(-1)).toEqual(own);
});

it('reaches providers by IPv6, too, and no private address of it', () => {
  const { egress } = ofKind(render({ values: { networkPolicy: { enabled: true } } }), 'NetworkPolicy')[0]!.spec;
  const blocks = egress.flatMap(({ to }: { to: { ipBlock?: { cidr: string } }[] }) => to);
  expect(blocks).toContainEqual({ ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10'] } });
});

it.each([
  [3_570, '3600s'],
  [99_970, '27h2800s'],
  [1_800_000, '500h30s'],
])('a route waits for streams of %d seconds in the form of the Gateway API', (longestStreamSeconds, expected) => {
  const values = { drain: { longestStreamSeconds }, httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } };
  const { request } = ofKind(render({ values }), 'HTTPRoute')[0]!.spec.rules[0].timeouts;
  expect(request).toBe(expected);
  expect(request).toMatch(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/);
});

it('scales by the CPU of the gateway alone', () => {
  const { metrics } = ofKind(render({ file: 'hpa-cpu-values.yaml' }), 'HorizontalPodAutoscaler')[0]!.spec;
  const { container } = metrics[0].containerResource;
  expect(gatewayContainer(render({ file: 'hpa-cpu-values.yaml' })).name).toBe(container);
});

it('says where files of records may have their pod evicted', () => {
  const config = { record: { files: { directory: 'data/records' } } };
  expect(notes({ ...POSTGRES, config })).toMatch(/beyond spool\.sizeLimit \(1Gi\) is evicted/);
  expect(notes({ ...POSTGRES, config, spool: { persistent: true } })).not.toMatch(/evicted/);
});

it('says where a network policy lets too little through', () => {
  const closed = { networkPolicy: { enabled: true } };
  expect(notes({ ...closed, service: { type: 'LoadBalancer' } })).toMatch(/networkPolicy\.gatewayFrom is empty/);
  expect(notes({ ...closed, config: { telemetry: {} } })).toMatch(/collector in the cluster is not reached/);
  expect(notes(closed)).not.toMatch(/networkPolicy/);
});
