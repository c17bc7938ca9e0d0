import type { Command } from 'commander';
import { ConfigError } from '../../config/problem.ts';
import type { Difference } from '../../policy-cases.ts';
import { DEFAULT_CONFIG, print, withLocalOptions, type LocalOptions } from '../common.ts';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { invalidConfig, load } from './check.ts';

interface CaseResult {
  readonly name: string;
  readonly ok: boolean;
  /** The policy that refused; empty where none did. */
  readonly rule: string;
  readonly differences: readonly Difference[];
}

export function addPolicy(program: Command, io: Io): void {
  const policy = program.command('policy').description('try policies here, without a gateway');
  withLocalOptions(
    policy.command('test').description('run a table of cases against the policies of a configuration'),
    `the configuration (default: ${DEFAULT_CONFIG})`,
  )
    .argument('<file>', 'YAML with cases; docs/policies.md shows one')
    .action(async (file: string, options: LocalOptions) => {
      const results = await testCases(file, options.config ?? DEFAULT_CONFIG, io);
      const failed = results.filter(({ ok }) => !ok).length;
      const summary = `${results.length - failed} of ${results.length} cases are as expected`;
      const report = [...results.map(describe), summary].join('\n');
      if (failed > 0) throw new CliError('cases_failed', report, { cases: results });
      print(io, options, { ok: true, cases: results }, () => report);
    });
}

async function testCases(file: string, configPath: string, io: Io): Promise<readonly CaseResult[]> {
  // Loaded when needed: most verbs only talk to a gateway and should start at once.
  const [{ loadPolicyCases }, { differences, judgeCase, CaseError }, { compileRules }] = await Promise.all([
    import('../../config/policy-cases.ts'),
    import('../../policy-cases.ts'),
    import('../../policy/rule-set.ts'),
  ]);
  const { config } = await load(configPath, io);
  const rules = compileRules(config.policies);
  try {
    return loadPolicyCases(file).map((given) => {
      const outcome = judgeCase(given, rules, config);
      const found = differences(given.expect, outcome);
      return { name: given.name, ok: found.length === 0, rule: outcome.rule, differences: found };
    });
  } catch (error) {
    if (error instanceof CaseError) throw new CliError('invalid_case', error.message);
    throw error instanceof ConfigError ? invalidConfig(error) : error;
  }
}

function describe({ name, ok, rule, differences }: CaseResult): string {
  const lines = differences.map(
    ({ field, expected, actual }) =>
      `      ${field}: expected ${JSON.stringify(expected)}, was ${JSON.stringify(actual)}${field === 'decision' && rule !== '' ? ` by ${rule}` : ''}`,
  );
  return [`${ok ? 'ok   ' : 'FAIL '} ${name}`, ...lines].join('\n');
}
