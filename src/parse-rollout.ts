import { checkMatch } from './check-policies.ts';
import { ConfigError, Issues, placeless } from './config/problem.ts';
import { parseRollout } from './config/rollout.ts';
import type { Config } from './core/config.ts';
import type { RolloutSpec } from './core/rollout.ts';

/** A rollout as the admin API gets it, its condition included. @throws ConfigError */
export function parseCheckedRollout(declared: unknown, config: Config): RolloutSpec {
  const spec = parseRollout(declared, config);
  const issues = new Issues();
  if (spec.match.when !== undefined) checkMatch(spec.match.when, ['match', 'when'], issues);
  if (issues.list.length > 0) throw new ConfigError(issues.list.map(placeless));
  return spec;
}
