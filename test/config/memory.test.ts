import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { whole } from './load-text.ts';

const SOURCE = new URL('../../src/config/watch.ts', import.meta.url).href;

/** Holds a configuration and the result of a reload that was refused, as a gateway does, and shows all of its memory. */
const PROGRAM = `
  import { copyFileSync } from 'node:fs';
  import { writeHeapSnapshot } from 'node:v8';
  import { ConfigSource } from ${JSON.stringify(SOURCE)};
  globalThis.source = new ConfigSource({ path: 'good.yaml', environment: {} });
  copyFileSync('bad.yaml', 'good.yaml');
  await globalThis.source.reload();
  gc();
  writeHeapSnapshot('all.heapsnapshot');
`;

// Names as long as these are views of the text that they were cut from.
const KEYS = 'keys: [{ name: the-name-of-a-key, secret: sk-in-plain-text, budget: 5 USD/day }]\n';

test('the secrets of keys are not kept in memory, not even in the text of the file', { timeout: 60_000 }, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'sluice-memory-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, 'good.yaml'), whole(`${KEYS}models: { the-name-of-a-model: { target: sim/any } }`));
  writeFileSync(join(cwd, 'bad.yaml'), whole(`${KEYS}models: { m: { target: the-name-of-a-mistake/any } }`));
  execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '--eval', PROGRAM], { cwd, stdio: 'inherit' });
  const memory = readFileSync(join(cwd, 'all.heapsnapshot'), 'latin1');
  for (const kept of ['the-name-of-a-key', 'the-name-of-a-model', 'the-name-of-a-mistake'])
    expect(memory).toContain(kept);
  expect(memory.includes('sk-in-plain-text')).toBe(false);
});
