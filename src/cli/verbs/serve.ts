import type { Command } from 'commander';
import { ConfigError } from '../../config/problem.ts';
import { DEFAULT_CONFIG, withLocalOptions, type LocalOptions } from '../common.ts';
import { CliError } from '../errors.ts';
import { invalidConfig } from './check.ts';

export function addServe(program: Command): void {
  withLocalOptions(
    program.command('serve').description('run the gateway'),
    `configuration file (default: ${DEFAULT_CONFIG})`,
  ).action(async (options: LocalOptions) => {
    // Loaded here only: the other verbs are thin and should start at once.
    const { serve } = await import('../../main.ts');
    try {
      await serve({ configPath: options.config ?? DEFAULT_CONFIG });
    } catch (error) {
      throw startFailure(error);
    }
  });
}

/** What keeps a gateway from starting is mostly the configuration, a taken port or the store: told without a stack. */
function startFailure(error: unknown): CliError {
  if (error instanceof ConfigError) return invalidConfig(error);
  return new CliError('start_failed', `The gateway cannot start: ${(error as Error).message}`);
}
