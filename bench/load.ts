import { isInstalled, type Pinning } from './machine.ts';
import type { Path } from './paths.ts';
import { type CoreSeconds, coreSeconds, cpuSeconds, residentBytes } from './proc.ts';
import { runScript } from './processes.ts';
import { runWrk } from './wrk.ts';

export const CONNECTIONS = 64;

export interface LoadOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Keep-alive, each with one request at a time. */
  readonly connections: number;
  /** Whole. */
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Connections that failed and replies other than 2xx. */
  readonly errors: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

export const LOAD_TOOL = isInstalled('wrk') ? 'wrk' : 'autocannon';

/** As many requests as the server takes. @throws Error when one of them fails, since the figures would mean nothing */
export async function runLoad(options: LoadOptions, pinning: Pinning | null): Promise<LoadResult> {
  const core = pinning?.load ?? null;
  const result =
    LOAD_TOOL === 'wrk'
      ? await runWrk(options, core)
      : await runScript<LoadResult>(core, 'autocannon-client.ts', options);
  if (result.errors > 0) throw new Error(`${result.errors} of ${result.requests} requests to ${options.url} failed`);
  return result;
}

export interface Usage {
  /** Null, as all of these, where the system does not tell. */
  readonly cpuSeconds: number | null;
  readonly residentBytes: number | null;
  /** Share of the time that the core of load and upstream was busy, 0 to 1. */
  readonly loadCoreBusy: number | null;
  /** Share of the time that others kept the server's core busy, 0 to 1; null for a server on the core of the load. */
  readonly foreignShare: number | null;
}

/** What the server used while `work` went on. */
export async function metered<Result>(
  { pid, core }: Pick<Path, 'pid' | 'core'>,
  pinning: Pinning | null,
  work: () => Promise<Result>,
): Promise<{ result: Result; usage: Usage }> {
  const cpuBefore = cpuSeconds(pid);
  const loadBefore = pinning === null ? null : coreSeconds(pinning.load);
  const serverBefore = core === null || core === pinning?.load ? null : coreSeconds(core);
  const result = await work();
  const cpu = cpuBefore === null ? null : cpuSeconds(pid)! - cpuBefore;
  const load = loadBefore === null ? null : since(loadBefore, coreSeconds(pinning!.load)!);
  const server = serverBefore === null ? null : since(serverBefore, coreSeconds(core!)!);
  return {
    result,
    usage: {
      cpuSeconds: cpu,
      residentBytes: residentBytes(pid),
      loadCoreBusy: load === null ? null : load.busy / load.all,
      foreignShare: server === null || cpu === null ? null : Math.max(0, (server.busy - cpu) / server.all),
    },
  };
}

function since(before: CoreSeconds, after: CoreSeconds): { busy: number; all: number } {
  const busy = after.busy - before.busy;
  return { busy, all: busy + after.idle - before.idle };
}
