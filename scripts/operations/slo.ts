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
const COUNTS = `outcome!~"denied|cancelled", error_type!~"${CALLERS_FAULT}"`;

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
    bad: (window) =>
      summed(`sluice_requests_total{outcome=~"error|truncated", error_type!~"${CALLERS_FAULT}"}`, window),
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
  readonly hours: number;
  readonly for: string;
}

/** @source Google, The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts" */
const BURNS: readonly Burn[] = [
  { factor: 14.4, long: '1h', short: '5m', severity: 'page', hours: 1, for: '2m' },
  { factor: 6, long: '6h', short: '30m', severity: 'page', hours: 6, for: '15m' },
  { factor: 1, long: '3d', short: '6h', severity: 'ticket', hours: 72, for: '1h' },
];

const WINDOWS = ['5m', '30m', '1h', '6h', '3d'];
/** Of the long window: with fewer of them a share says too little to wake anybody. */
const FEWEST_REQUESTS = 100;

export const ratioName = ({ name }: Objective, window: string): string => `sluice:${name}_bad:ratio_rate${window}`;
const rateName = ({ name }: Objective, window: string): string => `sluice:${name}_requests:rate${window}`;

export function objectiveGroups(): RuleGroup[] {
  return OBJECTIVES.map((objective) => ({
    name: `sluice.slo.${objective.name}`,
    recordings: WINDOWS.flatMap((window) => recordings(objective, window)),
    alerts: BURNS.map((burn) => burnAlert(objective, burn)),
  }));
}

/** Where nothing was bad there is no series of it. */
function recordings(objective: Objective, window: string): Recording[] {
  const total = rateName(objective, window);
  return [
    { record: total, expr: objective.total(window) },
    { record: ratioName(objective, window), expr: `(${objective.bad(window)} or 0 * ${total}) / (${total} > 0)` },
  ];
}

function burnAlert(objective: Objective, { factor, long, short, severity, hours, ...burn }: Burn): Alert {
  const limit = round(factor * (1 - objective.target));
  const requests = `${rateName(objective, long)} * ${hours * 3600} >= ${FEWEST_REQUESTS}`;
  const speed = factor === 1 ? 'as fast as it may at most' : `${factor} times too fast`;
  return {
    name: objective.alert,
    severity,
    for: burn.for,
    labels: { slo: objective.name, window: long },
    expr: `${ratioName(objective, long)} > ${limit}\nand ${ratioName(objective, short)} > ${limit}\nand ${requests}`,
    summary: `The error budget of ${objective.name.replace('_', ' ')} goes ${speed}`,
    description: `{{ $value | humanizePercentage }} ${objective.badly} over ${long}, and over ${short} no less than ${percent(limit)}; ${percent(1 - objective.target)} are allowed in a month.`,
  };
}

const percent = (share: number): string => `${round(share * 100)}%`;
const round = (value: number): number => Number(value.toPrecision(6));
