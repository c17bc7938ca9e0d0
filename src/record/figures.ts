import { Registry, type Metric } from '@prometheus-io/client';
import { METRICS } from './metric-definitions.ts';
import type { SampleValue } from './series.ts';

/** One metric as it stands. */
interface Figure {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly SampleValue[];
}

/** All metrics of one process. */
export type Figures = readonly Figure[];

export interface MetricsText {
  readonly contentType: string;
  readonly body: string;
}

type Rule = 'sum' | 'min' | 'max';

/** Of the process metrics that are no counters; of all others the highest is told. */
const SUMMED = [
  'process_resident_memory_bytes',
  'process_virtual_memory_bytes',
  'process_heap_bytes',
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  'nodejs_external_memory_bytes',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_heap_space_size_total_bytes',
  'nodejs_heap_space_size_used_bytes',
  'nodejs_heap_space_size_available_bytes',
];

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...SUMMED.map((name) => [name, 'sum'] as const),
  // Of the gateway as a whole: its control process.
  ['process_start_time_seconds', 'min'] as const,
  ...Object.values(METRICS).flatMap((definition) =>
    'merged' in definition ? [[definition.name, definition.merged] as const] : [],
  ),
]);

export async function figuresOf(registry: Registry): Promise<Figures> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.map((metric) => {
    const { name, help, type, values } = metric as unknown as Figure;
    return { name, help, type, values };
  });
}

/** What only grows: it goes on counting when the process is gone. */
function isCounted({ name, type }: Figure): boolean {
  // A sum of values that may be below zero is a gauge by its type, and a count by its name.
  const isSum = RULES.get(name) === 'sum' && name.startsWith('sluice_') && name.endsWith('_total');
  return type === 'counter' || type === 'histogram' || type === 'summary' || isSum;
}

function ruleOf(figure: Figure, value: SampleValue): Rule {
  if (figure.type === 'gauge') return RULES.get(figure.name) ?? 'max';
  return 'quantile' in value.labels ? 'max' : 'sum';
}

interface Merging {
  readonly figure: Figure;
  readonly values: Map<string, { value: number; readonly sample: SampleValue }>;
}

/** Counters and histograms of all are added up; of a gauge each has its rule. */
export function mergeFigures(all: Iterable<Figures>): Figures {
  const merged = new Map<string, Merging>();
  for (const figures of all) for (const figure of figures) addFigure(merged, figure);
  return [...merged.values()].map(({ figure, values }) => ({
    ...figure,
    values: [...values.values()].map(({ value, sample }) => ({ ...sample, value })),
  }));
}

function addFigure(merged: Map<string, Merging>, figure: Figure): void {
  let into = merged.get(figure.name);
  if (into === undefined) merged.set(figure.name, (into = { figure, values: new Map() }));
  for (const sample of figure.values) {
    const key = `${sample.metricName ?? ''}\0${Object.values(sample.labels).join('\0')}`;
    const known = into.values.get(key);
    if (known === undefined) into.values.set(key, { value: sample.value, sample });
    else known.value = together(ruleOf(figure, sample), known.value, sample.value);
  }
}

function together(rule: Rule, one: number, other: number): number {
  if (rule === 'sum') return one + other;
  return rule === 'min' ? Math.min(one, other) : Math.max(one, other);
}

/**
 * The metrics of several processes as one. What a process told last stands for it until it tells more; what one that is
 * gone has counted stays counted, so that nothing goes backwards.
 */
export class SharedFigures<Process> {
  private readonly latest = new Map<Process, Figures>();
  private ofGone: Figures = [];

  tell(process: Process, figures: Figures): void {
    this.latest.set(process, figures);
  }

  gone(process: Process): void {
    const figures = this.latest.get(process);
    if (figures === undefined) return;
    this.latest.delete(process);
    this.ofGone = mergeFigures([this.ofGone, figures.filter(isCounted)]);
  }

  /** @param own of the process that asks */
  render(own: Figures): Promise<MetricsText> {
    return printFigures(mergeFigures([own, this.ofGone, ...this.latest.values()]));
  }
}

async function printFigures(figures: Figures): Promise<MetricsText> {
  const registry = new Registry();
  for (const figure of figures) {
    const metric = { ...figure, get: () => Promise.resolve({ ...figure, aggregator: 'sum' }) };
    registry.registerMetric(metric as unknown as Metric);
  }
  return { contentType: registry.contentType, body: await registry.metrics() };
}
