import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ConfigSource } from '../../src/config/watch.ts';
import { configText, render, workload } from './chart.ts';

const BEFORE = {
  providers: { sim: { type: 'simulator' } },
  models: { '*': { provider: 'sim' } },
  telemetry: { endpoint: 'http://collector:4318' },
  record: { files: { directory: '/app/data/records' } },
};

/** Of the pods, by which they are rolled, and of the gateway itself: whether it has to start anew. */
async function rolledFor(changed: object): Promise<{ readonly isRolled: boolean; readonly needsRestart: boolean }> {
  const [before, after] = [BEFORE, { ...BEFORE, ...changed }].map((config) =>
    render({ values: { configReload: 'live', config } }),
  );
  const [first, second] = [before!, after!].map(
    (resources) => workload(resources).spec.template.metadata.annotations['checksum/config'],
  );
  const folder = mkdtempSync(join(tmpdir(), 'sluice-live-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'sluice.yaml');
  writeFileSync(path, configText(before!));
  const source = new ConfigSource({ path, environment: { SLUICE_ADMIN_TOKEN: 'example' } });
  writeFileSync(path, configText(after!));
  const { restartNeeded, problems } = await source.reload();
  expect(problems).toEqual([]);
  return { isRolled: first !== second, needsRestart: restartNeeded.length > 0 };
}

it.each([
  ['a log level', { log: { level: 'debug' } }, false],
  ['a model', { models: { 'gpt-*': { provider: 'sim' } } }, false],
  ['whether content is recorded', { record: { ...BEFORE.record, content: true } }, false],
  ['what the audit trail requires', { audit: { required: [] } }, false],
  ['how much is traced', { telemetry: { ...BEFORE.telemetry, traces: { sample: '1%' } } }, false],
  ['the number of workers', { gateway: { workers: 2 } }, true],
  ['the spool', { spool: { maxBytes: '1MiB' } }, true],
  ['where the trail is signed', { audit: { checkpoints: '/app/data/checkpoints' } }, true],
  ['where records are written', { record: { files: { directory: '/app/data/other' } } }, true],
  ['the collector', { telemetry: { endpoint: 'http://other:4318' } }, true],
  ['whether there are traces', { telemetry: { ...BEFORE.telemetry, traces: { enabled: false } } }, true],
])('a change of %s rolls pods that take changes over only where the gateway cannot', async (_, changed, expected) => {
  expect(await rolledFor(changed)).toEqual({ isRolled: expected, needsRestart: expected });
});
