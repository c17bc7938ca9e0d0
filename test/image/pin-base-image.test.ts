import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const DIGEST = `sha256:${'ab12'.repeat(16)}`;

/** `pin-base-image --check` where `docker` prints this. */
function check(printed: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-docker-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const docker = join(folder, 'docker');
  writeFileSync(docker, `#!/bin/sh\necho "$@" > "${folder}/asked"\necho "${printed}"\n`);
  chmodSync(docker, 0o755);
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` };
  const script = join(root, 'scripts/pin-base-image.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { env, encoding: 'utf8' });
  return { status, stdout, stderr, asked: readFileSync(join(folder, 'asked'), 'utf8') };
}

test('a digest that is not the one of the Dockerfile is told, and changes nothing', () => {
  const before = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const { status, stdout, asked } = check(DIGEST);
  const [, version] = /^ARG NODE_VERSION=(.+)$/m.exec(before)!;
  expect(asked).toContain(`docker.io/library/node:${version}-bookworm-slim`);
  expect(stdout).toContain(DIGEST);
  expect(status).toBe(1);
  expect(readFileSync(join(root, 'Dockerfile'), 'utf8')).toBe(before);
});

test('what is no digest is refused', () => {
  const { status, stderr } = check('sha256:abc');
  expect(status).toBe(1);
  expect(stderr).toContain('cannot be read');
});
