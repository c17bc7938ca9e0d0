import type { Analysis } from '../core/analysis.ts';
import { headline, metricTable } from './analysis-text.ts';
import { instant, percent, table } from './format.ts';
import type { RolloutEventReply, RolloutReply } from './rollout-reply.ts';

const BAR_WIDTH = 40;

/** All that one needs to know of a rollout, on one screen. */
export function statusScreen(rollout: RolloutReply, analysis: Analysis, events: readonly RolloutEventReply[]): string {
  const isJudged = analysis.metrics.length > 0;
  return [
    `${rollout.name}  ${rollout.kind}, ${rollout.phase}, revision ${rollout.revision}`,
    ...(isJudged ? headline(analysis) : explanation(rollout)).map((line) => `  ${line}`),
    '',
    ...facts(rollout),
    '',
    table(['ARM', 'TARGET', 'WEIGHT', ''], rollout.arms.map(armRow), ['WEIGHT']),
    ...(isJudged ? ['', metricTable(analysis.metrics)] : []),
    '',
    eventTable(events),
  ].join('\n');
}

export function eventTable(events: readonly RolloutEventReply[]): string {
  const rows = events.map(({ at, action, phase, weight, actor, revision, reason }) => [
    instant(at),
    action,
    phase,
    percent(weight),
    actor,
    String(revision),
    reason,
  ]);
  return table(['TIME (UTC)', 'ACTION', 'PHASE', 'WEIGHT', 'BY', 'REVISION', 'REASON'], rows, ['WEIGHT', 'REVISION']);
}

function armRow({ name, target, weight }: RolloutReply['arms'][number]): string[] {
  return [name, target ?? "(route's own)", percent(weight), '#'.repeat(Math.round((weight / 100) * BAR_WIDTH))];
}

function facts({ match, steps, step, phase, sticky, salt, updatedAt, kind, ...rest }: RolloutReply): string[] {
  const conditions = [
    ...(match.model === null ? [] : [`model ${match.model}`]),
    ...(match.key === null ? [] : [`key ${match.key}`]),
    ...Object.entries(match.metadata).map(([name, value]) => `metadata.${name} ${value}`),
  ];
  const isOnStep = (index: number) => index === step && phase === 'progressing';
  const stepText = (weight: number, index: number) =>
    rest.pausePoints.includes(index) ? `${percent(weight)} (pause)` : percent(weight);
  const ladder = steps
    .map((weight, index) => (isOnStep(index) ? `[${stepText(weight, index)}]` : stepText(weight, index)))
    .join('  ');
  return [
    `match    ${conditions.join(', ')}`,
    ...(kind === 'canary' ? [`steps    ${ladder}`] : []),
    ...(rest.holdback === null
      ? []
      : [`holdback ${percent(rest.holdback.weight)} for ${rest.holdback.for / 3_600_000} h`]),
    `sticky   ${sticky.join(', ')}; salt ${salt}`,
    `changed  ${instant(updatedAt)} UTC`,
  ];
}

function explanation(rollout: RolloutReply): readonly string[] {
  if (rollout.phase === 'degraded') return degraded(rollout);
  if (rollout.kind === 'canary') return canary(rollout);
  if (rollout.kind === 'shadow') return ['Copies of matching requests go to the shadow; `abort` stops them.'];
  return [
    `${percent(rollout.weight)} of the matching traffic takes part; \`set-weight\` changes that, \`abort\` ends it.`,
  ];
}

function degraded({ kind, steps }: RolloutReply): readonly string[] {
  if (kind !== 'canary') return ['Stopped: nothing takes part. `retry` starts it again.'];
  return [`Rolled back: all matching traffic is on stable. \`retry\` starts again at ${percent(steps[0]!)}.`];
}

function canary({ phase, steps, weight }: RolloutReply): readonly string[] {
  if (phase === 'healthy') {
    return [
      'Done: all matching traffic is on the canary.',
      "Make it the route's target and remove the rollout; `abort` goes back.",
    ];
  }
  const next = steps.find((step) => step > weight);
  const promotion = next === undefined ? 'finishes at 100 %' : `goes to ${percent(next)}`;
  if (phase === 'progressing') {
    return [
      `${percent(weight)} of the matching traffic is on the canary; \`promote\` ${promotion}, \`abort\` goes back to 0 %.`,
    ];
  }
  return [
    `Held at ${percent(weight)} on the canary; \`resume\` continues from there, \`promote\` ${promotion}, \`abort\` goes back to 0 %.`,
  ];
}
