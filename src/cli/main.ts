import type { Io } from './io.ts';
import { run } from './run.ts';

/** The command line of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader such as `head` that has seen enough is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const status = await run(argv, processIo);
  // After a failure something half started may keep the process alive; what was written goes out first.
  if (status !== 0) process.stdout.write('', () => process.exit(status));
}

const processIo: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  now: Date.now,
  env: process.env,
  untilStopped: () =>
    new Promise((resolve) => {
      process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
    }),
};
