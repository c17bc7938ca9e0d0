import { CONNECTIONS, type LoadResult, metered, runLoad } from './load.ts';
import { measureLatency } from './latency.ts';
import type { Pinning } from './machine.ts';
import { type Path, type PathName, type Upstream, startPath, startUpstream } from './paths.ts';
import { findPortkey } from './portkey.ts';
import { toProxyReport } from './proxy-report.ts';
import type { SuiteReport } from './report.ts';
import { type ProxyRound, RATE } from './rounds.ts';
import type { Settings } from './settings.ts';

export async function runProxySuite(settings: Settings, pinning: Pinning | null): Promise<SuiteReport> {
  const names = settings.paths.filter(canRun);
  const upstream = await startUpstream(pinning);
  const paths: Path[] = [];
  try {
    for (const name of names) paths.push(await startPath(name, upstream, pinning));
    const rounds = await measureRounds(paths, settings, pinning);
    return toProxyReport(names, rounds, pinning);
  } finally {
    await Promise.all([...paths, upstream].map((server: Path | Upstream) => server.stop()));
  }
}

/** Words that wait for their end delay streams only: that path is none of this suite. */
function canRun(name: PathName): boolean {
  return name === 'portkey' ? findPortkey() !== null : name !== 'mail-replies';
}

/** Round by round, so that a spell of noise falls on every path. */
async function measureRounds(
  paths: readonly Path[],
  settings: Settings,
  pinning: Pinning | null,
): Promise<ProxyRound[]> {
  for (const path of paths) await load(path, settings.warmUpSeconds, pinning);
  const rounds: ProxyRound[] = [];
  for (let round = 0; round < settings.proxyRounds; round++) {
    for (const path of paths) rounds.push({ round, ...(await measure(path, settings, pinning)) });
  }
  return rounds;
}

async function measure(path: Path, settings: Settings, pinning: Pinning | null): Promise<Omit<ProxyRound, 'round'>> {
  const { result, usage } = await metered(path, pinning, () => load(path, settings.loadSeconds, pinning));
  const calls = (seconds: number, rate: number | null) =>
    measureLatency(path, { body: path.body, seconds, rate, untilFirstToken: false }, pinning);
  return {
    path: path.name,
    load: result,
    usage,
    cpuMicrosPerRequest: usage.cpuSeconds === null ? null : (usage.cpuSeconds * 1e6) / result.requests,
    alone: await calls(settings.latencySeconds, null),
    // The rate is about all that Portkey takes on one core: its queue would only grow.
    atRate: path.name === 'portkey' ? null : await calls(settings.rateSeconds, RATE),
  };
}

function load({ url, headers, body }: Path, seconds: number, pinning: Pinning | null): Promise<LoadResult> {
  return runLoad({ url, headers, body, connections: CONNECTIONS, seconds }, pinning);
}
