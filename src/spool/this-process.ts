import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { SpoolOwner } from './line-spool.ts';

/** As the owner of files that wait on disk; each call is a start of its own. */
export function thisProcess(): SpoolOwner {
  return { host: hostname(), pid: process.pid, start: randomUUID().slice(0, 13) };
}
