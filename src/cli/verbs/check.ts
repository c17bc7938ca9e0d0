import type { Command } from 'commander';
import type { LoadedConfig } from '../../config/load.ts';
import { ConfigError } from '../../config/problem.ts';
import { formatProblems } from '../../config/report.ts';
import { DEFAULT_CONFIG, print, withLocalOptions, type LocalOptions } from '../common.ts';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';

export function addCheck(program: Command, io: Io): void {
  withLocalOptions(program.command('check').description('validate a configuration file'), 'the same as [file]')
    .argument('[file]', `the file (default: --config, else ${DEFAULT_CONFIG})`)
    .action(async (file: string | undefined, options: LocalOptions) => {
      const path = file ?? options.config ?? DEFAULT_CONFIG;
      const { warnings } = await load(path, io);
      print(io, options, { ok: true, file: path, warnings }, () =>
        [...(warnings.length === 0 ? [] : [formatProblems(warnings, 'warning')]), `ok: ${path}`].join('\n'),
      );
    });
}

/** @throws CliError `invalid_config` */
export async function load(path: string, io: Io): Promise<LoadedConfig> {
  // Loaded when needed: most verbs only talk to a gateway and should start at once.
  const [{ loadConfig }, { checkParts }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../check-parts.ts'),
  ]);
  try {
    return loadConfig(path, io.env, checkParts);
  } catch (error) {
    throw error instanceof ConfigError ? invalidConfig(error) : error;
  }
}

/** Its message is the report for people. */
export function invalidConfig({ problems }: ConfigError): CliError {
  return new CliError('invalid_config', formatProblems(problems), { problems });
}
