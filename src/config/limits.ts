import type { LimitRuleConfig } from '../core/limits.ts';
import { toAllowance } from './allowance-schema.ts';
import { METADATA_NAME } from './names.ts';
import type { Issues } from './problem.ts';
import type { ConfigFile } from './schema.ts';

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
