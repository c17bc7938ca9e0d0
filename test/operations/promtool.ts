import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { InstalledPrometheus } from '../../scripts/prometheus-server.ts';
import { RULES, type Recorded, type Series } from './prometheus.ts';

/** @returns all that it said where it was not content; empty: it was */
export function promtool({ promtool: program }: InstalledPrometheus, args: readonly string[], input = ''): string {
  const cwd = args.at(-1)?.endsWith('.yaml') === true ? dirname(args.at(-1)!) : undefined;
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8', ...(cwd ? { cwd } : {}) });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

/** Each second of the run is ten: what is asked for five minutes can hold so long. */
const STRETCHED = 10;

/** A test of promtool: in these series these alerts begin at some time, and at a gateway that is well none of them. */
export async function replayTest(
  recorded: Recorded,
  exprs: readonly string[],
  alerts: readonly string[],
): Promise<string> {
  const names = new Set(
    exprs.flatMap((expr) => expr.match(/\b(?:sluice_[a-z_]+|process_(?:open|max)_fds|up)\b/g) ?? []),
  );
  const series = (await Promise.all([...names].map((name) => recorded.raw(name)))).flat();
  const seconds = series.flatMap(({ values }) => values.map(([time]) => Math.floor(time)));
  const [first, last] = [seconds.reduce((a, b) => Math.min(a, b)), seconds.reduce((a, b) => Math.max(a, b))];
  const input_series = series.map((each) => ({ series: notation(each), values: valuesOf(each, first, last) }));
  const eval_time = `${(last - first) * STRETCHED}s`;
  const begun = (selector: string) => `group by (alertname) (last_over_time(ALERTS{${selector}}[2h]))`;
  const promql_expr_test = [
    ...alerts.map((name) => ({
      expr: begun(`alertname="${name}"`),
      eval_time,
      exp_samples: [{ labels: `{alertname="${name}"}`, value: 1 }],
    })),
    {
      expr: begun(
        'job="sluice-healthy", alertname!~"SluiceEventLoopLag|SluiceOverheadBurn|SluiceGatewayDown|SluiceAbsent"',
      ),
      eval_time,
      exp_samples: [],
    },
  ];
  const interval = `${STRETCHED}s`;
  return stringify({
    rule_files: [RULES],
    evaluation_interval: interval,
    tests: [{ interval, input_series, promql_expr_test }],
  });
}

export function writeTest(folder: string, text: string): string {
  const file = join(folder, 'recorded.promtool.yaml');
  writeFileSync(file, text);
  return file;
}

function notation({ metric: { __name__: name = '', ...labels } }: Series): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(',')}}`;
}

/** One value a second, `_` where there was none. */
function valuesOf({ values }: Series, first: number, last: number): string {
  const told = new Map(values.map(([time, value]) => [Math.floor(time), value]));
  return Array.from({ length: last - first + 1 }, (_, index) => told.get(first + index) ?? '_').join(' ');
}
