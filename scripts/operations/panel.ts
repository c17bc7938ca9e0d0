/** A unit that Grafana knows by this id. */
export type Unit =
  | 'reqps'
  | 'ops'
  | 's'
  | 'percentunit'
  | 'percent'
  | 'short'
  | 'bytes'
  | 'currencyUSD'
  | 'none'
  | 'dateTimeFromNow';

export interface Query {
  readonly expr: string;
  /** With labels as `{{label}}`; of tables none. */
  readonly legend?: string;
}

export interface Threshold {
  /** From here on; null: from the lowest value. */
  readonly from: number | null;
  readonly colour: 'green' | 'yellow' | 'red' | 'blue';
}

export interface Panel {
  readonly title: string;
  readonly kind: 'timeseries' | 'stat' | 'table' | 'state-timeline' | 'heatmap' | 'bargauge';
  readonly unit: Unit;
  /** What it shows, and what to do when it looks bad. */
  readonly description: string;
  readonly queries: readonly Query[];
  /** Its page of the runbook is linked. */
  readonly alert?: string;
  readonly thresholds?: readonly Threshold[];
  /** Of 24; 8 where left out, 4 of a stat. */
  readonly width?: number;
  readonly isStacked?: boolean;
  readonly max?: number;
  /** What numbers stand for. */
  readonly words?: Readonly<Record<number, string>>;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A choice at the top of a dashboard: the values of a label. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** A metric that has the label. */
  readonly of: string;
}

export interface Dashboard {
  /** Also the name of its file. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

const HERE = 'namespace=~"$namespace", job=~"$job", instance=~"$instance"';

/** A series of the gateways that are chosen at the top. */
export function at(metric: string, labels = ''): string {
  return `${metric}{${labels === '' ? HERE : `${HERE}, ${labels}`}}`;
}

export function rate(metric: string, by: string, labels = ''): string {
  const summed = by === '' ? 'sum' : `sum by (${by})`;
  return `${summed} (rate(${at(metric, labels)}[$__rate_interval]))`;
}

/** 0, not nothing, where there is no series of the part. */
export function shareOf(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / ${whole}`;
}

export function quantile(share: number, histogram: string, by = '', labels = ''): string {
  return `histogram_quantile(${share}, ${rate(`${histogram}_bucket`, by === '' ? 'le' : `le, ${by}`, labels)})`;
}

/** The p50, p95 and p99 of a histogram. */
export function quantiles(histogram: string, labels = ''): Query[] {
  return [0.5, 0.95, 0.99].map((share) => ({
    expr: quantile(share, histogram, '', labels),
    legend: `p${share * 100}`,
  }));
}

export const series = (panel: Omit<Panel, 'kind'>): Panel => ({ ...panel, kind: 'timeseries' });
export const stat = (panel: Omit<Panel, 'kind'>): Panel => ({ width: 4, ...panel, kind: 'stat' });
export const table = (panel: Omit<Panel, 'kind'>): Panel => ({ ...panel, kind: 'table' });
export const states = (panel: Omit<Panel, 'kind'>): Panel => ({ ...panel, kind: 'state-timeline' });
export const heatmap = (panel: Omit<Panel, 'kind'>): Panel => ({ ...panel, kind: 'heatmap' });
export const bars = (panel: Omit<Panel, 'kind'>): Panel => ({ ...panel, kind: 'bargauge' });

/** Good below, bad from there on. */
export const badFrom = (yellow: number, red: number): readonly Threshold[] => [
  { from: null, colour: 'green' },
  { from: yellow, colour: 'yellow' },
  { from: red, colour: 'red' },
];

/** Bad below, good from there on. */
export const goodFrom = (yellow: number, green: number): readonly Threshold[] => [
  { from: null, colour: 'red' },
  { from: yellow, colour: 'yellow' },
  { from: green, colour: 'green' },
];

export const NEUTRAL: readonly Threshold[] = [{ from: null, colour: 'blue' }];
