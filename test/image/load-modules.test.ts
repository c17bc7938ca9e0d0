import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/load-modules.ts', import.meta.url));

function load(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-modules-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' });
}

test('a module whose dependency was removed fails the build, and is named', () => {
  const { status, stderr } = load({ 'whole.js': 'export {};', 'broken.js': "import './removed.js';" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/broken\.js: Cannot find module .*removed\.js/);
});

test('so does what is imported later, by name', () => {
  const { status, stderr } = load({ 'later.js': "export const open = () => import('no-such-package');" });
  expect([status, stderr]).toEqual([1, expect.stringContaining("Cannot find package 'no-such-package'")]);
});

test('a program that waits for the process that starts it is loaded all the same', () => {
  const { status, stdout } = load({ 'worker.js': 'await new Promise(() => {});', 'server.js': 'export {};' });
  expect([status, stdout]).toEqual([0, '2 modules load\n']);
});

test('what refuses to be loaded alone is not missing', () => {
  const { status, stdout } = load({ 'thread.js': "throw new Error('it runs in a thread only');" });
  expect([status, stdout]).toEqual([0, '1 modules load\n']);
});
