import type { Analysis, MetricAnalysis } from '../core/analysis.ts';
import { percent, table } from './format.ts';

/** What fits on a screen beside everything else. */
const SHOWN_METRICS = 8;

/** What is happening, why and how long still: the first lines of every screen. */
export function headline(analysis: Analysis): readonly string[] {
  const warnings = analysis.warnings.map((warning) => `Warning: ${WARNINGS[warning] ?? warning}.`);
  return [analysis.summary, ...(analysis.next === null ? [] : [analysis.next]), ...warnings];
}

const WARNINGS: Readonly<Record<string, string>> = {
  srm: 'the arms get another share of the units than they should',
  no_traffic: 'an arm gets no traffic',
  feedback_share: 'the arms send feedback in different shares, so it may say more about who speaks than about the arm',
};

/** One row for each metric that is judged; those that decide first. */
export function metricTable(metrics: readonly MetricAnalysis[]): string {
  const shown = metrics
    .filter(({ role, state }) => role !== 'srm' || state !== 'gathering')
    .toSorted((a, b) => ORDER[a.state] - ORDER[b.state])
    .slice(0, SHOWN_METRICS);
  if (shown.length === 0) return 'Nothing is judged: no guard, watch or goal is declared.';
  const rows = shown.map((metric) => [
    metric.segment === null ? metric.metric : `${metric.metric} ${metric.segment}`,
    metric.margin === null ? '-' : signed(metric.margin - 1),
    effectText(metric),
    countText(metric.counts[0]),
    countText(metric.counts[1]),
    evidenceText(metric),
    stateText(metric),
  ]);
  const [first, second] = shown[0]!.counts.map(({ arm }) => arm.toUpperCase());
  return table(['METRIC', 'MARGIN', 'CHANGE', first!, second!, 'EVIDENCE', 'STATE'], rows, ['MARGIN', first!, second!]);
}

const ORDER: Readonly<Record<MetricAnalysis['state'], number>> = {
  crossed: 0,
  changed: 1,
  better: 2,
  gathering: 3,
  harmless: 4,
};

/** `+31 % (+2 to +68 %)`; bounds that hold at all times together. */
export function effectText({ effect: { estimate, low, high, quantile } }: Pick<MetricAnalysis, 'effect'>): string {
  if (estimate === null) return 'unknown';
  if (low === null && high === null) return signed(estimate);
  const at = quantile === 0.5 ? 'median ' : '';
  return `${at}${signed(estimate)} (${low === null ? 'no bound' : signed(low)} to ${high === null ? 'no bound' : signed(high)})`;
}

function countText({ units, events }: MetricAnalysis['counts'][number]): string {
  return events === null ? String(units) : `${Number(events.toFixed(1))}/${units}`;
}

/** How far the evidence has come: of harm, or of harmlessness where that is what is still missing. */
function evidenceText({ eValue, threshold, harmlessness, harmlessThreshold, state }: MetricAnalysis): string {
  if (state === 'gathering' && harmlessness !== null && harmlessThreshold !== null)
    return `harmless ${short(harmlessness)} of ${short(harmlessThreshold)}`;
  if (state === 'harmless') return `harmless ${short(harmlessness!)} of ${short(harmlessThreshold!)}`;
  return `${short(eValue)} of ${short(threshold)}`;
}

function stateText({ state, unitsToGo }: MetricAnalysis): string {
  if (state !== 'gathering' || unitsToGo === null || unitsToGo === 0) return state;
  return `gathering, ${unitsToGo} units to go`;
}

export function signed(ratio: number): string {
  return `${ratio >= 0 ? '+' : ''}${percent(Number((100 * ratio).toPrecision(3)))}`;
}

export function short(value: number): string {
  if (value < 0.01) return '0';
  return value < 1e6 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}
