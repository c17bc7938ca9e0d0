import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../bin/sluice', import.meta.url));
const PORTS = /apps: (http:\/\/127\.0\.0\.1:\d+)\/v1[^]*operators: (http:\/\/127\.0\.0\.1:\d+)/;

/** A gateway as operators run it: a process, a file, a folder. */
export interface LiveGateway {
  readonly name: string;
  readonly folder: string;
  readonly url: string;
  readonly adminUrl: string;
  readonly child: ChildProcess;
  /** Writes a text over its configuration; it reads it by itself. */
  writeConfig(text: string): void;
}

/** @param maxFiles how many it may open; null: as many as this process */
export async function startLiveGateway(
  opened: AsyncDisposableStack,
  name: string,
  folder: string,
  config: object,
  maxFiles: number | null = null,
): Promise<LiveGateway> {
  const file = join(folder, `${name}.json`);
  const writeConfig = (text: string): void => writeFileSync(file, text);
  const { gateway = {}, ...rest } = config as { gateway?: object };
  writeConfig(JSON.stringify({ gateway: { port: 0, ...gateway }, admin: { port: 0 }, ...rest }));
  const limit = maxFiles === null ? '' : `ulimit -n ${maxFiles}; `;
  const child = spawn('sh', ['-c', `${limit}exec "$0" "$@"`, process.execPath, COMMAND, 'serve', '--config', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  opened.defer(async () => {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await exited;
  });
  const [url, adminUrl] = await addresses(child, name);
  return { name, folder, url, adminUrl, child, writeConfig };
}

function addresses(child: ChildProcess, name: string): Promise<[string, string]> {
  return new Promise((resolve, reject) => {
    let told = '';
    const read = (chunk: Buffer): void => {
      if (told.length > 100_000) return;
      told += chunk.toString();
      const found = PORTS.exec(told);
      if (found !== null) resolve([found[1]!, found[2]!]);
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.on('exit', () => reject(new Error(`${name}: ${told}`)));
  });
}
