import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let root: string | null = null;

/** A new folder for configurations, scripts and databases, which goes when the run ends, however it ends. */
export function scratchFolder(name: string): string {
  root ??= createRoot();
  const folder = join(root, `${name}-${process.hrtime.bigint()}`);
  mkdirSync(folder);
  return folder;
}

function createRoot(): string {
  const created = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  process.on('exit', () => rmSync(created, { recursive: true, force: true, maxRetries: 3 }));
  return created;
}
