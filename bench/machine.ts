import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { HAS_PROC } from './proc.ts';

export interface Machine {
  /** Null outside a git checkout and before the first commit. */
  readonly commit: string | null;
  /** Files differ from the commit. */
  readonly isDirty: boolean;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
  /** Over 1, 5 and 15 minutes, before the run. */
  readonly loadAverage: readonly number[];
}

/** The cores that the server under test, and that the load and the upstream, are kept on. */
export interface Pinning {
  readonly server: number;
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    commit: output('git', ['rev-parse', '--verify', 'HEAD']),
    isDirty: output('git', ['status', '--porcelain']) !== '',
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
  };
}

/** Null where `taskset` is missing or fewer than two cores may be used. */
export function choosePinning(): Pinning | null {
  if (!HAS_PROC || !isInstalled('taskset')) return null;
  const [server, load] = allowedCores();
  return server === undefined || load === undefined ? null : { server, load };
}

export function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** The cores of this process, which a container may have cut down: `0-1,4`. @source proc_pid_status(5) */
function allowedCores(): number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function output(command: string, args: string[]): string | null {
  const { status, stdout } = spawnSync(command, args, { cwd: import.meta.dirname, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
