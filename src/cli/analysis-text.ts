import type { MetricAnalysis } from '../core/analysis.ts';
import { missingEvents, missingRequests } from '../core/metric-words.ts';
import { percent, table } from './format.ts';
import type { AnalysisReply, RolloutReply } from './rollout-reply.ts';

/** What fits on a screen beside everything else. */
const SHOWN_METRICS = 7;
/** The controller tells each second; after so long a frozen screen must not look like a calm one. */
const SILENT_AFTER_MS = 15_000;

/** What is happening, why and how long still: the first lines of every screen. @param now wall clock, in milliseconds */
export function headline(analysis: AnalysisReply, now: number): readonly string[] {
  const { summary, next, warnings } = analysis;
  return [
    summary,
    ...(next === null ? [] : [next]),
    ...warnings.map((warning) => `Warning: ${WARNINGS[warning] ?? warning}.`),
    ...silence(analysis, now),
  ];
}

const WARNINGS: Readonly<Record<string, string>> = {
  srm: 'the arms get another share of the units than they should',
  no_traffic: 'an arm gets no traffic, or both get none',
  feedback_share: 'the arms send feedback in different shares, so it may say more about who speaks than about the arm',
};

/** Not the stand-in for what no controller has seen yet. */
export function isFromController({ units }: AnalysisReply): boolean {
  return units.length > 0;
}

function silence(analysis: AnalysisReply, now: number): readonly string[] {
  const silent = now - Date.parse(analysis.at);
  if (!isFromController(analysis) || silent < SILENT_AFTER_MS) return [];
  const time = silent < 120_000 ? `${Math.floor(silent / 1000)} s` : `${Math.floor(silent / 60_000)} min`;
  return [`Warning: nobody has judged for ${time}; the log and \`/readyz\` of the gateways tell why.`];
}

/** One row for each metric that is judged; those that decide first. */
export function metricTable(
  metrics: readonly MetricAnalysis[],
  { kind, declared }: Pick<RolloutReply, 'kind' | 'declared'>,
): string {
  const judged = metrics
    .filter(({ role, state }) => role !== 'srm' || state !== 'gathering')
    .toSorted((a, b) => ORDER[a.state] - ORDER[b.state]);
  if (judged.length === 0)
    return kind === 'shadow' || JUDGED_BY.some((field) => isGiven(declared[field]))
      ? 'No request judged yet.'
      : 'Nothing is judged: no guard, watch or goal is declared.';
  const shown = judged.slice(0, SHOWN_METRICS);
  const [first, second] = armsOf(shown);
  const hasOnePair = shown.every(({ counts }) => counts[0].arm === first && counts[1].arm === second);
  const [before, after] = hasOnePair ? [first.toUpperCase(), second.toUpperCase()] : ['AGAINST', 'ARM'];
  const rows = shown.map((metric) => metricRow(metric, hasOnePair));
  const left = judged.length - shown.length;
  return [
    table(['METRIC', 'MARGIN', 'CHANGE', before, after, 'EVIDENCE', 'STATE'], rows, ['MARGIN', before, after]),
    ...(left === 0 ? [] : [`and ${left} more; --json has all`]),
  ].join('\n');
}

/** Fields of the declaration; a shadow is compared without any. */
const JUDGED_BY = ['guard', 'watch', 'goal'];

function isGiven(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

const ORDER: Readonly<Record<MetricAnalysis['state'], number>> = {
  crossed: 0,
  changed: 1,
  better: 2,
  gathering: 3,
  harmless: 4,
};

function armsOf([metric]: readonly MetricAnalysis[]): readonly [string, string] {
  const [first, second] = metric!.counts;
  return [first.arm, second.arm];
}

/** Where arms are compared in more than one pair, each count names its arm. */
function metricRow(metric: MetricAnalysis, hasOnePair: boolean): string[] {
  const count = (of: MetricAnalysis['counts'][number]) => (hasOnePair ? countText(of) : `${of.arm} ${countText(of)}`);
  return [
    metric.segment === null ? metric.metric : `${metric.metric} ${metric.segment}`,
    metric.margin === null ? '-' : signed(metric.margin - 1),
    effectText(metric),
    count(metric.counts[0]),
    count(metric.counts[1]),
    evidenceText(metric),
    stateText(metric),
  ];
}

/** `+31 % (+2 to +68 %)`; the bounds hold at all times together. */
export function effectText({ effect }: Pick<MetricAnalysis, 'effect'>): string {
  const { estimate, quantile } = effect;
  const bounds = boundsText(effect);
  if (estimate === null) return bounds ?? 'unknown';
  return `${quantile === 0.5 ? 'median ' : ''}${signed(estimate)}${bounds === null ? '' : ` (${bounds})`}`;
}

function boundsText({ low, high }: MetricAnalysis['effect']): string | null {
  if (low !== null && high !== null) return `${signed(low).slice(0, -2)} to ${signed(high)}`;
  // A fall of 90 % at the most is no rise of so much at least.
  if (low !== null) return low < 0 ? `${signed(low)} or more` : `at least ${signed(low)}`;
  return high === null ? null : `at most ${signed(high)}`;
}

function countText({ units, events }: MetricAnalysis['counts'][number]): string {
  return events === null ? String(units) : `${Number(events.toFixed(1))}/${units}`;
}

/** How far the evidence has come: of harm, or of harmlessness where that is what is still missing. */
function evidenceText({ eValue, threshold, harmlessness, harmlessThreshold, state }: MetricAnalysis): string {
  const isAboutHarm = state !== 'gathering' && state !== 'harmless';
  if (isAboutHarm || harmlessness === null || harmlessThreshold === null)
    return `${short(eValue)} of ${short(threshold)}`;
  return `harmless ${short(harmlessness)} of ${short(harmlessThreshold)}`;
}

function stateText(metric: MetricAnalysis): string {
  const { state, unitsToGo, harmlessness } = metric;
  if (state !== 'gathering' || unitsToGo === 0) return state;
  if (harmlessness !== null && missingRequests(metric) !== null) return 'no request yet';
  if (unitsToGo !== null) return `${unitsToGo} units to go`;
  const missing = harmlessness === null ? null : missingEvents(metric);
  return missing === null ? state : `${missing} yet`;
}

export function signed(ratio: number): string {
  return `${ratio >= 0 ? '+' : ''}${percent(Number((100 * ratio).toPrecision(3)))}`;
}

export function short(value: number): string {
  if (value < 0.01) return '0';
  return value < 1e6 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}
