/**
 * Everything that CI runs, in lanes that run side by side: what computes in one, what mostly waits for servers in the other.
 * What a task prints comes in one piece when it has ended. The first that fails ends the check.
 */
import { spawn, type ChildProcess } from 'node:child_process';

const QUICK = ['lint', 'imports', 'docs:check', 'typecheck', 'build'];
const COMPUTING = ['test', 'test:exhaustive', 'test:redaction', 'test:clients', 'helm:check'];
const WAITING = ['test:services', 'test:dashboards'];

/** Each round begins when the one before has passed. */
const ROUNDS: readonly (readonly (readonly string[])[])[] = [
  [QUICK.concat(COMPUTING), WAITING],
  // Alone: some show what is faster.
  [['test:examples']],
];

/** Seconds after which nothing is built any more that can be left out: what CI has for all is ten minutes. */
const LAST_BUILD = 420;

const running = new Set<ChildProcess>();
const start = performance.now();

/** @throws Error for a task that fails */
async function run(task: string): Promise<void> {
  const began = performance.now();
  console.log(`check: ${task} begins`);
  const left = Math.max(0, Math.round(LAST_BUILD - (began - start) / 1000));
  const child = spawn('npm', ['run', '--silent', task], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, SLUICE_HELM_BUILD_WITHIN: `${left}` },
  });
  running.add(child);
  const printed: Buffer[] = [];
  for (const output of [child.stdout, child.stderr]) output.on('data', (bytes: Buffer) => printed.push(bytes));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  running.delete(child);
  process.stdout.write(Buffer.concat(printed));
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`check: ${task} ${status === 0 ? 'passed' : 'failed'} after ${seconds} s`);
  if (status !== 0) throw new Error(`${task} failed.`);
}

async function runLane(tasks: readonly string[]): Promise<void> {
  for (const task of tasks) await run(task);
}

/** With all that they started themselves. */
function stopAll(): void {
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGTERM');
}

process.on('SIGINT', stopAll).on('SIGTERM', stopAll);
try {
  for (const lanes of ROUNDS) await Promise.all(lanes.map(runLane));
  console.log('check: all passed');
} catch (error) {
  stopAll();
  console.error(`check: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
