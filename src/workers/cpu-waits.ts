import { readdirSync, readFileSync } from 'node:fs';
import type { Milliseconds } from '../core/units.ts';

/** By thread, since it began: how long it could have gone on and had no processor. */
export type CpuWaits = ReadonlyMap<string, Milliseconds>;

const NANOSECONDS = 1e6;

/** Null where the system does not tell: elsewhere than on Linux, or the process is gone. @source proc(5) and the kernel's sched-stats.rst */
export function cpuWaits(pid: number): CpuWaits | null {
  try {
    const waits = new Map<string, Milliseconds>();
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [, waited] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      waits.set(thread, Number(waited) / NANOSECONDS);
    }
    return waits;
  } catch {
    return null;
  }
}

/** Of the thread that was held up longest: others may have waited for it, as in garbage collection. */
export function longestWait(before: CpuWaits | null, now: CpuWaits | null): Milliseconds {
  if (before === null || now === null) return 0;
  let longest = 0;
  for (const [thread, waited] of now) longest = Math.max(longest, waited - (before.get(thread) ?? waited));
  return longest;
}
