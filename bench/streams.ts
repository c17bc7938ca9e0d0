import { monotonicMicros } from './clock.ts';
import { measureLatency } from './latency.ts';
import { metered } from './load.ts';
import type { Pinning } from './machine.ts';
import { measureMemory } from './memory.ts';
import { PATH_LABELS, type Path, type PathName, type Upstream, startPath, startUpstream } from './paths.ts';
import { streamBody } from './payload.ts';
import { residentBytes } from './proc.ts';
import { Job, scriptCommand } from './processes.ts';
import type { SuiteReport } from './report.ts';
import { GAP_MS, type StreamRound } from './rounds.ts';
import type { Settings } from './settings.ts';
import { toStreamsReport } from './streams-report.ts';
import type { StreamClientOptions, StreamResult } from './stream-client.ts';

const PATHS: readonly PathName[] = ['direct', 'node-limit', 'bare', 'everything', 'mail-replies'];
const SPARE_FRAMES = 1500; // 30 s more than the plan, for a slow machine
const WARM_UP_STREAMS = 50;

export async function runStreamsSuite(settings: Settings, pinning: Pinning | null): Promise<SuiteReport> {
  const names = PATHS.filter((name) => settings.paths.includes(name));
  const upstream = await startUpstream(pinning);
  try {
    await checkClock(upstream);
    const rounds: StreamRound[] = [];
    for (let round = 0; round < settings.streamRounds; round++) {
      for (const name of names) rounds.push({ round, ...(await measure(name, upstream, settings, pinning)) });
    }
    const memory = names.includes('everything') ? await measureMemory(upstream, settings, pinning) : null;
    return toStreamsReport({ names, rounds, memory }, settings, pinning);
  } finally {
    await upstream.stop();
  }
}

/** The frames carry the upstream's time: worth something only when its clock is this process's. */
async function checkClock({ port }: Upstream): Promise<void> {
  const before = monotonicMicros();
  const theirs = Number(await (await fetch(`http://127.0.0.1:${port}/clock`)).text());
  const after = monotonicMicros();
  if (!(before <= theirs && theirs <= after)) throw new Error('two processes read different clocks on this system');
}

/** A server of its own for each round, so that memory held before is no memory of earlier streams. */
async function measure(
  name: PathName,
  upstream: Upstream,
  settings: Settings,
  pinning: Pinning | null,
): Promise<Omit<StreamRound, 'round'>> {
  const path = await startPath(name, upstream, pinning);
  try {
    const shortStreams = {
      body: streamBody(2),
      seconds: settings.firstTokenSeconds,
      rate: null,
      untilFirstToken: true,
    };
    const firstToken = await measureLatency(path, shortStreams, pinning);
    await holdStreams(path, { streams: WARM_UP_STREAMS, rampSeconds: 0, holdSeconds: 1 }, pinning);
    const { streams, rampSeconds, holdSeconds } = settings;
    const held = await holdStreams(path, { streams, rampSeconds, holdSeconds }, pinning);
    return { path: name, firstToken, ...held };
  } finally {
    await path.stop();
  }
}

type Plan = Pick<StreamClientOptions, 'streams' | 'rampSeconds' | 'holdSeconds'>;

async function holdStreams(
  path: Path,
  plan: Plan,
  pinning: Pinning | null,
): Promise<Pick<StreamRound, 'held' | 'usage' | 'residentBefore' | 'residentOpen'>> {
  const { name, url, headers, pid } = path;
  const residentBefore = residentBytes(pid);
  const frames = ((plan.rampSeconds + plan.holdSeconds) * 1000) / GAP_MS + SPARE_FRAMES;
  const options: StreamClientOptions = { url, headers, body: streamBody(frames), ...plan };
  const client = new Job(scriptCommand(pinning?.load ?? null, 'stream-client.ts', [JSON.stringify(options)]), 'pipe');
  const messages = client.messages();
  await messages.next();
  const { result, usage } = await metered(path, pinning, async () => (await messages.next()).value as StreamResult);
  const residentOpen = residentBytes(pid);
  await client.stop();
  if (result.errors > 0) {
    throw new Error(`${result.errors} streams through ${PATH_LABELS[name]} ended early: ${result.firstError}`);
  }
  return { held: result, usage, residentBefore, residentOpen };
}
