import type { Command } from 'commander';
import type { Baselines, GuardBudget } from '../../judge/budget.ts';
import { cannotBeShown, noEvents } from '../../core/metric-words.ts';
import { isEventMetric, type GuardMetric } from '../../judge/plan.ts';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { CliError, UsageError } from '../errors.ts';
import { duration, percent, table } from '../format.ts';
import type { Io } from '../io.ts';
import { parsePercent } from '../parse.ts';
import { rolloutPath, type AnalysisReply, type RolloutReply } from '../rollout-reply.ts';
import { judgedRollout, readJudgedRollout, type JudgedRollout } from './rollout-file.ts';

interface PlanOptions extends CommonOptions {
  readonly rollout?: string;
  readonly rate?: string;
  readonly baseline?: string;
}

/** Of rates: the share of requests. Of values: the standard deviation of their logarithm. */
const DEFAULT_BASELINES: Baselines = {
  error_rate: 0.01,
  refusal_rate: 0.01,
  invalid_json: 0.01,
  ttft_p95: 0.6,
  latency_p95: 0.6,
  cost: 0.8,
};

interface StepBudget {
  readonly weight: number;
  readonly guards: readonly GuardBudget[];
}

export function addPlan(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('plan').description('how many requests and minutes each guard needs at each step'))
    .argument('[name]', 'a rollout of the gateway, or of the file')
    .option('--rollout <file>', 'YAML or JSON: plan from a file, without a gateway')
    .option(
      '--rate <rps>',
      'requests a second that match; with sticky units, new units a second (default: as measured, else 10)',
    )
    .option(
      '--baseline <list>',
      'what stable does: error_rate=1%,refusal_rate=1%,invalid_json=1% and, as the deviation of the logarithm, ' +
        'ttft_p95=0.6,latency_p95=0.6,cost=0.8 (the defaults)',
    )
    .action(async (name: string | undefined, options: PlanOptions) => {
      if (await isPaced(name, options, io)) return;
      const judged = await readPlanned(name, options, io);
      const measured = options.rollout === undefined ? await readMeasured(name!, options, io) : NOTHING_MEASURED;
      const rate = options.rate === undefined ? (measured.rate ?? DEFAULT_RATE) : parseRate(options.rate);
      const baselines = parseBaselines(options.baseline, { ...DEFAULT_BASELINES, ...measured.baselines });
      const { guardBudgets } = await import('../../judge/budget.ts');
      const steps = judged.plan.steps
        .filter((weight) => weight > 0 && weight < 100)
        .map((weight) => ({ weight, guards: guardBudgets(judged.plan, weight / 100, baselines) }));
      const named = namesOf(measured, options);
      print(io, options, { ...planJson(judged, rate, baselines, steps), measured: named }, () =>
        [planText(judged, rate, baselines, steps), ...measuredNote(options, measured, named)].join('\n'),
      );
    });
}

/** What has no steps is told of by how it goes. @returns whether it is such */
async function isPaced(name: string | undefined, options: PlanOptions, io: Io): Promise<boolean> {
  if (options.rollout !== undefined || name === undefined) return false;
  const client = adminClient(options, io);
  const rollout = (await client.call('GET', rolloutPath(name))).value as RolloutReply;
  if (rollout.kind === 'canary') return false;
  const analysis = (await client.call('GET', rolloutPath(name, 'analysis'))).value as AnalysisReply;
  const { pacesOf, paceText } = await import('./rollout-pace.ts');
  const paces = pacesOf(rollout, analysis);
  print(io, options, { name, kind: rollout.kind, comparisons: paces }, () => paceText(rollout, analysis, paces));
  return true;
}

async function readPlanned(name: string | undefined, options: PlanOptions, io: Io): Promise<JudgedRollout> {
  if (options.rollout !== undefined) return readJudgedRollout(options.rollout, name, io);
  if (name === undefined) throw new UsageError('name a rollout of the gateway, or give a file with --rollout');
  const { value } = await adminClient(options, io).call('GET', rolloutPath(name));
  return judgedRollout((value as { declared: unknown }).declared);
}

const DEFAULT_RATE = 10;
/** Stable units after which its rate of an event is known well enough to plan with. */
const KNOWN_AFTER = 200;

/** What the controller has seen of a running rollout. */
interface Measured {
  /** New units a second; null: not known. */
  readonly rate: number | null;
  /** Requests come, and all of them from units that were judged before. */
  readonly isWithoutNewUnits: boolean;
  readonly baselines: Partial<Baselines>;
}

const NOTHING_MEASURED: Measured = { rate: null, isWithoutNewUnits: false, baselines: {} };

async function readMeasured(name: string, options: PlanOptions, io: Io): Promise<Measured> {
  const { value } = await adminClient(options, io).call('GET', rolloutPath(name, 'analysis'));
  const { requestRate, unitRate, metrics } = value as AnalysisReply;
  const known = metrics.flatMap(({ role, segment, metric, counts: [stable, canary] }) => {
    const isKnown = role === 'guard' && segment === null && stable.events !== null && stable.units >= KNOWN_AFTER;
    const isSilent = stable.events === 0 && canary.events === 0;
    return isKnown ? [[metric, isSilent ? 0 : (stable.events! + 0.5) / (stable.units + 1)]] : [];
  });
  return {
    rate: unitRate !== null && unitRate > 0 ? Number(unitRate.toPrecision(2)) : null,
    isWithoutNewUnits: requestRate > 0 && unitRate === 0,
    baselines: Object.fromEntries(known),
  };
}

/** What of the plan was measured, and not given or assumed. */
function namesOf({ rate, baselines }: Measured, options: PlanOptions): readonly string[] {
  const given = options.baseline?.split(',').map((item) => item.split('=')[0]!.trim()) ?? [];
  const names = [...(rate === null || options.rate !== undefined ? [] : ['rate']), ...Object.keys(baselines)];
  return names.filter((name) => !given.includes(name));
}

function measuredNote(
  { rollout, rate }: PlanOptions,
  { isWithoutNewUnits }: Measured,
  measured: readonly string[],
): readonly string[] {
  if (rollout !== undefined) return [];
  if (isWithoutNewUnits && rate === undefined)
    return ['No new users come: only `promote` or `step.max` ends a step. The times are those of an assumed rate.'];
  if (measured.length === 0) return ['Nothing was measured by the gateway yet: rate and stable are assumed.'];
  return [`Measured by the gateway: ${measured.join(', ')}; the rest is given or assumed.`];
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (/^\d*\.?\d+$/.test(text) && rate > 0) return rate;
  throw new UsageError(`--rate: "${text}" is not a number of requests a second`);
}

function parseBaselines(list: string | undefined, known: Baselines): Baselines {
  const given: Record<GuardMetric, number> = { ...known };
  for (const item of list?.split(',') ?? []) {
    const [name = '', text = ''] = item.split('=').map((part) => part.trim());
    if (!isGuardMetric(name)) throw new UsageError(`--baseline: "${name}" is none of ${METRICS.join(', ')}`);
    given[name] = isEventMetric(name) ? parsePercent(text) / 100 : Number(text);
    const isValid = given[name] > 0 && (!isEventMetric(name) || given[name] < 1);
    if (!isValid) throw new UsageError(`--baseline: "${item.trim()}" is out of range`);
  }
  return given;
}

const METRICS = Object.keys(DEFAULT_BASELINES);

function isGuardMetric(name: string): name is GuardMetric {
  return METRICS.includes(name);
}

function planJson({ name, plan }: JudgedRollout, rate: number, baselines: Baselines, steps: readonly StepBudget[]) {
  const cost = (requests: number | null) =>
    requests === null ? null : { requests, minutes: minutesOf(requests, rate) };
  return {
    name,
    rate,
    steps: steps.map(({ weight, guards }) => ({
      weight,
      guards: guards.map((budget) => ({
        metric: budget.metric,
        margin: budget.ratio - 1,
        baseline: baselines[budget.metric],
        clear: cost(budget.clear),
        catch: { ratio: budget.harm, ...(cost(budget.catch) ?? { requests: null, minutes: null }) },
      })),
    })),
    minMinutes: plan.minSeconds / 60,
    maxMinutes: plan.maxSeconds === null ? null : plan.maxSeconds / 60,
  };
}

function planText(
  { name, plan }: JudgedRollout,
  rate: number,
  baselines: Baselines,
  steps: readonly StepBudget[],
): string {
  if (plan.guards.length === 0) throw new CliError('invalid_input', `"${name}" declares no guard: nothing is judged.`);
  const cost = (requests: number | null) =>
    requests === null ? ['never', '-'] : [String(requests), duration(requests / rate / 60)];
  const rows = steps.flatMap(({ weight, guards }) =>
    guards.map((budget) => [
      percent(weight),
      budget.metric,
      baselineText(budget.metric, baselines),
      `+${percent(100 * (budget.ratio - 1))}`.replace('+-', '-'),
      ...cost(budget.clear),
      `${Number(budget.harm.toFixed(2))}x`,
      ...cost(budget.catch),
    ]),
  );
  const header = ['STEP', 'GUARD', 'STABLE', 'MARGIN', 'CLEAR', 'TIME', 'HARM', 'CATCH', 'TIME '];
  return [
    `${name} at ${rate} requests a second (of sticky units: new ones); median budgets are up to a third higher`,
    'CLEAR: requests until a canary that equals stable is shown to be within the margin',
    'CATCH: requests until a canary with HARM times what stable has is rolled back',
    '',
    table(header, rows, ['STEP', 'CLEAR', 'TIME', 'HARM', 'CATCH', 'TIME ']),
    ...stepNotes(plan),
    ...silentNotes(plan, baselines),
  ].join('\n');
}

function stepNotes({ minSeconds, maxSeconds, inconclusive }: JudgedRollout['plan']): string[] {
  const least = minSeconds === 0 ? [] : [`No step is shorter than ${duration(minSeconds / 60)}.`];
  const most =
    maxSeconds === null
      ? ['A step takes as long as it needs: `step.max` is not set.']
      : [`After ${duration(maxSeconds / 60)} without a clear answer: ${inconclusive}.`];
  return ['', ...least, ...most];
}

/** What was measured and never happened. */
function silentNotes({ guards }: JudgedRollout['plan'], baselines: Baselines): string[] {
  return guards
    .filter(({ metric }) => baselines[metric] === 0)
    .map(
      ({ metric }) =>
        `${metric} ${cannotBeShown(noEvents(metric))}. \`--baseline ${metric}=0.1%\` plans as if there were some.`,
    );
}

function baselineText(metric: GuardMetric, baselines: Baselines): string {
  return isEventMetric(metric) ? percent(100 * baselines[metric]) : `spread ${baselines[metric]}`;
}

function minutesOf(requests: number, rate: number): number {
  return Number((requests / rate / 60).toFixed(1));
}
