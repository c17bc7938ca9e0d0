import { headline, isFromController, metricTable } from './analysis-text.ts';
import { clipped, duration, instant, percent, table, wrapped } from './format.ts';
import type { AnalysisReply, BudgetReply, RolloutEventReply, RolloutReply } from './rollout-reply.ts';

const BAR_WIDTH = 40;
/** Leaves a screen to the columns beside it. */
const REASON_WIDTH = 45;

/** All that one needs to know of a rollout, on one screen. @param now wall clock, in milliseconds */
export function statusScreen(
  rollout: RolloutReply,
  analysis: AnalysisReply,
  events: readonly RolloutEventReply[],
  now: number,
): string {
  return [
    `${rollout.name}  ${rollout.kind}, ${rollout.phase}, revision ${rollout.revision}`,
    ...(isCurrent(rollout, analysis) ? headline(analysis, now) : explanation(rollout)).flatMap((line) =>
      wrapped(line, '  '),
    ),
    '',
    ...facts(rollout, analysis.budget),
    ...(rollout.kind === 'shadow' ? [] : ['', table(ARM_HEADER, rollout.arms.map(armRow), ['WEIGHT'])]),
    ...(analysis.metrics.length === 0 ? [] : ['', metricTable(analysis.metrics, rollout)]),
    '',
    recentTable(events),
  ].join('\n');
}

/** What was said before the last change is about another weight; the controller says more within a second. */
function isCurrent({ updatedAt }: RolloutReply, analysis: AnalysisReply): boolean {
  return isFromController(analysis) && Date.parse(analysis.at) >= Date.parse(updatedAt);
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

/** `history` has the rest. */
function recentTable(events: readonly RolloutEventReply[]): string {
  const rows = events.map(({ at, action, weight, actor, reason }) => [
    instant(at),
    action,
    percent(weight),
    actor,
    clipped(reason, REASON_WIDTH),
  ]);
  return table(['TIME (UTC)', 'ACTION', 'WEIGHT', 'BY', 'REASON'], rows, ['WEIGHT']);
}

const ARM_HEADER = ['ARM', 'TARGET', 'WEIGHT', ''];

function armRow({ name, target, weight }: RolloutReply['arms'][number]): string[] {
  return [name, target ?? "(route's own)", percent(weight), '#'.repeat(Math.round((weight / 100) * BAR_WIDTH))];
}

function facts(rollout: RolloutReply, budget: BudgetReply | null): readonly string[] {
  const { match, sticky, salt, since } = rollout;
  const conditions = [
    ...(match.model === null ? [] : [`model ${match.model}`]),
    ...(match.key === null ? [] : [`key ${match.key}`]),
    ...Object.entries(match.metadata).map(([name, value]) => `metadata.${name} ${value}`),
  ];
  return [
    ...kindFacts(rollout),
    ...(budget === null ? [] : [`budget   ${budgetText(budget)}`]),
    ...layerFact(rollout),
    `match    ${conditions.join(', ')}`,
    ...(rollout.kind === 'shadow' ? [] : [`sticky   ${sticky.join(', ')}; salt ${salt}`]),
    `since    ${instant(since)} UTC`,
  ];
}

function kindFacts({ kind, goal, holdback, declared, ...rollout }: RolloutReply): readonly string[] {
  if (kind === 'shadow') return [`shadow   ${shadowText(declared['shadow'] as ShadowDeclaration)}`];
  if (kind === 'experiment') {
    if (goal === null) return ['goal     none'];
    return [`goal     feedback "${goal.feedback}", ${goal.better} is better, then ${goal.then}`];
  }
  const held =
    holdback === null ? [] : [`holdback ${percent(holdback.weight)} on stable for ${duration(holdback.for / 60_000)}`];
  return [`steps    ${ladder(rollout)}`, ...held];
}

interface ShadowDeclaration {
  readonly target: string;
  readonly sample?: string | number;
  readonly budget?: string;
}

function shadowText({ target, sample, budget }: ShadowDeclaration): string {
  const share = sample === undefined ? '' : `, ${percent(Number.parseFloat(String(sample)))} of the requests`;
  return `${target}${share}${budget === undefined ? '' : `, at most ${budget}`}`;
}

function budgetText({ usd, spentUsd, remainingUsd, resetsAt }: BudgetReply): string {
  return `${money(usd)} USD until ${instant(resetsAt)} UTC: ${money(spentUsd)} spent, ${money(remainingUsd)} left`;
}

/** Cents, or as much as it takes to see that it is not nothing. */
function money(usd: number): string {
  return usd === 0 || usd >= 0.01 ? usd.toFixed(2) : String(Number(usd.toPrecision(2)));
}

function ladder({ steps, step, phase, pausePoints }: Pick<RolloutReply, 'steps' | 'step' | 'phase' | 'pausePoints'>) {
  const isOnStep = (index: number) => index === step && phase === 'progressing';
  const rung = (weight: number, index: number) =>
    pausePoints.includes(index) ? `${percent(weight)} (pause)` : percent(weight);
  return steps.map((weight, index) => (isOnStep(index) ? `[${rung(weight, index)}]` : rung(weight, index))).join('  ');
}

function layerFact({ layer }: RolloutReply): readonly string[] {
  return layer === null ? [] : [`layer    ${layer.name}, ${percent(layer.from)} to ${percent(layer.to)} of its units`];
}

/** What is so by itself, where nothing was judged. */
function explanation(rollout: RolloutReply): readonly string[] {
  if (rollout.phase === 'degraded') return degraded(rollout);
  if (rollout.kind === 'canary') return canary(rollout);
  if (rollout.kind === 'shadow') return ['Copies of matching requests go to the shadow; `abort` stops them.'];
  if (rollout.winner !== null) return [`All matching traffic is on the arm "${rollout.winner}".`];
  return [
    `${percent(rollout.weight)} of the matching traffic takes part; \`set-weight\` changes that, \`abort\` ends it.`,
  ];
}

function degraded({ kind, steps }: RolloutReply): readonly string[] {
  if (kind !== 'canary') return ['Stopped: nothing takes part. `retry` starts it again.'];
  return [`Rolled back: all matching traffic is on stable. \`retry\` starts again at ${percent(steps[0]!)}.`];
}

function canary({ phase, steps, weight }: RolloutReply): readonly string[] {
  if (phase === 'healthy') return promoted(weight);
  const next = steps.find((step) => step > weight);
  const promotion = next === undefined ? 'finishes at 100 %' : `goes to ${percent(next)}`;
  const [where, resume] =
    phase === 'progressing'
      ? [`${percent(weight)} of the matching traffic is on the canary`, '']
      : [`Held at ${percent(weight)} on the canary`, '`resume` continues from there, '];
  return [`${where}; ${resume}\`promote\` ${promotion}, \`abort\` goes back to 0 %.`];
}

function promoted(weight: number): readonly string[] {
  if (weight < 100)
    return [
      `Promoted; ${percent(100 - weight)} is held back on stable to compare with.`,
      '`release-holdback` gives the canary the rest now, `abort` goes back.',
    ];
  return [
    'Done: all matching traffic is on the canary.',
    "Make it the route's target and remove the rollout; `abort` goes back.",
  ];
}
