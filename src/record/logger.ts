import { pino, type Logger } from 'pino';
import { BatchedOutput } from './batched-output.ts';

const STDOUT = 1;

/** JSON lines on standard output. `flush` writes what waits, at once. */
export function createLogger(level: string): Logger {
  const output = new BatchedOutput(STDOUT);
  process.once('exit', () => output.flushSync());
  return pino({ level, base: null }, output);
}
