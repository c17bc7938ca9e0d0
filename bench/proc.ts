import { existsSync, readFileSync } from 'node:fs';

export const HAS_PROC = existsSync('/proc/self/stat');

/** USER_HZ, which Linux fixes at 100 towards user space on every architecture that Node runs on. @source proc(5), time(7) */
const TICKS_PER_SECOND = 100;

/** Processor time that a process has used so far, in seconds, user and system; null without /proc. */
export function cpuSeconds(pid: number): number | null {
  if (!HAS_PROC) return null;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field, the program's name, may hold spaces and brackets: count from its end. @source proc_pid_stat(5)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return (userTicks + systemTicks) / TICKS_PER_SECOND;
}

/** Resident memory in bytes; null without /proc. */
export function residentBytes(pid: number): number | null {
  if (!HAS_PROC) return null;
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** How long a core was busy and idle since the machine started. */
export interface CoreSeconds {
  readonly busy: number;
  readonly idle: number;
}

/** Null without /proc. @source proc_stat(5) */
export function coreSeconds(core: number): CoreSeconds | null {
  if (!HAS_PROC) return null;
  const line = readFileSync('/proc/stat', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`cpu${core} `));
  if (line === undefined) return null;
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .split(' ')
    .slice(1)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  return { busy: user + nice + system + irq + softIrq + steal, idle: idle + ioWait };
}
