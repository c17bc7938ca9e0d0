import { describe, expect, it } from 'vitest';
import { checkParts } from '../../src/check-parts.ts';
import { parseConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import {
  configOf,
  configText,
  gatewayContainer,
  invalid,
  lint,
  ofKind,
  render,
  renderText,
  valuesFiles,
  valuesOf,
  workload,
  type Labels,
  type Resource,
} from './chart.ts';

const SECRETS: Readonly<Record<string, string>> = {
  SLUICE_STORE_URL: 'postgres://sluice:example@db:5432/sluice',
  SLUICE_COUNTERS_URL: 'redis://:example@valkey:6379',
};

describe.each(valuesFiles)('%s', (file) => {
  const text = renderText({ file });
  const resources = render({ file });
  const pod = workload(resources).spec.template;
  const container = gatewayContainer(resources);
  const config = configOf(resources);

  it('passes helm lint', () => {
    expect(lint(file)).toMatchObject({ status: 0, stdout: expect.stringContaining('0 chart(s) failed') });
  });

  it('is valid by the schemas of Kubernetes, unknown fields and missing schemas included', () => {
    expect(invalid(text)).toEqual([]);
  });

  it('leaves no value out that a template asked for', () => {
    expect(text).not.toMatch(/<no value>|<nil>|%!/);
  });

  it('makes a configuration that the gateway accepts', () => {
    expect(problemsOf(configText(resources))).toEqual([]);
  });

  it('gives the pod every variable that the configuration reads', () => {
    const { providerKeys, extraEnv = [], extraEnvFrom = [] } = valuesOf(file) as PodVariables;
    const given = [...container.env, ...extraEnv].map(({ name }: { name: string }) => name);
    const isKnown = (providerKeys?.existingSecrets ?? []).length === 0 && extraEnvFrom.length === 0;
    const needed = isKnown ? variables(configText(resources)) : ['SLUICE_ADMIN_TOKEN'];
    expect([...given, ...Object.keys(providerKeys?.values ?? {})]).toEqual(expect.arrayContaining(needed));
  });

  it('gives a pod that goes longer than its streams may last', () => {
    const { drain, drainDelay } = config.gateway.timeouts;
    const hook = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
    const grace = pod.spec.terminationGracePeriodSeconds;
    expect(grace).toBeGreaterThan(hook + seconds(drainDelay) + seconds(drain));
    const isOwn = valuesOf(file)?.config?.gateway?.timeouts?.drain !== undefined;
    expect(seconds(drain)).toBeGreaterThanOrEqual(isOwn ? 1 : longestStream(config));
  });

  it('tells load balancers before it stops', () => {
    const hook = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
    expect(hook + seconds(config.gateway.timeouts.drainDelay)).toBeGreaterThanOrEqual(5);
  });

  it('puts no secret where it is no Secret', () => {
    const secret = ofKind(resources, 'Secret').flatMap(({ data }) => Object.values(data!));
    const plain = secret.map((value) => Buffer.from(value, 'base64').toString());
    const others = JSON.stringify(resources.filter(({ kind }) => kind !== 'Secret'));
    for (const value of [...secret, ...plain]) expect(others).not.toContain(value);
    expect(configOf(resources).admin.token).toBe('${SLUICE_ADMIN_TOKEN}');
  });

  it('selects the pods of the gateway and no other', () => {
    const chosen = selectors(resources);
    const test = ofKind(resources, 'Pod')[0]!.metadata.labels;
    for (const selector of chosen) {
      expect(pod.metadata.labels).toMatchObject(selector);
      expect(isSelected(test, selector)).toBe(false);
    }
    expect(chosen.length).toBeGreaterThanOrEqual(3);
  });

  it('names ports that are there', () => {
    const names = container.ports.map(({ name }: { name: string }) => name);
    const numbers = container.ports.map(({ containerPort }: { containerPort: number }) => containerPort);
    expect(numbers).toEqual([config.gateway.port, config.admin.port]);
    const targets = ofKind(resources, 'Service').flatMap(({ spec }) =>
      spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort),
    );
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
    expect(names).toEqual(expect.arrayContaining([...targets, ...probes.map(({ httpGet }) => httpGet.port)]));
  });

  it('sends routes and scrapes to ports of services that are there', () => {
    for (const [service, port] of backends(resources)) {
      const found = ofKind(resources, 'Service').find(({ metadata }) => metadata.name === service);
      const ports = found?.spec.ports.flatMap((one: { name: string; port: number }) => [one.name, one.port]);
      expect(ports).toContain(port);
    }
  });

  it('never exposes the port of the operators', () => {
    const admin = ofKind(resources, 'Service').filter(({ spec }) => targetsAdmin(spec));
    expect(new Set(admin.map(({ spec }) => spec.type))).toEqual(new Set(['ClusterIP']));
    for (const [service] of backends(resources.filter(({ kind }) => kind !== 'ServiceMonitor')))
      expect(admin.map(({ metadata }) => metadata.name)).not.toContain(service);
  });

  it('runs without root, privileges, a writable root or a token of the cluster', () => {
    const test = ofKind(resources, 'Pod')[0]!.spec;
    for (const spec of [pod.spec, test]) {
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(spec.securityContext.runAsUser).toBeGreaterThan(0);
      expect(spec.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    for (const account of ofKind(resources, 'ServiceAccount'))
      expect(account).toMatchObject({ automountServiceAccountToken: false });
  });

  it('writes only where a volume is', () => {
    const mounts = container.volumeMounts as { name: string; mountPath: string; readOnly?: boolean }[];
    const claims = workload(resources).spec.volumeClaimTemplates ?? [];
    const volumes = [...pod.spec.volumes.map(named), ...claims.map(({ metadata }: Resource) => metadata.name)];
    expect(volumes).toEqual(expect.arrayContaining(mounts.map(named)));
    expect(new Set(volumes).size).toBe(volumes.length);
    const writable = mounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath);
    expect(writable).toEqual(['/app/data', '/tmp']);
    const paths = [config.audit.spool, ...(config.store.startsWith('sqlite:') ? [config.store.slice(7)] : [])];
    for (const path of paths) expect(path).toMatch(/^\/app\/data\//);
  });

  it('gives everything a name of its own, and labels that tell whose it is', () => {
    const names = resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { metadata } of resources) {
      expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/instance': 'r', 'app.kubernetes.io/name': 'sluice' });
    }
  });
});

interface PodVariables {
  readonly providerKeys?: { readonly values?: Labels; readonly existingSecrets?: readonly string[] };
  readonly extraEnv?: readonly { readonly name: string }[];
  readonly extraEnvFrom?: readonly object[];
}

const named = ({ name }: { name: string }): string => name;

/** Those without a default. */
function variables(text: string): string[] {
  return [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name]) => name!);
}

function problemsOf(text: string): string[] {
  const environment = Object.fromEntries(variables(text).map((name) => [name, SECRETS[name] ?? 'example']));
  try {
    parseConfig(Buffer.from(text), 'sluice.yaml', environment, checkParts);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path} ${message}`);
  }
}

function seconds(duration: string): number {
  const [, amount, unit] = /^([0-9.]+)(ms|s|m|h)$/.exec(duration)!;
  return Number(amount) * { ms: 0.001, s: 1, m: 60, h: 3600 }[unit as 's'];
}

interface WithTimeouts {
  readonly timeouts?: { readonly total?: string };
}

function longestStream(config: { upstream?: WithTimeouts; providers: Record<string, WithTimeouts> }): number {
  const all = [config.upstream, ...Object.values(config.providers)];
  return Math.max(
    seconds(config.upstream?.timeouts?.total ?? '1h'),
    ...all.map((one) => seconds(one?.timeouts?.total ?? '0s')),
  );
}

/** Of everything that chooses pods of the gateway. */
function selectors(resources: readonly Resource[]): Labels[] {
  const services = ofKind(resources, 'Service').map(({ spec }) => spec.selector as Labels);
  const byLabels = resources.filter(({ kind }) => ['Deployment', 'StatefulSet', 'PodDisruptionBudget'].includes(kind));
  const policies = ofKind(resources, 'NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels as Labels);
  return [...services, ...byLabels.map(({ spec }) => spec.selector.matchLabels as Labels), ...policies];
}

function isSelected(labels: Labels, selector: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

/** Services and their ports, by whatever sends traffic to them. */
function backends(resources: readonly Resource[]): [string, string | number][] {
  const ingresses = ofKind(resources, 'Ingress')
    .flatMap(({ spec }) => spec.rules)
    .flatMap(({ http }) => http.paths)
    .map(({ backend }): [string, string] => [backend.service.name, backend.service.port.name]);
  const routes = ofKind(resources, 'HTTPRoute')
    .flatMap(({ spec }) => spec.rules)
    .flatMap(({ backendRefs }) => backendRefs)
    .map(({ name, port }): [string, number] => [name, port]);
  const scrapes = ofKind(resources, 'ServiceMonitor').flatMap(({ spec }) =>
    ofKind(resources, 'Service')
      .filter(({ metadata }) => isSelected(metadata.labels, spec.selector.matchLabels))
      .map(({ metadata }): [string, string] => [metadata.name, spec.endpoints[0].port]),
  );
  return [...ingresses, ...routes, ...scrapes];
}

function targetsAdmin({ ports }: Resource['spec']): boolean {
  return ports.some(({ targetPort }: { targetPort: string }) => targetPort === 'admin');
}
