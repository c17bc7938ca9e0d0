import type { Command } from 'commander';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { clipped, instant, table, WIDTH } from '../format.ts';
import type { Io } from '../io.ts';
import { wholeCount } from '../parse.ts';
import { oneLine, rolloutPath, type RevisionReply, type RolloutReply } from '../rollout-reply.ts';

interface UndoOptions extends CommonOptions {
  readonly toRevision?: string;
  readonly reason?: string;
}

export function addUndo(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('undo').description('go back to what an earlier revision declared'))
    .argument('<name>')
    .option('--to-revision <n>', 'which one; default: the newest that declares something else than now')
    .option('--reason <text>', 'why, for the history')
    .action(async (name: string, { toRevision, reason, ...options }: UndoOptions) => {
      const body = {
        ...(toRevision === undefined ? {} : { toRevision: wholeCount('--to-revision', toRevision) }),
        ...(reason === undefined ? {} : { reason }),
      };
      const { value } = await adminClient(options, io).call('POST', rolloutPath(name, 'undo'), body);
      print(io, options, value, () => oneLine(value as RolloutReply));
    });
}

export function addRevisions(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('revisions').description('what was declared, newest first'))
    .argument('<name>')
    .option('--limit <count>', 'revisions to show, 1 to 1000', '20')
    .action(async (name: string, options: CommonOptions & { limit: string }) => {
      const limit = wholeCount('--limit', options.limit);
      const { value } = await adminClient(options, io).call('GET', `${rolloutPath(name, 'revisions')}?limit=${limit}`);
      print(io, options, value, () => revisionTable(value as readonly RevisionReply[]));
    });
}

function revisionTable(revisions: readonly RevisionReply[]): string {
  const rows = revisions.map(({ revision, at, actor, declared }) => {
    const { name: _, match: __, ...rest } = declared;
    return [String(revision), instant(at), actor, clipped(JSON.stringify(rest), WIDTH)];
  });
  return table(['REVISION', 'TIME (UTC)', 'BY', 'DECLARED'], rows, ['REVISION']);
}
