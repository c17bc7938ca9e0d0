import { INSTALLATION, type Alert, type Recording, type RuleGroup, type Severity } from './rule.ts';

/** A promise to apps: this share of what counts is good. */
export interface Objective {
  readonly name: string;
  readonly alert: string;
  /** Of the requests that count; a share. */
  readonly target: number;
  /** Requests that count, by their rate over a window. */
  readonly total: (window: string) => string;
  readonly bad: (window: string) => string;
  /** What a bad one is, in a sentence about a share of them. */
  readonly badly: string;
}

/** What a caller did wrong says nothing about the gateway or its providers; 408 and 429 do. As the judge of rollouts has it. */
const CALLERS_FAULT = 'http_4(0[0-79]|[13-9][0-9]|2[0-8])';
export const BAD = `outcome=~"error|truncated", error_type!~"${CALLERS_FAULT}"`;
export const COUNTS = `outcome!~"denied|cancelled", error_type!~"${CALLERS_FAULT}"`;

const summed = (series: string, window: string): string => `sum by (${INSTALLATION}) (rate(${series}[${window}]))`;

/** Of a histogram: requests above a bound, which must be one of its buckets. Prometheus 3 writes whole numbers as 5.0. */
function slowerThan(histogram: string, bound: number): Pick<Objective, 'total' | 'bad'> {
  const le = Number.isInteger(bound) ? `le=~"${bound}|${bound}[.]0"` : `le="${bound}"`;
  const total = (window: string) => summed(`${histogram}_count`, window);
  return { total, bad: (window) => `${total(window)} - ${summed(`${histogram}_bucket{${le}}`, window)}` };
}

/** Change the figures to what you promise, and run `npm run dashboards`. */
export const OBJECTIVES: readonly Objective[] = [
  {
    name: 'availability',
    alert: 'SluiceAvailabilityBurn',
    target: 0.995,
    total: (window) => summed(`sluice_requests_total{${COUNTS}}`, window),
    bad: (window) => summed(`sluice_requests_total{${BAD}}`, window),
    badly: 'of the requests fail or break off',
  },
  {
    name: 'first_token',
    alert: 'SluiceFirstTokenBurn',
    target: 0.99,
    ...slowerThan('sluice_time_to_first_token_seconds', 5),
    badly: 'of the streams take more than 5 s to their first token',
  },
  {
    name: 'overhead',
    alert: 'SluiceOverheadBurn',
    target: 0.99,
    ...slowerThan('sluice_overhead_seconds', 0.05),
    badly: 'of the requests are held up for more than 50 ms by the gateway itself',
  },
];

interface Burn {
  /** How many times too fast the month's budget goes. */
  readonly factor: number;
  readonly long: string;
  /** That it still goes on: the alert ends soon after its cause. */
  readonly short: string;
  readonly severity: Severity;
  readonly for: string;
}

/** @source Google, The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts" */
const BURNS: readonly Burn[] = [
  { factor: 14.4, long: '1h', short: '5m', severity: 'page', for: '2m' },
  { factor: 6, long: '6h', short: '30m', severity: 'page', for: '15m' },
  { factor: 1, long: '3d', short: '6h', severity: 'ticket', for: '1h' },
];

/** Read from the series of each request; the longer windows from what was recorded of the shortest. */
const OF_REQUESTS = ['5m', '30m', '1h'];
/** Three days of all buckets of all gateways would be more samples than Prometheus reads for one query. */
const OF_RECORDS = ['6h', '3d'];
/** Of the long window: with fewer of them a share says too little to wake anybody. */
const FEWEST_REQUESTS = 100;

export const ratioName = ({ name }: Objective, window: string): string => `sluice:${name}_bad:ratio_rate${window}`;
const badName = ({ name }: Objective): string => `sluice:${name}_bad:rate5m`;
const rateName = ({ name }: Objective, window: string): string => `sluice:${name}_requests:rate${window}`;

export function objectiveGroups(): RuleGroup[] {
  return OBJECTIVES.map((objective) => ({
    name: `sluice.slo.${objective.name}`,
    recordings: [
      ...OF_REQUESTS.flatMap((window) => recordings(objective, window)),
      ...OF_RECORDS.map((window) => longRecording(objective, window)),
    ],
    alerts: BURNS.map((burn) => burnAlert(objective, burn)),
  }));
}

/** Where nothing was bad there is no series of it. */
function recordings(objective: Objective, window: string): Recording[] {
  const total = rateName(objective, window);
  const bad = `${objective.bad(window)} or 0 * ${total}`;
  const requests = { record: total, expr: objective.total(window) };
  const ratio = (of: string) => ({ record: ratioName(objective, window), expr: `${of} / (${total} > 0)` });
  if (window !== '5m') return [requests, ratio(`(${bad})`)];
  return [requests, { record: badName(objective), expr: bad }, ratio(badName(objective))];
}

function longRecording(objective: Objective, window: string): Recording {
  const over = (name: string) => `sum_over_time(${name}[${window}])`;
  const [bad, total] = [badName(objective), rateName(objective, '5m')].map(over);
  return { record: ratioName(objective, window), expr: `${bad} / (${total} > 0)` };
}

/** That there were enough in a window: in its last hour already, or in all of it; what is not recorded yet counts as none. */
function enoughIn(objective: Objective, window: string): string {
  const lately = `${rateName(objective, '1h')} * 3600 >= ${FEWEST_REQUESTS}`;
  if (window === '1h') return lately;
  return `(${lately} or sum_over_time(${rateName(objective, '5m')}[${window}:1m]) * 60 >= ${FEWEST_REQUESTS})`;
}

function burnAlert(objective: Objective, { factor, long, short, severity, ...burn }: Burn): Alert {
  const limit = round(factor * (1 - objective.target));
  const speed = factor === 1 ? 'as fast as it may at most' : `${factor} times too fast`;
  return {
    name: objective.alert,
    severity,
    for: burn.for,
    labels: { slo: objective.name, window: long },
    expr: `${ratioName(objective, long)} > ${limit}\nand ${ratioName(objective, short)} > ${limit}\nand ${enoughIn(objective, long)}`,
    summary: `The error budget of ${objective.name.replace('_', ' ')} goes ${speed}`,
    description: `{{ $value | humanizePercentage }} ${objective.badly} over ${long}, and over ${short} no less than ${percent(limit)}; ${percent(1 - objective.target)} are allowed in a month.`,
  };
}

const percent = (share: number): string => `${round(share * 100)}%`;
const round = (value: number): number => Number(value.toPrecision(6));
