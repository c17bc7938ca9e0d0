/** The values of the chart: what stands in `helm/sluice/values.yaml`, each with its meaning. */
import { z } from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;

const object = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject(shape);

/** Kubernetes' own form, checked by Kubernetes. */
const kubernetesMap = () => z.record(z.string(), z.unknown());
const kubernetesList = () => z.array(kubernetesMap());
const labels = () => z.record(z.string(), z.string());
const text = () => z.string();
const flag = () => z.boolean();
const count = (minimum = 0, maximum = 1_000_000) => z.int().min(minimum).max(maximum);
const port = () => count(1, 65_535);
/** Above 1024: the container may not bind a port that is privileged. */
const containerPort = () => count(1024, 65_535);
const quantity = () => z.string().regex(/^[0-9.]+([EPTGMk]i?|m)?$/);
const secretName = () => z.string().regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/);
const oneOrMore = (maximum: number) => count(1, maximum);
const numberOrPercent = () => z.union([count(), z.string().regex(/^[0-9]{1,3}%$/)]);
const variableNames = () => z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);

const existingSecret = (holds: string) =>
  object({
    name: secretName().describe(`Name of a Secret of yours that holds ${holds}; empty: the chart makes one.`),
    key: z.string().min(1).describe('Its key.'),
  });

const storeLike = (what: string, form: string) =>
  object({
    url: text().describe(`\`${form}\`; put into a Secret. \`existingSecret\` keeps it out of the values.`),
    existingSecret: existingSecret(`the URL of the ${what}`),
  });

const probe = () =>
  object({ periodSeconds: oneOrMore(3600), timeoutSeconds: oneOrMore(3600), failureThreshold: oneOrMore(10_000) });

const egressTo = (what: string) =>
  object({
    to: kubernetesList().describe(
      `Peers that are the ${what}; needed where it is one that is reached over the network.`,
    ),
    port: port().describe('Its port.'),
  });

const workload = {
  nameOverride: z
    .string()
    .max(63)
    .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/)
    .describe("Instead of the chart's name in labels and names."),
  fullnameOverride: z
    .string()
    .max(52)
    .regex(/^([a-z]([-a-z0-9]*[a-z0-9])?)?$/)
    .describe('Name of everything that is made; empty: from the release.'),
  image: object({
    repository: z.string().min(1).describe('Where the image is, without a tag.'),
    tag: text().describe("Empty: the chart's `appVersion`."),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .describe('`sha256:…`: exactly this image, whatever the tag says.'),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
  }).describe('The image that `docker build` makes of the repository.'),
  imagePullSecrets: z.array(object({ name: z.string().min(1) })).describe('Secrets for a private registry.'),
  configReload: z
    .enum(['restart', 'live'])
    .describe(
      '`restart`: a changed configuration rolls the pods. `live`: they take it over while they run, within about a minute; only what needs a restart rolls them.',
    ),
  listenAddress: z.enum(['0.0.0.0', '::']).describe('What both ports listen on; `::` in clusters that have IPv6.'),
  ports: object({
    gateway: containerPort().describe('What apps call.'),
    admin: containerPort().describe('Admin API, metrics, health.'),
  }).describe('Ports of the container.'),
  replicaCount: count(0, 1000).describe(
    '0: 1 with SQLite, which allows no more, else 2. Without meaning while `autoscaling` is on.',
  ),
};

const storage = {
  store: object({
    type: z.enum(['sqlite', 'postgres']).describe('`sqlite`: a StatefulSet of one. `postgres`: a Deployment.'),
    postgres: storeLike('store', 'postgres://USER:PASSWORD@HOST:5432/DATABASE'),
  }).describe('Where rollouts, keys, the audit trail and records are kept.'),
  counters: object({
    type: z
      .enum(['memory', 'redis'])
      .describe('`memory`: every replica for itself. `redis`: Redis or Valkey, for all together.'),
    redis: storeLike('counters', 'redis://:PASSWORD@HOST:6379'),
  }).describe('Where limits and budgets are counted.'),
  persistence: object({
    enabled: flag().describe('false: the SQLite file goes with the pod.'),
    size: quantity(),
    storageClass: text().describe("Empty: the cluster's default."),
    accessModes: z.array(z.enum(['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany'])).min(1),
    existingClaim: text().describe('A claim of yours instead of one of the StatefulSet.'),
    annotations: labels(),
    whenDeleted: z.enum(['Retain', 'Delete']).describe('What becomes of the volume when the release is removed.'),
  }).describe('The volume of the SQLite file, or with `spool.persistent` of the spool of each replica.'),
  spool: object({
    persistent: flag().describe(
      'Each replica keeps its spool on a volume of its own, as `persistence` says: a StatefulSet instead of a Deployment. What waits then outlives the pod.',
    ),
    volume: kubernetesMap().describe(
      'A volume source; empty: an `emptyDir`. Either outlives a container, neither (`ephemeral`, too) the pod.',
    ),
    sizeLimit: quantity().describe('Of the `emptyDir`.'),
  }).describe('With Postgres: where audit entries and records wait while it is away.'),
};

const secrets = {
  admin: object({
    token: z
      .string()
      .regex(/^([\x21-\x7e]{16,})?$/)
      .describe(
        'At least 16 characters. Empty: the chart makes one and keeps it (not with tools that only render: name a Secret there).',
      ),
    existingSecret: existingSecret('the admin token'),
  }).describe('The token of the admin API.'),
  providerKeys: object({
    values: z.record(variableNames(), z.string()).describe('Variables by name, put into a Secret.'),
    existingSecrets: z
      .array(secretName().min(1))
      .describe('Secrets of yours whose keys are variables, e.g. `OPENAI_API_KEY`.'),
  }).describe('The variables that `${NAME}` in `config` reads.'),
};

const access = {
  service: object({
    type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']),
    port: port(),
    nodePort: count(0, 65_535).describe('0: one that Kubernetes chooses.'),
    annotations: labels(),
    labels: labels(),
    trafficDistribution: z.enum(['', 'PreferClose', 'PreferSameZone', 'PreferSameNode']),
    externalTrafficPolicy: z.enum(['', 'Cluster', 'Local']).describe('`Local`: the addresses of callers are kept.'),
    loadBalancerSourceRanges: z.array(z.string().min(1)).describe('Who may come through the load balancer.'),
    ipFamilyPolicy: z
      .enum(['', 'SingleStack', 'PreferDualStack', 'RequireDualStack'])
      .describe('Beside it `listenAddress: "::"`.'),
  }).describe('What apps call.'),
  adminService: object({ port: port(), annotations: labels() }).describe(
    "The operators' side: always `ClusterIP`, apart from what is exposed.",
  ),
  ingress: object({
    enabled: flag(),
    className: text(),
    annotations: labels().describe('Let streams through: docs/kubernetes.md has those of nginx.'),
    hosts: z.array(
      object({ host: z.string().min(1), path: z.string().startsWith('/').optional().describe('Default `/v1`.') }),
    ),
    tls: kubernetesList(),
  }).describe('An Ingress for the data plane.'),
  httpRoute: object({
    enabled: flag(),
    parentRefs: kubernetesList().describe('The Gateways that it hangs on.'),
    hostnames: z.array(z.string()),
    annotations: labels(),
    path: z.string().startsWith('/').describe('Prefix of what goes to the gateway.'),
    filters: kubernetesList(),
  }).describe('An HTTPRoute of the Gateway API, with a timeout longer than the longest stream.'),
};

const scaling = {
  autoscaling: object({
    enabled: flag().describe('Needs Postgres.'),
    minReplicas: oneOrMore(1000),
    maxReplicas: oneOrMore(1000),
    cpu: count(0, 100).describe('Percent of the requested CPU; 0: not by CPU.'),
    inflight: count(0, 100_000).describe(
      'Requests in flight per pod, by the metric `sluice_inflight_requests`, which an adapter has to serve; 0: not by them.',
    ),
    metrics: kubernetesList().describe('More metrics, as in `autoscaling/v2`.'),
    scaleDownStabilizationSeconds: count(0, 3600),
    scaleDownPods: oneOrMore(1000).describe('So many pods go at most …'),
    scaleDownPeriodSeconds: oneOrMore(1800).describe('… in so long.'),
  }).describe('A HorizontalPodAutoscaler.'),
  podDisruptionBudget: object({ enabled: flag(), maxUnavailable: numberOrPercent() }).describe(
    'With Postgres. A single replica on SQLite has none: it would keep its node from ever being emptied.',
  ),
  topologySpread: object({
    enabled: flag(),
    topologyKeys: z.array(z.string().min(1)),
    whenUnsatisfiable: z.enum(['ScheduleAnyway', 'DoNotSchedule']),
  }).describe('Replicas apart from each other.'),
  topologySpreadConstraints: kubernetesList().describe('Instead of `topologySpread`, in full.'),
  deploymentStrategy: object({
    rollingUpdate: object({ maxUnavailable: numberOrPercent(), maxSurge: numberOrPercent() }),
  }).describe('How the Deployment is rolled.'),
  drain: object({
    preStopSeconds: count(0, 600).describe('Between the order to go and SIGTERM, so that load balancers learn of it.'),
    marginSeconds: count(5, 3600).describe('Added to the grace period.'),
    longestStreamSeconds: count(0, 500 * 3600).describe('0: the longest `timeouts.total` in `config`.'),
  }).describe(
    'terminationGracePeriodSeconds = preStopSeconds + drainDelay + `config.gateway.timeouts.drain` + marginSeconds; `drain` is the longest stream unless `config` says otherwise.',
  ),
};

const network = {
  networkPolicy: object({
    enabled: flag(),
    gatewayFrom: kubernetesList().describe("Who may call; empty: pods of the release's namespace."),
    adminFrom: kubernetesList().describe(
      "Who may reach the operators' port: Prometheus, an admin's namespace; empty: only the test.",
    ),
    dns: object({ to: kubernetesList(), ports: z.array(port()) }),
    providers: object({
      blocks: z
        .array(object({ cidr: z.string().min(1), except: z.array(z.string()).optional() }))
        .describe('Of IPv4 and of IPv6; private and link-local addresses are not among them.'),
      ports: z.array(port()),
    }).describe('Where providers are.'),
    store: egressTo('store'),
    counters: egressTo('counters'),
    extraIngress: kubernetesList(),
    extraEgress: kubernetesList(),
  }).describe('Denies everything, both ways, but what stands here.'),
};

const monitoring = {
  serviceMonitor: object({
    enabled: flag(),
    interval: z.string().regex(/^[0-9]+(ms|s|m|h)$/),
    scrapeTimeout: z.string().regex(/^[0-9]+(ms|s|m|h)$/),
    labels: labels(),
    relabelings: kubernetesList(),
    metricRelabelings: kubernetesList(),
  }).describe('For the Prometheus operator.'),
  prometheusRule: object({ enabled: flag(), labels: labels(), extraGroups: kubernetesList() }).describe(
    "The chart's alerts, and groups of yours.",
  ),
  dashboards: object({
    enabled: flag(),
    labels: labels().describe("What Grafana's sidecar looks for."),
    annotations: labels().describe('E.g. `grafana_folder`.'),
  }).describe('A ConfigMap for each dashboard.'),
};

const pod = {
  probes: object({ startup: probe(), liveness: probe(), readiness: probe() }).describe(
    '`/livez`, `/livez`, `/readyz`.',
  ),
  resources: kubernetesMap().describe('Of the container. The memory limit bounds the heap, too.'),
  podSecurityContext: kubernetesMap(),
  securityContext: kubernetesMap(),
  tmp: object({ sizeLimit: quantity() }).describe('`/tmp`, the only place beside the data that can be written.'),
  serviceAccount: object({ create: flag(), name: text(), annotations: labels() }).describe(
    'Its token is never mounted.',
  ),
  extraEnv: kubernetesList(),
  extraEnvFrom: kubernetesList(),
  extraVolumes: kubernetesList(),
  extraVolumeMounts: kubernetesList(),
  extraContainers: kubernetesList(),
  initContainers: kubernetesList(),
  commonLabels: labels().describe('Of everything.'),
  podLabels: labels(),
  podAnnotations: labels(),
  priorityClassName: text(),
  nodeSelector: labels(),
  tolerations: kubernetesList(),
  affinity: kubernetesMap(),
  testPod: object({ enabled: flag() }).describe('The pod of `helm test`.'),
};

const values = object({
  ...workload,
  ...storage,
  ...secrets,
  ...access,
  ...scaling,
  ...network,
  ...monitoring,
  ...pod,
});

/** A file on SQLite has one writer. */
const SQLITE_IS_ALONE: JsonSchema = {
  anyOf: [
    { properties: { store: { properties: { type: { not: { const: 'sqlite' } } } } } },
    { properties: { replicaCount: { enum: [0, 1] }, autoscaling: { properties: { enabled: { const: false } } } } },
  ],
};

/** What the chart says of the configuration itself. */
const OF_THE_CHART: Readonly<Record<string, readonly string[]>> = {
  gateway: ['host', 'port'],
  admin: ['host', 'port', 'token'],
};

/** @param config the JSON Schema of the configuration file */
export function valuesSchema(config: JsonSchema): JsonSchema {
  const own = z.toJSONSchema(values, { io: 'input', target: 'draft-7' });
  const chartValues = own.properties as Record<string, JsonSchema>;
  return {
    ...own,
    // `global` is Helm's own.
    properties: { global: { type: 'object' }, ...chartValues, config: embedded(config) },
    allOf: [SQLITE_IS_ALONE],
  } as JsonSchema;
}

/** The configuration without what the chart sets; its references point to where it stands now. */
function embedded(config: JsonSchema): JsonSchema {
  const moved = JSON.stringify(config).replaceAll('"#/definitions/', '"#/properties/config/definitions/');
  const { $schema: _, ...schema } = JSON.parse(moved) as JsonSchema & { properties: Record<string, JsonSchema> };
  const { store: _store, counters: _counters, ...properties } = schema.properties;
  for (const [section, names] of Object.entries(OF_THE_CHART)) {
    const inner = properties[section]!.properties!;
    for (const name of names) delete inner[name];
  }
  const description =
    'The configuration file (docs/reference/configuration.md), but hosts, ports, admin token, store and counters, which are values of their own.';
  return { description, ...schema, properties } as JsonSchema;
}
