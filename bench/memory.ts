import { CONNECTIONS, runLoad } from './load.ts';
import type { Pinning } from './machine.ts';
import { type Upstream, startPath } from './paths.ts';
import { CHAT_BODY } from './payload.ts';
import { residentBytes } from './proc.ts';
import type { Settings } from './settings.ts';
import { median } from './statistics.ts';

const SAMPLE_MS = 100;

export interface MemoryResult {
  readonly requests: number;
  /** Resident bytes around the two numbers of requests that the settings name; null without /proc. */
  readonly early: number | null;
  readonly late: number | null;
}

/** Does memory grow with the number of requests? Everything on, one process from its start. */
export async function measureMemory(
  upstream: Upstream,
  settings: Settings,
  pinning: Pinning | null,
): Promise<MemoryResult> {
  const path = await startPath('everything', upstream, pinning);
  const load = { url: path.url, headers: path.headers, body: CHAT_BODY, connections: CONNECTIONS, seconds: 2 };
  let requests = 0;
  const upTo = async (limit: number) => {
    let resident: number | null = null;
    while (requests < limit) {
      const [result, samples] = await sampled(path.pid, runLoad(load, pinning));
      requests += result.requests;
      resident = median(samples);
    }
    return resident;
  };
  try {
    const early = await upTo(settings.memoryFrom);
    return { early, late: await upTo(settings.memoryTo), requests };
  } finally {
    await path.stop();
  }
}

/** The garbage collector moves resident memory up and down: a single reading says little, the median under load more. */
async function sampled<Result>(pid: number, work: Promise<Result>): Promise<[Result, (number | null)[]]> {
  const samples: (number | null)[] = [];
  const timer = setInterval(() => samples.push(residentBytes(pid)), SAMPLE_MS);
  try {
    return [await work, samples];
  } finally {
    clearInterval(timer);
  }
}
