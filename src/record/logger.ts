import { pino, type Logger } from 'pino';
import { BatchedOutput } from './batched-output.ts';

const STDOUT = 1;

/**
 * JSON lines on standard output; what waits is written when the process exits. The level may be set while it runs.
 * @param base stands in each line
 */
export function createLogger(level: string, base: object | null = null): Logger {
  const output = new BatchedOutput(STDOUT);
  process.once('exit', () => output.flushSync());
  return pino({ level, base }, output);
}
