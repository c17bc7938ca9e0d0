import { Figures, type Take } from './figures.ts';
import { CONNECTIONS } from './load.ts';
import type { Pinning } from './machine.ts';
import { PATH_LABELS, type PathName } from './paths.ts';
import { PORTKEY_HINT, findPortkey } from './portkey.ts';
import { conditionNotes } from './notes.ts';
import { type ProxyRound, RATE } from './rounds.ts';
import { type SuiteReport, type Target, atLeast, atMost } from './report.ts';

const SATURATED = 0.97; // busy share of the load's core from which on it, not the server, may set the pace

const cpu: Take<ProxyRound> = (round) => round.cpuMicrosPerRequest;
const aloneP50: Take<ProxyRound> = ({ alone }) => alone.p50Micros / 1e3;
const aloneP99: Take<ProxyRound> = ({ alone }) => alone.p99Micros / 1e3;
const rateP99: Take<ProxyRound> = ({ atRate }) => (atRate === null ? null : atRate.p99Micros / 1e3);

const COLUMNS = [
  `${CONNECTIONS} connections`,
  'requests/s',
  'p50 ms',
  'p99 ms',
  'CPU us/request',
  'RSS MB',
  '1 conn: added p50 ms',
  'added p99 ms',
  `${RATE}/s: p99 ms`,
  'added p99 ms',
];

export function toProxyReport(
  names: readonly PathName[],
  rounds: readonly ProxyRound[],
  pinning: Pinning | null,
): SuiteReport {
  const figures = new Figures(rounds);
  return {
    suite: 'proxy',
    targets: toTargets(figures),
    columns: COLUMNS,
    rows: names.map((name) => [PATH_LABELS[name], ...toRow(name, figures)]),
    notes: toNotes(rounds, pinning),
    rounds,
  };
}

function toTargets(figures: Figures<ProxyRound>): Target[] {
  const added = (label: string, take: Take<ProxyRound>, limit: number) =>
    atMost(limit, 'ms', `added ${label}, everything on`, figures.added('everything', take));
  const overNode = figures.ratio('everything', 'node-limit', cpu);
  const underPortkey = figures.ratio('portkey', 'everything', cpu);
  return [
    atMost(1.8, 'x', 'CPU per request, everything on / Node limit', overNode),
    atLeast(10, 'x', 'CPU per request, Portkey with nothing on / everything on', underPortkey),
    added('p50 at 1 connection', aloneP50, 0.25),
    added('p99 at 1 connection', aloneP99, 1),
    added(`p99 at ${RATE} requests/s`, rateP99, 3),
  ];
}

function toRow(name: PathName, figures: Figures<ProxyRound>): (number | null)[] {
  const middle = (take: Take<ProxyRound>) => figures.median(name, take);
  return [
    middle(({ load }) => load.requests / load.seconds),
    middle(({ load }) => load.p50Micros / 1e3),
    middle(({ load }) => load.p99Micros / 1e3),
    middle(cpu),
    middle(({ usage }) => (usage.residentBytes === null ? null : usage.residentBytes / 1e6)),
    figures.added(name, aloneP50),
    figures.added(name, aloneP99),
    middle(rateP99),
    figures.added(name, rateP99),
  ];
}

function toNotes(rounds: readonly ProxyRound[], pinning: Pinning | null): string[] {
  const notes = ['direct is the upstream itself, on the core of the load', ...conditionNotes(rounds, pinning)];
  const saturated = rounds.filter(({ path, usage }) => path !== 'direct' && (usage.loadCoreBusy ?? 0) > SATURATED);
  if (saturated.length > 0) {
    const where = [...new Set(saturated.map(({ path }) => PATH_LABELS[path]))].join(', ');
    notes.push(`the core of load and upstream was full (${where}): requests/s may be its limit, CPU us/request holds`);
  }
  if (findPortkey() === null) notes.push(PORTKEY_HINT);
  return notes;
}
