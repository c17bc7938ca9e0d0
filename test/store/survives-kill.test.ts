import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openStores } from '../../src/store/open-stores.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-kill-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Kills a writer in full flight. @returns the last version that it told to be committed */
async function writeUntilKilled(path: string, versions: number): Promise<number> {
  const script = join(import.meta.dirname, 'keep-writing.ts');
  const writer = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void writer.kill('SIGKILL'));
  const exited = once(writer, 'exit');
  let told = 0;
  let count = 0;
  for await (const line of createInterface({ input: writer.stdout! })) {
    told = Number(line);
    if (++count === versions) writer.kill('SIGKILL');
  }
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return told;
}

it('a kill -9 at any moment leaves a committed rollout with its event', async () => {
  const path = join(directory, 'sluice.db');
  for (const versions of [1, 3, 10, 40]) {
    const told = await writeUntilKilled(path, versions);
    const stores = await openStores(`sqlite:${path}`, systemClock);
    const stored = (await stores.rollouts.get('fast-v2'))!;
    const events = await stores.rollouts.history('fast-v2', 1_000);
    expect(stored.version).toBeGreaterThanOrEqual(told);
    expect(stored.state.weight).toBe(stored.version % 100);
    expect(events[0]).toMatchObject({ action: `set-weight ${stored.version}`, weight: stored.state.weight });
    expect(events).toHaveLength(stored.version);
    await stores.close();
  }
}, 30_000);
