import type { Command } from 'commander';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { duration, instant, percent, table } from '../format.ts';
import type { Io } from '../io.ts';
import {
  oneLine,
  rolloutPath,
  type AnalysisReply,
  type RolloutEventReply,
  type RolloutReply,
} from '../rollout-reply.ts';
import { eventTable } from '../status-screen.ts';
import { addApply } from './rollout-apply.ts';
import { addAssign } from './rollout-assign.ts';
import { addPlan } from './rollout-plan.ts';
import { addReplay } from './rollout-replay.ts';
import { addPairs } from './rollout-observe.ts';
import { addStatus } from './rollout-status.ts';
import { addRevisions, addUndo } from './rollout-undo.ts';
import { addWhy } from './rollout-why.ts';
import { parsePercent, wholeCount } from '../parse.ts';

interface ChangeOptions extends CommonOptions {
  readonly reason?: string;
}

const PENDING =
  'The store cannot be written: only the gateway that was asked has taken it back. It is written as soon as that is possible.';

/** Changes that need no more than the rollout's name. */
const PLAIN_CHANGES: Readonly<Record<string, string>> = {
  pause: 'stop the automatic steps',
  resume: 'continue the automatic steps from the weight as it is',
  abort: 'roll back: weight 0, until retry',
  'release-holdback': 'after the promotion: give the canary what was held back',
};

export function addRollout(program: Command, io: Io): void {
  const rollout = program.command('rollout').description('see and steer the rollouts of a running gateway');
  addList(rollout, io);
  addApply(rollout, io);
  addStatus(rollout, io);
  addSetWeight(rollout, io);
  addPromote(rollout, io);
  addPlainChanges(rollout, io);
  addRetry(rollout, io);
  addUndo(rollout, io);
  addWhy(rollout, io);
  addHistory(rollout, io);
  addRevisions(rollout, io);
  addPairs(rollout, io);
  addAssign(rollout, io);
  addReplay(rollout, io);
  addPlan(rollout, io);
  addDelete(rollout, io);
}

function addList(rollout: Command, io: Io): void {
  withCommonOptions(
    rollout.command('list').description('the rollouts in force, in the order in which they match'),
  ).action(async (options: CommonOptions) => {
    const client = adminClient(options, io);
    const rollouts = (await client.call('GET', '/api/v1/rollouts')).value as readonly RolloutReply[];
    const analyses = await Promise.all(
      rollouts.map(
        async ({ name }) => (await client.call('GET', rolloutPath(name, 'analysis'))).value as AnalysisReply,
      ),
    );
    print(io, options, rollouts, () => listTable(rollouts, analyses));
  });
}

function listTable(rollouts: readonly RolloutReply[], analyses: readonly AnalysisReply[]): string {
  if (rollouts.length === 0) return 'No rollout is in force; `sluice rollout apply -f FILE` starts one.';
  const rows = rollouts.map((rollout, index) => {
    const { name, kind, phase, weight, step, steps, revision, updatedAt } = rollout;
    return [
      name,
      kind,
      phase,
      kind === 'shadow' ? '-' : percent(weight),
      kind === 'canary' ? `${step + 1}/${steps.length}` : '-',
      isFinished(rollout) ? '-' : decisionText(analyses[index]!),
      timeText(analyses[index]!),
      String(revision),
      instant(updatedAt),
    ];
  });
  const header = ['NAME', 'KIND', 'PHASE', 'WEIGHT', 'STEP', 'DECISION', 'TIME LEFT', 'REVISION', 'CHANGED (UTC)'];
  return table(header, rows, ['WEIGHT', 'TIME LEFT', 'REVISION']);
}

/** Its last verdict is about traffic that is no more. */
function isFinished({ kind, phase, weight, winner }: RolloutReply): boolean {
  if (phase === 'degraded') return true;
  return kind === 'canary' ? phase === 'healthy' && weight === 100 : winner !== null;
}

function decisionText({ decision, reason, metrics }: AnalysisReply): string {
  if (reason === 'paired') return pairedText(metrics);
  return decision === 'none' ? reason : `${decision}: ${reason}`;
}

/** Nothing is held where a shadow is only told of. */
function pairedText(metrics: AnalysisReply['metrics']): string {
  const of = (wanted: string) => metrics.filter(({ state }) => state === wanted).map(({ metric }) => metric);
  const [worse, other] = [of('crossed'), of('changed')];
  return worse.length > 0 ? `worse: ${worse.join(', ')}` : `differs: ${other.join(', ')}`;
}

function timeText({ minutesToGo }: AnalysisReply): string {
  if (minutesToGo === null) return '-';
  return minutesToGo < 1 ? '< 1 min' : duration(Math.round(minutesToGo));
}

function addSetWeight(rollout: Command, io: Io): void {
  changeCommand(rollout, 'set-weight', 'set the share of the traffic by hand, e.g. 37, 37% or 0.5')
    .argument('<pct>')
    .action(async (name: string, percentage: string, options: ChangeOptions) =>
      change(io, 'set-weight', name, options, { weight: parsePercent(percentage) }),
    );
}

function addPromote(rollout: Command, io: Io): void {
  changeCommand(rollout, 'promote', 'go to the next step')
    .option('--full', 'go to 100 % at once')
    .option('--arm <name>', 'of an experiment: the arm that takes all of the traffic')
    .action((name: string, options: ChangeOptions & { full?: boolean; arm?: string }) =>
      change(io, 'promote', name, options, {
        full: options.full === true,
        ...(options.arm === undefined ? {} : { arm: options.arm }),
      }),
    );
}

function addRetry(rollout: Command, io: Io): void {
  changeCommand(rollout, 'retry', 'start a rollout that was rolled back at its first step')
    .option('--reshuffle', 'bring other units than before to the canary first')
    .action((name: string, options: ChangeOptions & { reshuffle?: boolean }) =>
      change(io, 'retry', name, options, { reshuffle: options.reshuffle === true }),
    );
}

function addPlainChanges(rollout: Command, io: Io): void {
  for (const [verb, description] of Object.entries(PLAIN_CHANGES)) {
    changeCommand(rollout, verb, description).action((name: string, options: ChangeOptions) =>
      change(io, verb, name, options, {}),
    );
  }
}

function changeCommand(rollout: Command, verb: string, description: string): Command {
  return withCommonOptions(rollout.command(verb).description(description))
    .argument('<name>')
    .option('--reason <text>', 'why, for the history');
}

async function change(io: Io, verb: string, name: string, options: ChangeOptions, body: object): Promise<void> {
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  const { value } = await adminClient(options, io).call('POST', rolloutPath(name, verb), { ...body, ...reason });
  const reply = value as RolloutReply;
  print(io, options, value, () => (reply.pending === true ? `${oneLine(reply)}\n${PENDING}` : oneLine(reply)));
}

function addHistory(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('history').description('what happened to a rollout, newest first'))
    .argument('<name>')
    .option('--limit <count>', 'events to show, 1 to 1000', '100')
    .action(async (name: string, options: CommonOptions & { limit: string }) => {
      const limit = wholeCount('--limit', options.limit);
      const { value } = await adminClient(options, io).call('GET', `${rolloutPath(name, 'history')}?limit=${limit}`);
      print(io, options, value, () => eventTable(value as readonly RolloutEventReply[]));
    });
}

function addDelete(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('delete').description('forget a rollout that the API applied'))
    .argument('<name>')
    .action(async (name: string, options: CommonOptions) => {
      await adminClient(options, io).call('DELETE', rolloutPath(name));
      print(io, options, { deleted: name }, () => `${name}: deleted`);
    });
}
