/**
 * Writes the digest of the base image into the Dockerfile: `node scripts/pin-base-image.ts [--check]`.
 * Asks the registry by `docker buildx imagetools`; the digest is that of the list for all platforms. `--check` writes nothing.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DOCKERFILE = fileURLToPath(new URL('../Dockerfile', import.meta.url));

function main(): number {
  const text = readFileSync(DOCKERFILE, 'utf8');
  const [, version] = /^ARG NODE_VERSION=(\S+)$/m.exec(text)!;
  const image = `docker.io/library/node:${version}-bookworm-slim`;
  const digest = digestOf(image);
  if (digest === null) {
    console.error(`the digest of ${image} cannot be read: it takes Docker with buildx, and its registry`);
    return 1;
  }
  const pinned = text.replace(/^ARG NODE_DIGEST=.*$/m, `ARG NODE_DIGEST=${digest}`);
  if (pinned === text) return 0;
  console.log(`${image} is ${digest}`);
  if (process.argv.includes('--check')) return 1;
  writeFileSync(DOCKERFILE, pinned);
  return 0;
}

function digestOf(image: string): string | null {
  const format = ['--format', '{{.Manifest.Digest}}'];
  const { stdout } = spawnSync('docker', ['buildx', 'imagetools', 'inspect', image, ...format], { encoding: 'utf8' });
  return /^sha256:[0-9a-f]{64}$/m.exec(stdout ?? '')?.[0] ?? null;
}

process.exitCode = main();
