import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createSocket, type AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { configText, gatewayContainer, ofKind, render, type Resource } from './chart.ts';

const PROGRAM = resolve(import.meta.dirname, '../../bin/sluice');

interface Pod {
  readonly resources: readonly Resource[];
  readonly ports: { readonly gateway: number; readonly admin: number };
  readonly folder: string;
  readonly child: ChildProcess;
}

/** Starts what the container would: its arguments, its variables and its file; only its folders are elsewhere. */
async function startPod(values: object): Promise<Pod> {
  const ports = { gateway: await freePort(), admin: await freePort() };
  const resources = render({ values: { listenAddress: '0.0.0.0', ports, ...values } });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pod-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'data'));
  const here = (text: string) => text.replaceAll('/app/data', join(folder, 'data')).replaceAll('/etc/sluice', folder);
  writeFileSync(join(folder, 'sluice.yaml'), here(configText(resources)));
  const { args } = gatewayContainer(resources) as { args: string[] };
  const env = { PATH: process.env.PATH!, ...variables(resources) };
  const child = spawn(PROGRAM, args.map(here), { cwd: folder, env, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { resources, ports, folder, child };
}

async function freePort(): Promise<number> {
  const server = createSocket().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

function variables(resources: readonly Resource[]): Record<string, string> {
  const { env } = gatewayContainer(resources) as { env: Variable[] };
  const secrets = new Map(ofKind(resources, 'Secret').map(({ metadata, data }) => [metadata.name, data!]));
  const plain = ({ value, valueFrom }: Variable): string => {
    if (valueFrom === undefined) return value!;
    return Buffer.from(secrets.get(valueFrom.secretKeyRef.name)![valueFrom.secretKeyRef.key]!, 'base64').toString();
  };
  return Object.fromEntries(env.map((variable) => [variable.name, plain(variable)]));
}

type Probe = 'startupProbe' | 'livenessProbe' | 'readinessProbe';

/** As the kubelet asks; 0: nobody listens. */
async function probe({ resources, ports }: Pod, name: Probe): Promise<number> {
  const container = gatewayContainer(resources);
  const { path, port } = container[name].httpGet;
  const { containerPort } = container.ports.find((each: { name: string }) => each.name === port);
  expect(Object.values(ports)).toContain(containerPort);
  return fetch(`http://127.0.0.1:${containerPort}${path}`).then(
    ({ status }) => status,
    () => 0,
  );
}

async function until(pod: Pod, name: Probe, status: number): Promise<void> {
  while ((await probe(pod, name)) !== status) {
    expect(pod.child.exitCode).toBeNull();
    await sleep(20);
  }
}

/** A provider whose streams go on until they are told to end. */
async function slowProvider() {
  const streams: ServerResponse[] = [];
  const server = createServer((request, reply) => {
    request.resume();
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.write(`data: ${JSON.stringify(CHUNK)}\n\n`);
    streams.push(reply);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const end = () => streams.forEach((reply) => reply.end('data: [DONE]\n\n'));
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, end };
}

const CHUNK = {
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'slow',
  choices: [{ index: 0, delta: { content: 'Once' }, finish_reason: null }],
};

const withProvider = (baseUrl: string, workers = 1) => ({
  config: {
    gateway: { workers },
    providers: { slow: { type: 'openai', baseUrl } },
    models: { '*': { provider: 'slow' } },
  },
});

it('starts with what is rendered, writes to its volumes only, and passes `helm test`', async () => {
  const pod = await startPod({});
  await until(pod, 'startupProbe', 200);
  await until(pod, 'readinessProbe', 200);
  expect(await probe(pod, 'livenessProbe')).toBe(200);
  expect(readdirSync(join(pod.folder)).sort()).toEqual(['data', 'sluice.yaml']);
  const { command, args } = ofKind(pod.resources, 'Pod')[0]!.spec.containers[0];
  const { gateway, admin } = pod.ports;
  const urls = [`http://127.0.0.1:${gateway}`, `http://127.0.0.1:${admin}`];
  const test = spawnSync(process.execPath, [...command.slice(1), args[0], ...urls], { encoding: 'utf8' });
  expect([test.status, test.stdout]).toEqual([0, 'ready; /v1/models answers 200\n']);
});

it.each([1, 2])(
  'with %d processes it lets its streams end, and says that it is not ready but lives',
  async (workers) => {
    const { baseUrl, end } = await slowProvider();
    const pod = await startPod(withProvider(baseUrl, workers));
    const share = workers === 1 ? undefined : '--max-old-space-size-percentage=25';
    expect(variables(pod.resources)['NODE_OPTIONS']).toBe(share);
    await until(pod, 'readinessProbe', 200);
    const body = JSON.stringify({ model: 'slow', stream: true, messages: [{ role: 'user', content: 'Tell me.' }] });
    const headers = { 'content-type': 'application/json' };
    const url = `http://127.0.0.1:${pod.ports.gateway}/v1/chat/completions`;
    const stream = await fetch(url, { method: 'POST', headers, body });
    const ended = once(pod.child, 'exit');
    pod.child.kill('SIGTERM');
    await until(pod, 'readinessProbe', 503);
    expect(await probe(pod, 'livenessProbe')).toBe(200);
    end();
    expect(await stream.text()).toMatch(/Once[^]*\[DONE\]/);
    expect(await ended).toEqual([0, null]);
  },
);

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all!.some(({ address }) => address === '::1'));

it.skipIf(!hasIpv6)('listens on IPv6 and IPv4 where it is told to', async () => {
  const pod = await startPod({ listenAddress: '::' });
  await until(pod, 'readinessProbe', 200);
  for (const host of ['127.0.0.1', '[::1]'])
    expect((await fetch(`http://${host}:${pod.ports.gateway}/v1/models`)).status).toBe(200);
});
