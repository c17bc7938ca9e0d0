import type { BudgetConfig, Allowance, LimitRuleConfig, LimitsConfig, RateConfig, TeamConfig } from '../core/limits.ts';
import type { CounterFailure } from '../core/limits.ts';
import { METADATA_NAME } from './names.ts';
import type { Issues } from './problem.ts';
import type { ConfigFile } from './schema.ts';

interface RatesFile {
  readonly requests?: RateConfig | undefined;
  readonly tokens?: RateConfig | undefined;
  readonly concurrent?: number | undefined;
}

interface AllowanceFile {
  readonly limits?: RatesFile | undefined;
  readonly budget?: BudgetConfig | readonly BudgetConfig[] | undefined;
  readonly onCounterFailure: CounterFailure;
}

export function toAllowance({ limits, budget, onCounterFailure }: AllowanceFile): Allowance {
  return { limits: toLimits(limits ?? {}), budgets: toBudgets(budget), onCounterFailure };
}

function toLimits({ requests, tokens, concurrent }: RatesFile): LimitsConfig {
  return { requests: requests ?? null, tokens: tokens ?? null, concurrent: concurrent ?? null };
}

function toBudgets(budget: AllowanceFile['budget']): readonly BudgetConfig[] {
  if (budget === undefined) return [];
  return Array.isArray(budget) ? (budget as readonly BudgetConfig[]) : [budget as BudgetConfig];
}

export function toTeams(file: ConfigFile['teams']): readonly TeamConfig[] {
  return file.map((team) => ({
    name: team.name,
    models: team.models,
    metadata: team.metadata,
    ...toAllowance(team),
  }));
}

export function toLimitRules(file: ConfigFile['limits'], providers: readonly string[], issues: Issues) {
  return file.map((rule, index): LimitRuleConfig => {
    const { name, match, by, budget, onCounterFailure, ...limits } = rule;
    const at = ['limits', index];
    const allowance = toAllowance({ limits, budget, onCounterFailure });
    const { requests, tokens, concurrent } = allowance.limits;
    if (requests === null && tokens === null && concurrent === null && allowance.budgets.length === 0)
      issues.add(at, 'limits nothing', 'give it requests, tokens, concurrent or budget');
    if (match.provider !== undefined && !providers.includes(match.provider))
      issues.add(
        [...at, 'match', 'provider'],
        'names a provider that is not configured',
        `use ${providers.join(', ')}`,
      );
    return { name, match: toMatch(match), by, ...allowance };
  });
}

function toMatch(match: ConfigFile['limits'][number]['match']): LimitRuleConfig['match'] {
  const metadata = Object.entries(match).filter(([name]) => METADATA_NAME.test(name));
  const values = metadata.map(([name, value]) => [name.slice('metadata.'.length), value as string]);
  return { model: match.model ?? null, provider: match.provider ?? null, metadata: Object.fromEntries(values) };
}

/** A key of a team that does not exist would have none of its limits. */
export function checkKeyTeams(keys: ConfigFile['keys'], teams: readonly TeamConfig[], issues: Issues): void {
  for (const [index, { team }] of keys.entries())
    if (team !== undefined && !teams.some(({ name }) => name === team))
      issues.add(
        ['keys', index, 'team'],
        `names the team "${team}", which does not exist`,
        `add it under teams, e.g. teams: [{ name: ${team}, budget: 100 USD/month }]`,
      );
}
