/** Tools that are Go modules, built once into a cache folder. The versions are pinned here; the checksums are those of Go's database. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice', 'go');

export interface GoTool {
  readonly module: string;
  readonly command: string;
  readonly version: string;
}

export const HELM: GoTool = { module: 'helm.sh/helm/v4', command: 'cmd/helm', version: 'v4.3.1' };
export const KUBECONFORM: GoTool = {
  module: 'github.com/yannh/kubeconform',
  command: 'cmd/kubeconform',
  version: 'v0.8.0',
};
/** The part of Docker Compose that reads and checks files. */
export const COMPOSE: GoTool = { module: 'github.com/compose-spec/compose-go/v2', command: 'cmd', version: 'v2.16.2' };

/** What is not in the cache could not be built in the time that `SLUICE_HELM_BUILD_WITHIN` (seconds) gives. */
export class OutOfTimeError extends Error {}

const WITHIN = process.env.SLUICE_HELM_BUILD_WITHIN;
const UNTIL = WITHIN === undefined ? Infinity : performance.now() + Number(WITHIN) * 1000;

/** @throws OutOfTimeError */
function timeLeft(): number | undefined {
  if (UNTIL === Infinity) return undefined;
  const left = Math.floor(UNTIL - performance.now());
  if (left <= 0) throw new OutOfTimeError();
  return left;
}

export function hasGo(): boolean {
  return spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;
}

export function cacheFolder(name: string): string {
  return join(CACHE, name);
}

/** @returns the path of the program; builds it where it is not in the cache. @throws Error where that fails */
export function goTool({ module, command, version }: GoTool): string {
  const name = command.split('/').at(-1)!;
  const folder = cacheFolder(`${module.replaceAll('/', '_')}@${version}`);
  const program = join(folder, name);
  if (existsSync(program)) return program;
  fillFolder(folder, (empty) => go(['install', `${module}/${command}@${version}`], { GOBIN: empty }));
  return program;
}

/** A folder that `fill` writes, whole or not at all: a build that is broken off leaves nothing behind that looks like one. */
export function fillFolder(folder: string, fill: (empty: string) => void): void {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    fill(unfinished);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** The text of one file of a module's sources. */
export function moduleFile(module: string, version: string, path: string): string {
  const { Dir } = JSON.parse(go(['mod', 'download', '-json', `${module}@${version}`])) as { Dir: string };
  return readFileSync(join(Dir, path), 'utf8');
}

function go(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  // Outside of any module: what `go install` builds then has exactly the dependencies that the tool itself names.
  const settings = { GOFLAGS: '-trimpath', GO111MODULE: 'on', ...env };
  const { status, stdout, stderr, error } = spawnSync('go', args, {
    cwd: CACHE,
    env: { ...process.env, ...settings },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: timeLeft(),
  });
  if (error !== undefined && 'code' in error && error.code === 'ETIMEDOUT') throw new OutOfTimeError();
  if (status !== 0) throw new Error(`go ${args.join(' ')} fails:\n${stderr || stdout}`);
  return stdout;
}
