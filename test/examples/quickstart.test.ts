import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { startGateway } from '../../src/main.ts';

const root = join(import.meta.dirname, '../..');

/** The configuration that `npm start` serves, on free ports and with a store of its own. */
function shippedConfig(folder: string): string {
  const path = join(folder, 'sluice.yaml');
  const text = readFileSync(join(root, 'config/sluice.yaml'), 'utf8')
    .replace('port: 8080', 'port: 0')
    .replace('port: 8081', 'port: 0')
    .replace('./data/sluice.db', join(folder, 'sluice.db'));
  writeFileSync(path, text);
  return path;
}

test('the quickstart does what it says against the configuration of npm start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-quickstart-'));
  const gateway = await startGateway({ configPath: shippedConfig(folder), log: pino({ level: 'silent' }) });
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'examples/quickstart/quickstart.ts')], {
      env: {
        ...process.env,
        SLUICE_URL: `http://127.0.0.1:${gateway.dataPlane.port}`,
        SLUICE_ADMIN_URL: `http://127.0.0.1:${gateway.admin.port}`,
      },
    });
    expect(stdout).toMatch(/openai: \S/);
    expect(stdout).toMatch(/openai, streamed: \S/);
    expect(stdout).toMatch(/anthropic: \S/);
    expect(stdout).toMatch(/at 50 % \(0 left it\), 0 after abort/);
    expect(stdout).toContain('redacted before it left: secret.github_pat=1');
    expect(stdout).toMatch(/sluice_rollout_weight\{rollout="fast-v2",arm="canary"\} 5\b/);
  } finally {
    await gateway.stop();
    rmSync(folder, { recursive: true });
  }
});
