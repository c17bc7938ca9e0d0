import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { COMPOSE, goTool } from '../../scripts/helm/go-tools.ts';
import { checkParts } from '../../src/check-parts.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { parseConfig } from '../../src/config/load.ts';

const FOLDER = resolve(import.meta.dirname, '../../examples/compose');
interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly host_ip?: string; readonly published: string; readonly target: number }[];
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly target: string }[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly stop_grace_period?: string;
}

/** As `docker compose config` would have it. */
function composed(): Readonly<Record<string, Service>> {
  const { status, stdout, stderr } = spawnSync(goTool(COMPOSE), ['-format', 'json', 'compose.yaml'], {
    cwd: FOLDER,
    env: { ...process.env, COMPOSE_PROFILES: 'traffic' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { services: Record<string, Service> }).services;
}

const read = (path: string): string => readFileSync(join(FOLDER, path), 'utf8');
const services = composed();
const gateways = ['gateway-a', 'gateway-b'].map((name) => services[name]!);

it('is a project that Compose accepts, with two gateways and what they need', () => {
  expect(Object.keys(services).sort()).toEqual(
    ['gateway-a', 'gateway-b', 'grafana', 'postgres', 'prometheus', 'simulator', 'traffic', 'valkey'].sort(),
  );
  for (const { depends_on } of gateways)
    expect(Object.keys(depends_on!)).toEqual(expect.arrayContaining(['postgres', 'simulator', 'valkey']));
});

it('mounts only files and folders that are there', () => {
  const binds = Object.values(services).flatMap(({ volumes = [] }) => volumes.filter(({ type }) => type === 'bind'));
  expect(binds.length).toBeGreaterThan(5);
  expect(binds.map(({ source }) => source).filter((source) => !existsSync(source))).toEqual([]);
});

it('listens on this machine only', () => {
  const ports = Object.values(services).flatMap(({ ports = [] }) => ports);
  expect(new Set(ports.map(({ host_ip }) => host_ip))).toEqual(new Set(['127.0.0.1']));
  expect(new Set(ports.map(({ published }) => published)).size).toBe(ports.length);
});

it('gives both gateways a configuration that they accept, on the same stores', () => {
  const [first, second] = gateways;
  expect(first!.environment).toEqual(second!.environment);
  expect(problemsOf(first!.environment!)).toEqual([]);
});

function problemsOf(environment: Readonly<Record<string, string>>): string[] {
  try {
    const { warnings } = parseConfig(Buffer.from(read('gateway.yaml')), 'gateway.yaml', environment, checkParts);
    return warnings.map(({ message }) => message);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}

it('lets open streams end before it stops a gateway', () => {
  const { gateway } = parse(read('gateway.yaml')) as { gateway: { timeouts: { drain: string } } };
  const drain = Number.parseInt(gateway.timeouts.drain, 10);
  for (const { stop_grace_period } of gateways) expect(graceSeconds(stop_grace_period!)).toBeGreaterThan(drain + 1);
});

function graceSeconds(period: string): number {
  const [, minutes = '0', seconds = '0'] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(period)!;
  return Number(minutes) * 60 + Number(seconds);
}

it('scrapes the operators port of both gateways, and reads the rules of the chart', () => {
  const { scrape_configs, rule_files } = parse(read('prometheus.yml'));
  expect(scrape_configs[0].static_configs[0].targets).toEqual(['gateway-a:8081', 'gateway-b:8081']);
  const rules = services['prometheus']!.volumes!.find(({ source }) => source.endsWith('helm/sluice/rules'))!;
  expect(rule_files).toEqual([`${rules.target}/*.yaml`]);
});

it('shows the dashboards of the chart on a source that is there', () => {
  const { providers } = parse(read('grafana/dashboards/provider.yaml'));
  const mount = services['grafana']!.volumes!.find(({ source }) => source.endsWith('helm/sluice/dashboards'))!;
  expect(providers[0].options.path).toBe(mount.target);
  expect(parse(read('grafana/datasources/prometheus.yaml')).datasources[0].url).toBe('http://prometheus:9090');
});

it('sends traffic that streams, with the key of the example, to each gateway in turn', async () => {
  const calls: { readonly path: string; readonly key: string; readonly body: string }[] = [];
  const server = createServer(async (request, reply) => {
    const body = await text(request);
    calls.push({ path: request.url!, key: request.headers.authorization!, body });
    reply.end();
    if (calls.length === 2) server.emit('enough');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = spawn(process.execPath, [join(FOLDER, 'traffic.mjs'), `${url}/a`, `${url}/b`], { stdio: 'ignore' });
  onTestFinished(() => void (child.kill('SIGKILL'), server.close()));
  await once(server, 'enough');
  expect(calls.map(({ path }) => path)).toEqual(['/a/v1/chat/completions', '/b/v1/chat/completions']);
  const { keys, models } = parse(read('gateway.yaml'));
  for (const { key, body } of calls) {
    expect(keys[0].secret).toContain(key.replace('Bearer ', ''));
    expect(Object.keys(models)).toContain(JSON.parse(body).model);
    expect(JSON.parse(body).stream).toBe(true);
  }
});
