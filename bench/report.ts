import type { Machine, Pinning } from './machine.ts';

/** A figure that design or users hold the gateway to. `measured` null: this run could not tell. */
export interface Target {
  readonly label: string;
  readonly unit: string;
  readonly measured: number | null;
  readonly limit: number;
  readonly bound: 'at most' | 'at least' | 'exactly';
}

export function atMost(limit: number, unit: string, label: string, measured: number | null): Target {
  return { label, unit, measured, limit, bound: 'at most' };
}

export function atLeast(limit: number, unit: string, label: string, measured: number | null): Target {
  return { label, unit, measured, limit, bound: 'at least' };
}

export function exactly(limit: number, unit: string, label: string, measured: number | null): Target {
  return { label, unit, measured, limit, bound: 'exactly' };
}

/** Numbers are printed with as many digits as they deserve; null as a dash. */
export type Cell = string | number | null;

/** What a suite hands back; `rounds` goes into the JSON file as it is, raw figures of every round. */
export interface SuiteReport {
  readonly suite: string;
  readonly targets: readonly Target[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What the reader must know to trust the figures, or not to. */
  readonly notes: readonly string[];
  readonly rounds: unknown;
}

export interface Run {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly loadTool: string;
  readonly pinning: Pinning | null;
  readonly settings: unknown;
}

export function formatReport(run: Run, report: SuiteReport): string {
  const { machine, pinning } = run;
  const place = pinning === null ? 'not pinned' : `server on core ${pinning.server}, load on core ${pinning.load}`;
  const title =
    `${report.suite} - Node ${machine.node}, ${machine.cpu} x${machine.cores}, ${run.loadTool}, ${place}, ` +
    `load average ${machine.loadAverage[0]}, commit ${machine.commit?.slice(0, 10) ?? 'none'}${machine.isDirty ? '+' : ''}`;
  return [
    title,
    ...report.targets.map((target) => `  ${formatTarget(target)}`),
    '',
    formatTable(report.columns, report.rows),
    ...report.notes.map((note) => `  note: ${note}`),
    '',
  ].join('\n');
}

export function verdict({ measured, limit, bound }: Target): 'met' | 'not met' | 'not measured' {
  if (measured === null) return 'not measured';
  return HOLDS[bound](measured, limit) ? 'met' : 'not met';
}

const HOLDS: Readonly<Record<Target['bound'], (measured: number, limit: number) => boolean>> = {
  'at most': (measured, limit) => measured <= limit,
  'at least': (measured, limit) => measured >= limit,
  exactly: (measured, limit) => measured === limit,
};

export function formatTarget(target: Target): string {
  const { label, unit, measured, limit, bound } = target;
  // Of what must be exact every digit counts.
  const told = bound === 'exactly' && measured !== null ? `${measured}` : formatCell(measured);
  return `${label}: ${told} ${unit} (${bound} ${limit} ${unit}: ${verdict(target)})`;
}

/** First column to the left, figures to the right. */
export function formatTable(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [columns, ...rows.map((row) => row.map(formatCell))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => {
      const [first = '', ...figures] = line.map((cell, column) => {
        return column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
      });
      return `  ${[first, ...figures].join('  ')}`.trimEnd();
    })
    .join('\n');
}

/** Three significant digits: the machine is not steadier than that. */
export function formatCell(cell: Cell): string {
  if (cell === null) return '-';
  if (typeof cell === 'string') return cell;
  const rounded = Number(cell.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
