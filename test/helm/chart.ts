import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { goTool, HELM, KUBECONFORM } from '../../scripts/helm/go-tools.ts';
import { kubernetesSchemas } from '../../scripts/helm/kubernetes-schemas.ts';

export const CHART = fileURLToPath(new URL('../../helm/sluice', import.meta.url));
const VALUES_FOLDER = join(CHART, 'ci');

export type Labels = Readonly<Record<string, string>>;

/* oxlint-disable-next-line typescript/no-explicit-any -- manifests have been checked against their schemas */
type Loose = any;

export interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Labels; readonly annotations?: Labels };
  readonly spec: Loose;
  readonly data?: Labels;
}

export const valuesFiles = readdirSync(VALUES_FOLDER).sort();

export function valuesOf(file: string): Loose {
  return parse(readFileSync(join(VALUES_FOLDER, file), 'utf8'));
}

interface Rendering {
  /** Of `ci/`. */
  readonly file?: string;
  readonly values?: object;
  readonly kubernetes?: string;
  readonly chart?: string;
  readonly release?: string;
}

/** @throws Error with what helm says */
export function renderText(options: Rendering): string {
  const { status, stdout, stderr } = helm(['template', ...renderArguments(options)], options.values);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

export function render(options: Rendering): readonly Resource[] {
  return parseAllDocuments(renderText(options))
    .map((document) => document.toJS() as Resource | null)
    .filter((resource) => resource !== null);
}

/** What helm says where the values are refused. */
export function refusal(values: object): string {
  const { status, stderr } = helm(['template', ...renderArguments({ values })], values);
  return status === 0 ? 'it is not refused' : stderr;
}

/** What is told after an installation. */
export function notes(values: object): string {
  const { stdout, stderr } = helm(['install', '--dry-run=client', ...renderArguments({ values })], values);
  return stdout.split('NOTES:')[1] ?? `no notes: ${stderr}`;
}

function renderArguments({ file, values, kubernetes, chart = CHART, release = 'r' }: Rendering): string[] {
  return [
    release,
    chart,
    '--namespace=llm',
    ...(file === undefined ? [] : ['--values', join(VALUES_FOLDER, file)]),
    ...(values === undefined ? [] : ['--values', '-']),
    ...(kubernetes === undefined ? [] : ['--kube-version', kubernetes]),
  ];
}

export function lint(file: string): { readonly status: number | null; readonly stdout: string } {
  return helm(['lint', '--strict', CHART, '--values', join(VALUES_FOLDER, file)]);
}

export function helm(args: readonly string[], input?: object) {
  const text = input === undefined ? '' : JSON.stringify(input);
  return spawnSync(goTool(HELM), args, { encoding: 'utf8', input: text, maxBuffer: 16 * 1024 * 1024 });
}

/** What is wrong by the schemas of Kubernetes; empty: nothing. */
export function invalid(manifests: string): string[] {
  const { stdout, stderr } = spawnSync(
    goTool(KUBECONFORM),
    ['-strict', '-output', 'json', '-schema-location', kubernetesSchemas()],
    { encoding: 'utf8', input: manifests },
  );
  if (stdout === '') throw new Error(stderr);
  const { resources = [] } = JSON.parse(stdout) as { resources?: { kind: string; name: string; msg: string }[] };
  return resources.map(({ kind, name, msg }) => `${kind} ${name}: ${msg}`);
}

export function ofKind(resources: readonly Resource[], kind: string): Resource[] {
  return resources.filter((resource) => resource.kind === kind);
}

/** The Deployment or StatefulSet. */
export function workload(resources: readonly Resource[]): Resource {
  return resources.find(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')!;
}

export function gatewayContainer(resources: readonly Resource[]): Loose {
  return workload(resources).spec.template.spec.containers[0];
}

/** The configuration file that the gateway gets. */
export function configText(resources: readonly Resource[]): string {
  const texts = ofKind(resources, 'ConfigMap').map(({ data }) => data?.['sluice.yaml']);
  return texts.find((text) => text !== undefined)!;
}

export function configOf(resources: readonly Resource[]): Loose {
  return parse(configText(resources));
}

/** A chart like ours with other dashboards and rules; gone when the test ends. */
export function chartWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chart-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const isKept = (path: string) => !/\/(dashboards|rules)\/.+/.test(path.slice(CHART.length));
  cpSync(CHART, folder, { recursive: true, filter: isKept });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  return folder;
}
