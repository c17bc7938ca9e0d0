import type { Command } from 'commander';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { UsageError } from '../errors.ts';
import { percent, table } from '../format.ts';
import { readLines } from '../input.ts';
import type { Io } from '../io.ts';
import { rolloutPath } from '../rollout-reply.ts';

/** What the control plane takes at once, in units and, with room for JSON's own characters, in bytes. */
const BATCH_UNITS = 10_000;
const BATCH_CHARS = 128 * 1024;

interface Assignment {
  readonly unit: string;
  readonly u: number;
  readonly arm: string | null;
}

export function addAssign(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('assign').description('which arm units get at this moment'))
    .argument('<name>')
    .argument('[unit...]')
    .option('-F, --file <file>', 'units, one a line; - for stdin')
    .action(async (name: string, units: readonly string[], options: CommonOptions & { file?: string }) => {
      if (units.length === 0 && options.file === undefined)
        throw new UsageError('name units, or a file of them with --file');
      const client = adminClient(options, io);
      const assignments: Assignment[] = [];
      for await (const batch of batches(allUnits(units, options.file, io))) {
        const { value } = await client.call('POST', rolloutPath(name, 'assign'), { units: batch });
        for (const assignment of value as readonly Assignment[]) assignments.push(assignment);
      }
      print(io, options, assignments, () => assignmentText(assignments));
    });
}

async function* allUnits(units: readonly string[], file: string | undefined, io: Io): AsyncGenerator<string> {
  yield* units;
  if (file !== undefined) yield* readLines(file, io);
}

async function* batches(units: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let batch: string[] = [];
  let chars = 0;
  for await (const unit of units) {
    if (batch.length > 0 && (batch.length === BATCH_UNITS || chars + unit.length > BATCH_CHARS)) {
      yield batch;
      batch = [];
      chars = 0;
    }
    batch.push(unit);
    chars += unit.length;
  }
  if (batch.length > 0) yield batch;
}

function assignmentText(assignments: readonly Assignment[]): string {
  const rows = assignments.map(({ unit, u, arm }) => [unit, armName(arm), u.toFixed(6)]);
  return [table(['UNIT', 'ARM', 'POSITION'], rows), '', shares(assignments)].join('\n');
}

function shares(assignments: readonly Assignment[]): string {
  const counts = new Map<string, number>();
  for (const { arm } of assignments) counts.set(armName(arm), (counts.get(armName(arm)) ?? 0) + 1);
  const rows = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([arm, count]) => [arm, String(count), percent((100 * count) / assignments.length)]);
  return table(['ARM', 'UNITS', 'SHARE'], rows, ['UNITS', 'SHARE']);
}

function armName(arm: string | null): string {
  return arm ?? '(takes no part)';
}
