import { pino, type Logger } from 'pino';

/** JSON lines on standard output, in batches: a write per request would cost more than the request's own work. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null }, pino.destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 200 }));
}
