import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { ListedModel } from '../../catalogue/list.ts';
import { DEFAULT_CONFIG, print, withLocalOptions, type LocalOptions } from '../common.ts';
import { table } from '../format.ts';
import type { Io } from '../io.ts';
import { load } from './check.ts';

export function addModels(program: Command, io: Io): void {
  withLocalOptions(
    program.command('models').description('known models: prices, context, shutdown dates'),
    `whose prices to list too (default: ${DEFAULT_CONFIG}, where it exists)`,
  ).action(async (options: LocalOptions) => {
    const { listModels } = await import('../../catalogue/list.ts');
    const path = options.config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : null);
    const models = listModels(path === null ? null : (await load(path, io)).config);
    print(io, options, { currency: 'USD', per: 1_000_000, models }, () => text(models));
  });
}

const HEADS = ['MODEL', 'INPUT', 'CACHED', 'WRITE', 'OUTPUT', 'CONTEXT', 'MAX OUTPUT', 'SHUTDOWN', 'AS OF'];

const FIGURES = HEADS.slice(1, 7);

function text(models: readonly ListedModel[]): string {
  const rows = models.map((model) => [
    `${model.from}/${model.id}`,
    ...[model.input, model.cachedInput, model.cacheWrite ?? model.input, model.output].map(String),
    ...[model.context, model.maxOutput].map((tokens) => (tokens === null ? '-' : String(tokens))),
    model.shutdown ?? '-',
    model.asOf === '' ? 'configured' : model.asOf,
  ]);
  return `${table(HEADS, rows, FIGURES)}\n\nUS dollars per million tokens.`;
}
