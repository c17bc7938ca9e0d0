import type { Command } from 'commander';
import type { Analysis, MetricAnalysis } from '../../core/analysis.ts';
import { effectText, headline, metricTable, short, signed } from '../analysis-text.ts';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { instant } from '../format.ts';
import type { Io } from '../io.ts';
import { rolloutPath, type RolloutEventReply, type RolloutReply } from '../rollout-reply.ts';

export function addWhy(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('why').description('what was decided last, and on what evidence'))
    .argument('<name>')
    .action(async (name: string, options: CommonOptions) => {
      const client = adminClient(options, io);
      const rollout = (await client.call('GET', rolloutPath(name))).value as RolloutReply;
      const analysis = (await client.call('GET', rolloutPath(name, 'analysis'))).value as Analysis;
      const [event = null] = (await client.call('GET', `${rolloutPath(name, 'history')}?limit=1`))
        .value as readonly RolloutEventReply[];
      print(io, options, { rollout, analysis, event }, () => whyScreen(rollout, analysis, event));
    });
}

export function whyScreen(rollout: RolloutReply, analysis: Analysis, event: RolloutEventReply | null): string {
  const decisive = decisiveMetric(analysis);
  return [
    `${rollout.name}  ${rollout.phase}, revision ${rollout.revision}`,
    ...headline(analysis).map((line) => `  ${line}`),
    ...(event === null ? [] : [`  Last: ${event.action} by ${event.actor} at ${instant(event.at)} UTC`]),
    '',
    ...(decisive === null ? [] : [...explained(decisive), '']),
    metricTable(analysis.metrics),
    '',
    `${analysis.requests} requests judged: ${analysis.units.map(({ arm, units }) => `${arm} ${units} units`).join(', ')}`,
  ].join('\n');
}

/** What decided, or is furthest from it. */
function decisiveMetric({ metrics }: Analysis): MetricAnalysis | null {
  const decided = metrics.find(({ state }) => state === 'crossed' || state === 'changed' || state === 'better');
  if (decided !== undefined) return decided;
  const waiting = metrics.filter(({ harmlessness, state }) => harmlessness !== null && state === 'gathering');
  return waiting.toSorted((a, b) => a.harmlessness! - b.harmlessness!)[0] ?? null;
}

function explained(metric: MetricAnalysis): readonly string[] {
  const { counts, margin, eValue, threshold, samples, segment, state } = metric;
  const [first, second] = counts;
  return [
    `${metric.metric}${segment === null ? '' : ` where ${segment}`}: ${STATES[state]}`,
    `  change     ${effectText(metric)} of ${second.arm} against ${first.arm}${margin === null ? '' : `; accepted is ${signed(margin - 1)}`}`,
    `  counts     ${first.arm} ${told(first)}, ${second.arm} ${told(second)}`,
    `  evidence   e-value ${short(eValue)}, needed are ${short(threshold)}`,
    ...harmlessLine(metric),
    ...(samples.length === 0 ? [] : [`  requests   ${samples.join(', ')}`]),
  ];
}

const STATES: Readonly<Record<MetricAnalysis['state'], string>> = {
  crossed: 'worse than accepted, for sure',
  changed: 'another than before, for sure',
  better: 'better, for sure',
  harmless: 'within its margin, for sure',
  gathering: 'not known well enough yet',
};

function told({ units, events }: MetricAnalysis['counts'][number]): string {
  return events === null ? `${units} units` : `${Number(events.toFixed(1))} of ${units} units`;
}

function harmlessLine({ harmlessness, harmlessThreshold, unitsToGo, state }: MetricAnalysis): readonly string[] {
  if (harmlessness === null || harmlessThreshold === null || state !== 'gathering') return [];
  const missing = unitsToGo === null ? 'cannot be told how many units that takes' : `about ${unitsToGo} units to go`;
  return [`  harmless   e-value ${short(harmlessness)}, needed are ${short(harmlessThreshold)}: ${missing}`];
}
