import type { Figure, RedactOutcome } from './redact.ts';
import { type Cell, type SuiteReport, type Target, atLeast, atMost } from './report.ts';

const COLUMNS = ['clean text', '1 KB: us', 'MB/s', '10 KB: us', 'MB/s', '1 MB: us', 'MB/s'];

export function toRedactReport(outcome: RedactOutcome): SuiteReport {
  const { clean, prefilter, worst, work } = outcome;
  return {
    suite: 'redact',
    targets: toTargets(outcome),
    columns: COLUMNS,
    rows: [
      ...[...clean, prefilter].map(bySize),
      filled('the ten worst: 100 KB of', 'us', 'MB/s', 'x prose'),
      ...worst.map((figure) => filled(figure.name, figure.micros, megabytesPerSecond(figure), figure.ratio)),
      filled('work', 'us', '', ''),
      ...work.map(({ name, micros }) => filled(name, micros, '', '')),
    ],
    notes: ['one process, not pinned; requests, with the default actions and e-mail addresses replaced'],
    rounds: outcome,
  };
}

function toTargets({ clean, worst }: RedactOutcome): Target[] {
  const [oneKilobyte, tenKilobytes] = clean[0]!;
  const slowest = worst[0]!;
  return [
    atLeast(150, 'MB/s', 'prose of 10 KB', megabytesPerSecond(tenKilobytes!)),
    atMost(15, 'us', 'prose of 1 KB', oneKilobyte!.micros),
    atMost(20, 'x', `worst text (${slowest.name}) / prose, 100 KB each`, slowest.ratio),
  ];
}

function bySize(figures: readonly Figure[]): Cell[] {
  return [figures[0]!.name, ...figures.flatMap((figure) => [figure.micros, megabytesPerSecond(figure)])];
}

/** A row of the lower parts of the table, which have fewer columns. */
function filled(...cells: readonly Cell[]): Cell[] {
  return COLUMNS.map((_, column) => cells[column] ?? '');
}

const megabytesPerSecond = ({ bytes, micros }: Figure): number => bytes / micros;
