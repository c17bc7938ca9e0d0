import type { Pinning } from './machine.ts';
import { PATH_LABELS, type Path } from './paths.ts';
import { runScript } from './processes.ts';
import type { LatencyResult, RequestClientOptions } from './request-client.ts';

/** Sends single calls along a path. @throws Error when one of them fails, since the figures would mean nothing */
export async function measureLatency(
  { name, url, headers }: Path,
  what: Pick<RequestClientOptions, 'body' | 'seconds' | 'rate' | 'untilFirstToken'>,
  pinning: Pinning | null,
): Promise<LatencyResult> {
  // A schedule starts with many new connections: its first second says little of the server.
  const options: RequestClientOptions = { url, headers, ...what, warmUpSeconds: what.rate === null ? 0.5 : 1 };
  const result = await runScript<LatencyResult>(pinning?.load ?? null, 'request-client.ts', options);
  if (result.errors > 0) throw new Error(`${PATH_LABELS[name]}: ${result.errors} calls failed, ${result.firstError}`);
  return result;
}
