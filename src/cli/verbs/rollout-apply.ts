import type { Command } from 'commander';
import { parse } from 'yaml';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { CliError } from '../errors.ts';
import { readText } from '../input.ts';
import type { Io } from '../io.ts';
import { oneLine, rolloutPath, type RolloutReply } from '../rollout-reply.ts';

type AppliedReply = RolloutReply & { readonly warnings: readonly string[] };

export function addApply(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('apply').description('apply rollouts; an unchanged one is left as it stands'))
    .requiredOption('-f, --file <file>', 'YAML or JSON: one rollout, a list, or {rollouts: [...]}; - for stdin')
    .action(async (options: CommonOptions & { file: string }) => {
      const content: unknown = parseFile(await readText(options.file, io), options.file);
      const declared = declarations(content);
      const client = adminClient(options, io);
      const replies: AppliedReply[] = [];
      for (const [index, one] of declared.entries()) {
        const { value } = await client.call('PUT', rolloutPath(nameOf(one, index, options.file)), one);
        replies.push(value as AppliedReply);
      }
      // With --json they stand in the reply.
      if (options.json !== true)
        for (const warning of replies.flatMap(({ warnings }) => warnings)) io.stderr.write(`warning: ${warning}\n`);
      const isSingle = declared[0] === content;
      print(io, options, isSingle ? replies[0] : replies, () => replies.map(oneLine).join('\n'));
    });
}

function parseFile(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new CliError('invalid_input', `${file} is not YAML: ${(error as Error).message}`);
  }
}

function declarations(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content;
  const { rollouts } = (content ?? {}) as { rollouts?: unknown };
  return Array.isArray(rollouts) ? rollouts : [content];
}

function nameOf(declared: unknown, index: number, file: string): string {
  const name = (declared as { name?: unknown } | null)?.name;
  if (typeof name === 'string' && name !== '') return name;
  throw new CliError('invalid_input', `Rollout ${index + 1} of ${file} has no name.`);
}
