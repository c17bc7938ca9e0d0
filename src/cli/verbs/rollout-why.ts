import type { Command } from 'commander';
import type { MetricAnalysis } from '../../core/analysis.ts';
import { cannotBeShown, missingEvents, missingRequests } from '../../core/metric-words.ts';
import { effectText, headline, metricTable, short, signed } from '../analysis-text.ts';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { instant, table, wrapped } from '../format.ts';
import type { Io } from '../io.ts';
import { rolloutPath, type AnalysisReply, type RolloutEventReply, type RolloutReply } from '../rollout-reply.ts';

/** Of each metric, beside the one that decided. */
const SHOWN_PAIRS = 2;

export function addWhy(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('why').description('what was decided last, and on what evidence'))
    .argument('<name>')
    .action(async (name: string, options: CommonOptions) => {
      const client = adminClient(options, io);
      const rollout = (await client.call('GET', rolloutPath(name))).value as RolloutReply;
      const analysis = (await client.call('GET', rolloutPath(name, 'analysis'))).value as AnalysisReply;
      const [event = null] = (await client.call('GET', `${rolloutPath(name, 'history')}?limit=1`))
        .value as readonly RolloutEventReply[];
      print(io, options, { rollout, analysis, event }, () => whyScreen(rollout, analysis, event, io.now()));
    });
}

function whyScreen(
  rollout: RolloutReply,
  analysis: AnalysisReply,
  event: RolloutEventReply | null,
  now: number,
): string {
  const decisive = decisiveMetric(analysis);
  const arms = analysis.units.map(({ arm, units }) => `${arm} ${units} units`);
  return [
    `${rollout.name}  ${rollout.phase}, revision ${rollout.revision}`,
    ...[...headline(analysis, now), ...(event === null ? [] : [lastText(event)])].flatMap((line) =>
      wrapped(line, '  '),
    ),
    '',
    ...(decisive === null ? [] : [...explained(rollout.name, decisive), '']),
    metricTable(analysis.metrics, rollout),
    ...pairLines(rollout, analysis, decisive),
    ...(arms.length === 0 ? [] : ['', `${analysis.requests} requests judged: ${arms.join(', ')}`]),
  ].join('\n');
}

/** Of the controller, the first line says why. */
function lastText({ action, actor, at, reason }: RolloutEventReply): string {
  return `Last: ${action} by ${actor} at ${instant(at)} UTC${actor === 'controller' || reason === '' ? '' : `: ${reason}`}`;
}

/** What decided, or is furthest from it. */
function decisiveMetric({ metrics }: AnalysisReply): MetricAnalysis | null {
  const decided = metrics.find(({ state }) => state === 'crossed' || state === 'changed' || state === 'better');
  if (decided !== undefined) return decided;
  const waiting = metrics.filter(({ harmlessness, state }) => harmlessness !== null && state === 'gathering');
  return waiting.toSorted((a, b) => a.harmlessness! - b.harmlessness!)[0] ?? null;
}

function explained(name: string, metric: MetricAnalysis): readonly string[] {
  const { counts, margin, eValue, threshold, segment, state, role } = metric;
  const [first, second] = counts;
  return [
    `${metric.metric}${segment === null ? '' : ` where ${segment}`}: ${role === 'goal' && state === 'crossed' ? 'worse, for sure' : STATES[state]}`,
    `  change     ${effectText(metric)} of ${second.arm} against ${first.arm}${margin === null ? '' : `; accepted is ${signed(margin - 1)}`}`,
    `  counts     ${first.arm} ${told(first)}, ${second.arm} ${told(second)}`,
    `  evidence   e-value ${short(eValue)} of ${short(threshold)} needed ${CONSEQUENCES[role]}`,
    ...harmlessLine(metric),
    ...sampleLines(name, metric),
  ];
}

const STATES: Readonly<Record<MetricAnalysis['state'], string>> = {
  crossed: 'worse than accepted, for sure',
  changed: 'another than before, for sure',
  better: 'better, for sure',
  harmless: 'within its margin, for sure',
  gathering: 'not known well enough yet',
};

/** What the evidence brings about once it is enough. */
const CONSEQUENCES: Readonly<Record<MetricAnalysis['role'], string>> = {
  guard: 'to roll back',
  watch: 'to hold',
  srm: 'to hold',
  goal: 'to tell which is better',
  shadow: 'to report it',
};

function told({ units, events }: MetricAnalysis['counts'][number]): string {
  return events === null ? `${units} units` : `${Number(events.toFixed(1))} of ${units} units`;
}

function harmlessLine(metric: MetricAnalysis): readonly string[] {
  const { harmlessness, harmlessThreshold, unitsToGo, state } = metric;
  if (harmlessness === null || harmlessThreshold === null || state !== 'gathering') return [];
  const noEvents = missingEvents(metric);
  const unheard = missingRequests(metric) ?? 'nobody can tell how many units that takes';
  const unknown = noEvents === null ? unheard : cannotBeShown(noEvents);
  const missing = unitsToGo === null ? unknown : `about ${unitsToGo} units to go`;
  return [`  harmless   e-value ${short(harmlessness)} of ${short(harmlessThreshold)} needed to go on: ${missing}`];
}

/** Of a shadow: by what else copies differ, and in which requests. */
function pairLines({ kind, name }: RolloutReply, { metrics }: AnalysisReply, decisive: MetricAnalysis | null) {
  const others = metrics.filter((metric) => metric !== decisive && metric.samples.length > 0);
  if (kind !== 'shadow' || others.length === 0) return [];
  const rows = others.flatMap(({ metric, samples }) =>
    samples.slice(0, SHOWN_PAIRS).map((id, index) => [index === 0 ? metric : '', id]),
  );
  return ['', table(['COPIES DIFFER IN', 'REQUESTS'], rows), `\`rollout pairs ${name}\` shows the latest side by side`];
}

/** Ids are too long for one line. */
function sampleLines(name: string, { role, samples, counts }: MetricAnalysis): readonly string[] {
  if (samples.length === 0) return [];
  const ids = samples.map((id, index) => `  ${(index === 0 ? 'requests' : '').padEnd(11)}${id}`);
  if (role === 'shadow') return [...ids, `  look up    \`rollout pairs ${name}\` shows the latest side by side`];
  const query = new URLSearchParams({ rollout: name, arm: counts[1].arm });
  return [...ids, `  look up    by requestId in the log; GET /api/v1/requests?${query} has the latest`];
}
