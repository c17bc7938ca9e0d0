import { Figures, type Take } from './figures.ts';
import type { Pinning } from './machine.ts';
import type { MemoryResult } from './memory.ts';
import { PATH_LABELS, type PathName } from './paths.ts';
import { conditionNotes } from './notes.ts';
import { type SuiteReport, type Target, atMost } from './report.ts';
import type { Settings } from './settings.ts';
import { GAP_MS, type StreamRound } from './rounds.ts';

const firstTokenP50: Take<StreamRound> = ({ firstToken }) => firstToken.p50Micros / 1e3;
const gapP50: Take<StreamRound> = ({ held }) => held.gapP50Micros / 1e3;
const gapP99: Take<StreamRound> = ({ held }) => held.gapP99Micros / 1e3;
const delayP50: Take<StreamRound> = ({ held }) => held.delayP50Micros / 1e3;
const delayP99: Take<StreamRound> = ({ held }) => held.delayP99Micros / 1e3;
const framesPerSecond: Take<StreamRound> = ({ held }) => held.frames / held.seconds;
const loadBusyPercent: Take<StreamRound> = ({ usage }) =>
  usage.loadCoreBusy === null ? null : usage.loadCoreBusy * 100;
const cpuMicrosPerFrame: Take<StreamRound> = ({ usage, held }) =>
  usage.cpuSeconds === null ? null : (usage.cpuSeconds * 1e6) / held.frames;

const COLUMNS = [
  'streams',
  'first token p50 ms',
  'added ms',
  'frames/s',
  'gap p50 ms',
  'gap p99 ms',
  'frame delay p50 ms',
  'p99 ms',
  'CPU us/frame',
  'RSS KB/stream',
  'load core busy %',
];

export interface StreamsOutcome {
  readonly names: readonly PathName[];
  readonly rounds: readonly StreamRound[];
  /** Null where everything on was not run. */
  readonly memory: MemoryResult | null;
}

export function toStreamsReport(
  { names, rounds, memory }: StreamsOutcome,
  settings: Settings,
  pinning: Pinning | null,
): SuiteReport {
  const figures = new Figures(rounds);
  return {
    suite: 'streams',
    targets: [...toTargets(figures, settings), ...toMemoryTargets(memory, settings)],
    columns: COLUMNS,
    rows: names.map((name) => [PATH_LABELS[name], ...toRow(name, figures, settings)]),
    notes: [...toNotes(memory, settings), ...conditionNotes(rounds, pinning)],
    rounds: { streams: rounds, memory },
  };
}

function toTargets(figures: Figures<StreamRound>, { streams }: Settings): Target[] {
  const open = `${streams} streams at ${GAP_MS} ms a frame, everything on`;
  const perStream = figures.median('everything', residentKilobytes(streams));
  return [
    atMost(0.5, 'ms', 'added time to first token p50, everything on', figures.added('everything', firstTokenP50)),
    atMost(20, 'ms', `growth of the frame gap's p99, ${open}`, figures.added('everything', gapP99)),
    atMost(30, 'KB', `resident memory per stream, ${open}`, perStream),
  ];
}

function toMemoryTargets(memory: MemoryResult | null, { memoryFrom, memoryTo }: Settings): Target[] {
  if (memory === null || memory.late === null || memory.early === null) return [];
  const label = `resident memory after ${memoryTo} requests / after ${memoryFrom}`;
  return [atMost(1.1, 'x', label, memory.late / memory.early)];
}

function toRow(name: PathName, figures: Figures<StreamRound>, { streams }: Settings): (number | null)[] {
  const middle = (take: Take<StreamRound>) => figures.median(name, take);
  return [
    middle(firstTokenP50),
    figures.added(name, firstTokenP50),
    ...[framesPerSecond, gapP50, gapP99, delayP50, delayP99, cpuMicrosPerFrame].map(middle),
    // The upstream's own memory is no figure of a proxy.
    name === 'direct' ? null : middle(residentKilobytes(streams)),
    middle(loadBusyPercent),
  ];
}

/** Resident memory that one open stream adds. */
function residentKilobytes(streams: number): Take<StreamRound> {
  return ({ residentBefore, residentOpen }) =>
    residentBefore === null || residentOpen === null ? null : (residentOpen - residentBefore) / 1e3 / streams;
}

function toNotes(memory: MemoryResult | null, { streams }: Settings): string[] {
  const notes = [
    `an upstream that keeps time sends ${(streams * 1000) / GAP_MS} frames/s; its own figures stand in the direct row`,
    'RSS KB/stream includes what the heap grows by when a server that has only warmed up comes under load',
  ];
  const { early = null, late = null } = memory ?? {};
  if (early !== null && late !== null) {
    notes.push(`resident memory, everything on: ${toMegabytes(early)} MB, then ${toMegabytes(late)} MB`);
  }
  return notes;
}

const toMegabytes = (bytes: number) => Math.round(bytes / 1e6);
