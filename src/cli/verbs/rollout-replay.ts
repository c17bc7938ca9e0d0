import type { Command } from 'commander';
import type { Finding } from '../../judge/alarms.ts';
import type { DecisionRecord, Replay } from '../../judge/replay.ts';
import { print, withCommonOptions, type CommonOptions } from '../common.ts';
import { instant, percent } from '../format.ts';
import { readLines } from '../input.ts';
import type { Io } from '../io.ts';
import { UnreadableLine, parseOutcome } from '../outcome-log.ts';
import { readJudgedRollout } from './rollout-file.ts';

interface ReplayOptions extends CommonOptions {
  readonly rollout: string;
  readonly name?: string;
}

const SHOWN_SEGMENTS = 5;

export function addReplay(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('replay').description('judge recorded outcomes, without a gateway'))
    .argument('<log>', 'one outcome a line, JSON; - for stdin')
    .requiredOption('--rollout <file>', 'YAML or JSON: the rollout, a list of them, or {rollouts: [...]}')
    .option('--name <name>', 'which rollout of the file, where it has several')
    .action(async (log: string, options: ReplayOptions) => {
      const { name, plan } = await readJudgedRollout(options.rollout, options.name, io);
      const { Replay } = await import('../../judge/replay.ts');
      const { allFindings } = await import('../../judge/explain.ts');
      const replay = new Replay(plan);
      const skipped = await judgeLines(replay, name, readLines(log, io));
      const evidence = allFindings(replay.judge);
      if (skipped > 0 && options.json !== true)
        io.stderr.write(`warning: ${skipped} lines are of other rollouts than "${name}" and were skipped\n`);
      print(io, options, { ...replayJson(replay, evidence), skipped }, () => replayText(replay, evidence));
    });
}

/**
 * Up to the rollback: what follows it would not have happened. A last line that is no JSON was cut, and is left out.
 * @returns how many lines were of other rollouts
 */
async function judgeLines(replay: Replay, name: string, lines: AsyncIterable<string>): Promise<number> {
  let number = 0;
  let skipped = 0;
  let unreadable: UnreadableLine | null = null;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    if (unreadable !== null) throw unreadable;
    try {
      const outcome = parseOutcome(line, number, name);
      if (outcome === null) skipped++;
      else replay.observe(outcome);
    } catch (error) {
      if (!(error instanceof UnreadableLine)) throw error;
      unreadable = error;
    }
    if (replay.isOver) return skipped;
  }
  if (unreadable === null) return skipped;
  if (replay.judge.requests === 0 && skipped === 0) throw unreadable;
  replay.warnings.add('the last line is not whole and was left out');
  return skipped;
}

function replayJson(replay: Replay, evidence: readonly Finding[]) {
  const { result, judge } = replay;
  const { decision, at_ts, at_request, metric, segment, e_value, effect } = decisionJson(result);
  return {
    decision,
    at_ts,
    at_request,
    metric,
    segment,
    e_value,
    effect,
    requests: judge.requests,
    units: { stable: judge.unitsByArm[0], canary: judge.unitsByArm[1] },
    decisions: replay.decisions.map(decisionJson),
    warnings: [...replay.warnings],
    evidence: evidence.map(findingJson),
  };
}

function decisionJson(record: DecisionRecord | null) {
  return {
    decision: record?.decision ?? 'none',
    reason: record?.reason ?? null,
    at_ts: record?.at ?? null,
    at_request: record?.request ?? null,
    weight: record === null ? null : record.weight / 100,
    ...findingJson(record?.finding ?? null),
  };
}

function findingJson(finding: Finding | null) {
  return {
    metric: finding?.metric ?? null,
    segment: finding?.segment ?? null,
    e_value: finding?.eValue ?? null,
    threshold: finding?.threshold ?? null,
    effect: finding?.effect ?? null,
    counts: finding?.counts ?? null,
  };
}

function replayText({ decisions, judge, warnings }: Replay, evidence: readonly Finding[]): string {
  const [stable, canary] = judge.unitsByArm;
  return [
    `${judge.requests} requests, ${stable} stable and ${canary} canary units`,
    '',
    ...(decisions.length === 0 ? ['No decision: the evidence asks for none yet.'] : decisions.flatMap(decisionLines)),
    ...[...warnings].map((warning) => `warning: ${warning}`),
    '',
    'Evidence of harm beyond the margins, on all traffic and where it is strongest:',
    ...strongest(evidence).map((finding) => `  ${findingLine(finding)}`),
  ].join('\n');
}

/** What fits on a screen: all traffic, and the segments whose e-value speaks against the canary. */
function strongest(evidence: readonly Finding[]): readonly Finding[] {
  const suspect = evidence.filter(({ segment, eValue }) => segment !== null && eValue > 1);
  return [
    ...evidence.filter(({ segment }) => segment === null),
    ...suspect.toSorted((a, b) => b.eValue - a.eValue).slice(0, SHOWN_SEGMENTS),
  ];
}

function decisionLines({ decision, reason, at, request, weight, finding }: DecisionRecord): string[] {
  const when = instant(new Date(at * 1000).toISOString());
  const head = `${when}  request ${request}  canary ${percent(weight)}  ${decision} (${REASONS[reason]})`;
  return finding === null ? [head] : [head, `    ${findingLine(finding)}`];
}

const REASONS: Readonly<Record<DecisionRecord['reason'], string>> = {
  guard: 'a guard was crossed',
  harmless: 'every guard is shown to be within its margin',
  inconclusive: "the step's time is up without a clear answer",
  srm: 'the arms get another share of the units than they should',
  no_traffic: 'an arm gets no traffic, or both get none',
  watch: 'a watched distribution changed',
  gathering: 'evidence is gathered',
  manual: 'no guard is declared',
};

function findingLine({ metric, segment, eValue, threshold, effect, counts }: Finding): string {
  const where = segment === null ? metric : `${metric} where ${segment}`;
  return `${where}: e-value ${short(eValue)} of ${short(threshold)}${effectText(effect)}; ${countsText(counts)}`;
}

function effectText({ estimate, low, high }: Finding['effect']): string {
  if (estimate === null) return low === null ? '' : `, change at least ${bound(low)}`;
  const bounds = low === null && high === null ? '' : ` (${bound(low)} to ${bound(high)})`;
  return `, change ${bound(estimate)}${bounds}`;
}

function bound(value: number | null): string {
  if (value === null) return 'no bound';
  return `${value > 0 ? '+' : ''}${percent(100 * value)}`;
}

function countsText({ stable, canary }: Finding['counts']): string {
  const one = (name: string, { units, events }: Finding['counts']['stable']) =>
    events === null ? `${name} ${units}` : `${name} ${Number(events.toFixed(1))} of ${units}`;
  return `${one('stable', stable)}, ${one('canary', canary)}`;
}

function short(value: number): string {
  return value < 1e6 && value >= 0.01 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}
