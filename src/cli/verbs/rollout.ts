import type { Command } from 'commander';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { instant, percent, table } from '../format.ts';
import type { Io } from '../io.ts';
import { oneLine, rolloutPath, type RolloutEventReply, type RolloutReply } from '../rollout-reply.ts';
import { eventTable } from '../status-screen.ts';
import { addApply } from './rollout-apply.ts';
import { addAssign } from './rollout-assign.ts';
import { addStatus } from './rollout-status.ts';
import { parsePercent, wholeCount } from '../parse.ts';

interface ChangeOptions extends CommonOptions {
  readonly reason?: string;
}

/** How one verb's options, and the argument after the name, become the body that the control plane takes. */
type ToBody<Options> = (options: Options, argument: string) => Record<string, unknown>;

export function addRollout(program: Command, io: Io): void {
  const rollout = program.command('rollout').description('see and steer the rollouts of a running gateway');
  addList(rollout, io);
  addApply(rollout, io);
  addStatus(rollout, io);
  addChange(
    rollout,
    io,
    'set-weight',
    'set the share of the traffic by hand, e.g. 37, 37% or 0.5',
    (_, percentage) => ({
      weight: parsePercent(percentage),
    }),
  ).argument('<pct>');
  addChange(rollout, io, 'pause', 'stop the automatic steps');
  addChange(rollout, io, 'resume', 'continue the automatic steps from the weight as it is');
  addChange<ChangeOptions & { full?: boolean }>(rollout, io, 'promote', 'go to the next step', ({ full = false }) => ({
    full,
  })).option('--full', 'go to 100 % at once');
  addChange(rollout, io, 'abort', 'roll back: weight 0, until retry');
  addChange(rollout, io, 'retry', 'start a rollout that was rolled back at its first step');
  addHistory(rollout, io);
  addAssign(rollout, io);
  addDelete(rollout, io);
}

function addList(rollout: Command, io: Io): void {
  withCommonOptions(
    rollout.command('list').description('the rollouts in force, in the order in which they match'),
  ).action(async (options: CommonOptions) => {
    const { value } = await adminClient(options, io).call('GET', '/api/v1/rollouts');
    print(io, options, value, () => listTable(value as readonly RolloutReply[]));
  });
}

function listTable(rollouts: readonly RolloutReply[]): string {
  if (rollouts.length === 0) return 'No rollout is in force; `sluice rollout apply -f FILE` starts one.';
  const rows = rollouts.map(({ name, kind, phase, weight, step, steps, revision, updatedAt }) => [
    name,
    kind,
    phase,
    kind === 'shadow' ? '-' : percent(weight),
    kind === 'canary' ? `${step + 1}/${steps.length}` : '-',
    String(revision),
    instant(updatedAt),
  ]);
  return table(['NAME', 'KIND', 'PHASE', 'WEIGHT', 'STEP', 'REVISION', 'CHANGED (UTC)'], rows, ['WEIGHT', 'REVISION']);
}

function addChange<Options extends ChangeOptions = ChangeOptions>(
  rollout: Command,
  io: Io,
  verb: string,
  description: string,
  toBody: ToBody<Options> = () => ({}),
): Command {
  const command = withCommonOptions(rollout.command(verb).description(description))
    .option('--reason <text>', 'why, for the history')
    .argument('<name>');
  return command.action(async (name: string) => {
    const options = command.opts<Options>();
    const reason = options.reason === undefined ? {} : { reason: options.reason };
    const body = { ...toBody(options, command.args[1] ?? ''), ...reason };
    const { value } = await adminClient(options, io).call('POST', rolloutPath(name, verb), body);
    print(io, options, value, () => oneLine(value as RolloutReply));
  });
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
