import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it, type TestContext } from 'vitest';
import { startGateway } from '../../src/main.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const run = promisify(execFile);

/** The gateway of a scenario, on free ports; and a simulator, for the scenario that changes one. */
async function start(name: string, onTestFinished: TestContext['onTestFinished']): Promise<NodeJS.ProcessEnv> {
  const folder = mkdtempSync(join(tmpdir(), `sluice-${basename(name)}-`));
  const configPath = join(folder, 'sluice.yaml');
  const text = readFileSync(join(EXAMPLES, `${name}.yaml`), 'utf8');
  writeFileSync(configPath, text.replace('port: 8080', 'port: 0').replace('port: 8081', 'port: 0'));
  const simulator = await startSimulator({ seed: 1 });
  const environment = { ...process.env, SIM_URL: new URL(simulator.baseUrl).origin };
  const gateway = await startGateway({ configPath, environment, log: pino({ level: 'silent' }) });
  onTestFinished(async () => {
    await gateway.stop();
    await simulator.close();
    rmSync(folder, { recursive: true });
  });
  return {
    ...environment,
    SLUICE_URL: `http://127.0.0.1:${gateway.dataPlane.port}`,
    SLUICE_ADMIN_URL: `http://127.0.0.1:${gateway.admin.port}`,
  };
}

/** What a scenario printed before it failed says why. */
function withOutput(error: Error & { readonly stdout: string; readonly stderr: string }): never {
  throw new Error(`${error.message}\n${error.stdout}${error.stderr}`, { cause: error });
}

describe.concurrent('the scenario', () => {
  it.for([
    ['audit/who-did-what', /^with 20 changed to 10: The first bad entry is \d+: it is not what its hash says\.$/m],
    ['rollouts/bad-canary', /^ok: controller abort: error_rate is (?:\+|up )/m],
    ['rollouts/slow-ttft', /^ok: controller abort: ttft_p95 is \+/m],
    ['rollouts/one-language', /^ok: controller abort: error_rate is .* where metadata\.language=fr/m],
    ['rollouts/good-canary', /^ok: 5 -> 25 -> 50 -> 100 %; 0 users left the canary$/m],
    ['rollouts/ab-feedback', /^ok: controller promote: Arm "kind" is better/m],
    ['rollouts/shadow', /^the app saw 0 failures\nok: \d+ pairs were compared; of the shadow, \w+ is (?:up|\+)/m],
    ['rollouts/silent-provider-change', /alarms so far: 0\nok: .*refusal_rate of chat/m],
    ['keys/key-life', /^ok: one key, two secrets, none after the revocation$/m],
    ['policies/eu-and-tools', /^EU data was served by: eu$[^]*\nok: every policy held/m],
    ['providers/balanced', /^ok: the faster target did most of the work, the spare one none$/m],
    ['opentelemetry/one-trace', /^ok: one trace from the app to the fallback that served it$/m],
    ['cache/same-question', /^ok: one call to the provider for ten streams, and nothing for others$/m],
    ['pass-through/follow-up', /^ok: what was made somewhere is found there, by whom it belongs to$/m],
    ['limits/budget', /^ok: 20 asked, \d+ passed, and not a cent more was spent$/m],
    [
      'workers/all-cores',
      /^90 asked: 30 passed, 60 were refused, 90 were counted\nok: one limit, however many processes serve$/m,
    ],
    ['redaction/secrets-stay', /^a private key: .*secret\.private_key.*\nok: nothing leaked/m],
  ] as const)('%s goes as its page says', async ([name, expected], { onTestFinished }) => {
    const env = await start(name, onTestFinished);
    const { stdout } = await run(process.execPath, [join(EXAMPLES, `${name}.ts`)], { env }).catch(withOutput);
    expect(stdout).toMatch(expected);
  });
});
