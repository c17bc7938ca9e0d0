import { pino, type Logger } from 'pino';
import { BatchedOutput } from './batched-output.ts';

const STDOUT = 1;

/** JSON lines on standard output; what waits is written when the process exits. The level may be set while it runs. */
export function createLogger(level: string): Logger {
  const output = new BatchedOutput(STDOUT);
  process.once('exit', () => output.flushSync());
  return pino({ level, base: null }, output);
}
