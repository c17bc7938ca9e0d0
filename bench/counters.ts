import { findRedis, startRedis } from '../scripts/redis-server.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Claim, Counters } from '../src/core/counters.ts';
import { MemoryCounters } from '../src/counters/memory-counters.ts';
import { openCounters } from '../src/counters/open-counters.ts';
import { atMost, type SuiteReport } from './report.ts';
import type { Settings } from './settings.ts';
import { median } from './statistics.ts';

const QUICK = { rounds: 5, requests: 20_000, redisRequests: 3000 };
const FULL = { rounds: 9, requests: 200_000, redisRequests: 20_000 };
const WARM_UP = 2;
/** Requests under way at once, as a gateway has them. */
const LANES = 32;
/** Requests per second that memory is measured at. */
const PACE = 2000;
const CALLS = 2; // of a request: each reads the clock once
const COLUMNS = ['counters', 'us/decision', 'us/request', 'decisions/s', 'p50 ms', 'p99 ms'];

const MINUTE = 60_000;
const MONTH = { kind: 'calendar', windows: [{ name: 'month', end: Date.UTC(2100, 0, 1) }] } as const;
const ROLLING = { kind: 'rolling', length: 24 * 60 * MINUTE, parts: 24 } as const;
const LARGE = 1e12;

/** What a key and its team may have between them. */
const CLAIMS: readonly Claim[] = [
  { kind: 'rate', counter: 'key/dev/requests', limit: 1e9, per: MINUTE, amount: 1 },
  { kind: 'rate', counter: 'key/dev/tokens', limit: 1e11, per: MINUTE, amount: 1200 },
  { kind: 'place', counter: 'key/dev', limit: 1e6 },
  { kind: 'budget', counter: 'key/dev', limit: LARGE, amount: 25_000, window: MONTH },
  { kind: 'budget', counter: 'team/core', limit: LARGE, amount: 25_000, window: ROLLING },
];
const ACTUAL = [1, 700, 0, 14_000, 14_000];

interface Figure {
  readonly name: string;
  readonly decisionMicros: number;
  /** Reserved and settled. */
  readonly requestMicros: number;
  readonly perSecond: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

/** Decisions of five claims: in memory, and on a Redis of this machine. */
export async function run({ isQuick }: Settings): Promise<SuiteReport> {
  const scale = isQuick ? QUICK : FULL;
  const memory = memoryFigure(scale);
  const { figures, note } = await redisFigures(scale.redisRequests);
  return {
    suite: 'counters',
    targets: [atMost(2, 'us', 'a decision of 5 claims in memory', memory.decisionMicros)],
    columns: COLUMNS,
    rows: [memory, ...figures].map(({ name, decisionMicros, requestMicros, perSecond, p50, p99 }) => [
      name,
      decisionMicros,
      requestMicros,
      perSecond,
      p50 ?? '',
      p99 ?? '',
    ]),
    notes: [
      `one process, not pinned; ${LANES} requests under way at once; a request is reserved, then settled`,
      ...note,
    ],
    rounds: { memory, figures },
  };
}

/** Settled ids are kept for a while: as many as at this pace, not as at the pace of the loop. */
function memoryFigure({ rounds, requests }: typeof FULL): Figure {
  let time = Date.UTC(2026, 0, 1);
  const wall = () => (time += 1000 / PACE / CALLS);
  const counters = new MemoryCounters({ now: wall, wall });
  const all = Array.from({ length: rounds + WARM_UP }, (_, round) => memoryRound(counters, `${round}`, requests));
  const counted = all.slice(WARM_UP);
  const decisionMicros = median(counted.map(({ reserving }) => reserving))!;
  const requestMicros = median(counted.map(({ reserving, settling }) => reserving + settling))!;
  return { name: 'memory', decisionMicros, requestMicros, perSecond: 1e6 / decisionMicros, p50: null, p99: null };
}

/** Microseconds of one reservation and one settlement. */
function memoryRound(counters: MemoryCounters, round: string, requests: number) {
  const ids = Array.from({ length: LANES }, (_, lane) => `${round}/${lane}/`);
  let reserving = 0;
  let settling = 0;
  for (let turn = 0; turn < requests / LANES; turn++) {
    const reservations = ids.map((id) => ({ id: id + turn, claims: CLAIMS, expiresIn: MINUTE }));
    const begun = performance.now();
    for (const reservation of reservations) counters.reserve(reservation);
    const reserved = performance.now();
    for (const reservation of reservations) counters.settle(reservation, ACTUAL);
    reserving += reserved - begun;
    settling += performance.now() - reserved;
  }
  return { reserving: (reserving * 1000) / requests, settling: (settling * 1000) / requests };
}

async function redisFigures(requests: number): Promise<{ figures: Figure[]; note: string[] }> {
  const installed = findRedis();
  if (typeof installed === 'string') return { figures: [], note: [`no figures of Redis: ${installed}`] };
  const redis = await startRedis(installed);
  const counters = openCounters(redis.url, systemClock);
  await redisRound(counters, 'warm-up', requests / 4, LANES);
  const figures = [
    await redisRound(counters, 'redis, one at a time', requests / 4, 1),
    await redisRound(counters, `redis, ${LANES} at once`, requests, LANES),
  ];
  await counters.close();
  await redis.stop();
  return { figures, note: ['redis: a server on this machine, over loopback; each decision is one round trip'] };
}

async function redisRound(counters: Counters, name: string, requests: number, lanes: number): Promise<Figure> {
  const latencies: number[] = [];
  const serve = async (lane: number): Promise<void> => {
    for (let turn = 0; turn < requests / lanes; turn++) {
      const reservation = { id: `${name}/${lane}/${turn}`, claims: CLAIMS, expiresIn: MINUTE };
      const begun = performance.now();
      await counters.reserve(reservation);
      latencies.push(performance.now() - begun);
      await counters.settle(reservation, ACTUAL);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: lanes }, (_, lane) => serve(lane)));
  const requestMicros = ((performance.now() - begun) * 1000) / requests;
  const perSecond = 2e6 / requestMicros; // a settlement is a call like any other
  return {
    name,
    decisionMicros: requestMicros / 2,
    requestMicros,
    perSecond,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))]!;
}
