/** JSON Schemas of the kinds that the chart makes, from the sources of Kubernetes and of two operators' resources. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { cacheFolder, fillFolder, moduleFile } from './go-tools.ts';

interface Schema {
  readonly [name: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface KindOfResource {
  readonly group: string;
  readonly kind: string;
  readonly version: string;
}

const KUBERNETES = { module: 'k8s.io/kubernetes', version: 'v1.36.3', path: 'api/openapi-spec/swagger.json' };
const OPERATOR = {
  module: 'github.com/prometheus-operator/prometheus-operator',
  version: 'v0.85.0',
  folder: 'example/prometheus-operator-crd/monitoring.coreos.com_',
};
const GATEWAY_API = {
  module: 'sigs.k8s.io/gateway-api',
  version: 'v1.6.3',
  folder: 'config/crd/standard/gateway.networking.k8s.io_',
};
const CUSTOM_RESOURCES = [
  { ...OPERATOR, resource: 'servicemonitors' },
  { ...OPERATOR, resource: 'prometheusrules' },
  { ...GATEWAY_API, resource: 'httproutes' },
];

/** Swagger 2.0 has no words for values of two types. */
const OF_TWO_TYPES: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
};

/** @returns the folder of the schemas, as kubeconform's `-schema-location` names a file in it */
export function kubernetesSchemas(): string {
  const versions = [KUBERNETES, OPERATOR, GATEWAY_API].map(({ version }) => version).join('_');
  const folder = cacheFolder(`kubernetes-schemas-${versions}`);
  if (!existsSync(folder)) fillFolder(folder, writeSchemas);
  return join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}

function writeSchemas(folder: string): void {
  const write = (kind: KindOfResource, schema: Schema): void =>
    writeFileSync(join(folder, fileName(kind)), JSON.stringify(schema));
  builtIn(write);
  for (const { module, version, folder: path, resource } of CUSTOM_RESOURCES)
    custom(parse(moduleFile(module, version, `${path}${resource}.yaml`)) as CustomResource, write);
}

type Write = (kind: KindOfResource, schema: Schema) => void;

/** kubeconform's own naming: `deployment-apps-v1.json`, `service-v1.json`, `httproute-gateway-v1.json`. */
function fileName({ group, kind, version }: KindOfResource): string {
  return [kind, group.split('.')[0], version].filter(Boolean).join('-').toLowerCase() + '.json';
}

function builtIn(write: Write): void {
  const text = moduleFile(KUBERNETES.module, KUBERNETES.version, KUBERNETES.path);
  const { definitions } = JSON.parse(text) as { definitions: Record<string, Schema> };
  const closed: Record<string, Schema> = {};
  for (const [name, schema] of Object.entries(definitions)) closed[name] = OF_TWO_TYPES[name] ?? strict(schema);
  for (const [name, schema] of Object.entries(definitions)) {
    for (const kind of (schema['x-kubernetes-group-version-kind'] ?? []) as KindOfResource[])
      write(kind, { $ref: `#/definitions/${name}`, definitions: reachable(name, closed) });
  }
}

/** A definition and all that it refers to. */
function reachable(root: string, all: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const found: Record<string, Schema> = {};
  const waiting = [root];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in found) continue;
    found[name] = all[name]!;
    for (const [, next] of JSON.stringify(all[name]).matchAll(/"#\/definitions\/([^"]+)"/g)) waiting.push(next!);
  }
  return found;
}

interface CustomResource {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

function custom({ spec }: CustomResource, write: Write): void {
  for (const { name, schema } of spec.versions) {
    const { properties, ...rest } = schema.openAPIV3Schema;
    // Only the API server knows what stands there.
    const metadata = { type: 'object' };
    write(
      { group: spec.group, kind: spec.names.kind, version: name },
      strict({ ...rest, properties: { ...properties, metadata } }),
    );
  }
}

/** Unknown fields are errors, as `kubectl` has it: the API server would drop them without a word. */
function strict(value: Schema): Schema {
  const inner = Object.fromEntries(Object.entries(value).map(([name, below]) => [name, strictBelow(below)]));
  const isOpen = value['additionalProperties'] !== undefined || value['x-kubernetes-preserve-unknown-fields'] === true;
  const isMetadata = value['type'] === 'object' && value.properties === undefined;
  return value.properties === undefined || isOpen || isMetadata ? inner : { ...inner, additionalProperties: false };
}

function strictBelow(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strictBelow);
  return typeof value === 'object' && value !== null ? strict(value as Schema) : value;
}
