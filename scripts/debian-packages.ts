/** Programs of Debian's packages, unpacked into a cache folder: nothing is installed, and nobody need be root. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export function cacheOf(name: string): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice', name);
}

/** For programs of the folder: its libraries before those of the machine. */
export function unpackedEnvironment(folder: string): NodeJS.ProcessEnv {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const libraries = ['usr/lib', 'lib'].map((each) => join(folder, each, `${machine}-linux-gnu`)).join(':');
  return { ...process.env, LD_LIBRARY_PATH: libraries };
}

/**
 * @param needed packages without which there is nothing
 * @param libraries what a plain Debian may lack; where a release has none of the name, it has its own under another
 * @returns what went wrong
 */
export function fetchPackages(
  folder: string,
  needed: readonly string[],
  libraries: readonly string[] = [],
): string | null {
  mkdirSync(folder, { recursive: true });
  const fetch = (names: readonly string[]) =>
    spawnSync('apt-get', ['download', ...names], { cwd: folder, stdio: 'ignore' });
  const { status, error } = fetch(needed);
  if (error !== undefined) return 'there is no apt-get to fetch it with';
  if (status !== 0)
    return `\`apt-get download ${needed[0]!}\` fails (offline, or no package lists: \`apt-get update\`)`;
  for (const library of libraries) fetch([library]);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb')))
    spawnSync('dpkg', ['-x', file, '.'], { cwd: folder, stdio: 'ignore' });
  return null;
}
