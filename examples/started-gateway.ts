/** Gateways that an example starts by itself, as processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const COMMAND = join(import.meta.dirname, '../bin/sluice');
const ADDRESSES = /apps: (http:\S+)\/v1[^]*operators: (http:[^\s"]+)/;
export const JSON_TYPE = { 'content-type': 'application/json' };

export interface Started {
  readonly url: string;
  readonly adminUrl: string;
  stop(): Promise<unknown>;
}

/** @param env besides that of this process, for `${NAME}` in the configuration */
export async function startGateway(config: string, env: Readonly<Record<string, string>>): Promise<Started> {
  const child = spawn(COMMAND, ['serve', '--config', config], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const { promise, resolve, reject } = Promise.withResolvers<readonly [string, string]>();
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    const [, url, adminUrl] = ADDRESSES.exec(told) ?? [];
    if (url !== undefined && adminUrl !== undefined) resolve([url, adminUrl]);
  });
  child.once('exit', () => reject(new Error(`the gateway did not start: ${told}`)));
  const [url, adminUrl] = await promise;
  return { url, adminUrl, stop: () => (child.kill('SIGTERM'), exited) };
}

/** The model `chat`. @returns the status and the request's id */
export async function ask({ url }: Started, user: string): Promise<{ readonly status: number; readonly id: string }> {
  const body = JSON.stringify({ model: 'chat', user, messages: [{ role: 'user', content: 'Hello' }] });
  const reply = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body, headers: JSON_TYPE });
  await reply.text();
  return { status: reply.status, id: reply.headers.get('x-sluice-request-id') ?? '' };
}
