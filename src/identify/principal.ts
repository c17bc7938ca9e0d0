import { compileGlob } from '../core/glob.ts';
import type { KeySettings } from '../core/keys.ts';
import type { TeamConfig } from '../core/limits.ts';
import type { Principal, SubjectAllowance } from '../core/principal.ts';

export const ANONYMOUS: Principal = {
  id: 'anonymous',
  name: 'anonymous',
  isAnonymous: true,
  owner: null,
  allowArmOverride: false,
  metadata: {},
  modelNames: [],
  team: null,
  allowances: [],
  redaction: null,
  expiresAt: null,
  mayUse: () => true,
};

/** The teams of one configuration, by name. */
export type Teams = ReadonlyMap<string, TeamConfig>;

/** Null where its team is not configured: what the team allows is not known, so the key may do nothing. */
export function toPrincipal(id: string, key: KeySettings, teams: Teams): Principal | null {
  const team = key.team === null ? null : teams.get(key.team);
  if (team === undefined) return null;
  const mayUse = modelCheck(team === null ? [key.models] : [key.models, team.models]);
  const named = new Set([...key.models, ...(team?.models ?? [])].filter((model) => !model.includes('*')));
  return {
    id,
    name: key.name,
    isAnonymous: false,
    owner: key.owner,
    allowArmOverride: key.allowArmOverride,
    metadata: { ...team?.metadata, ...key.metadata },
    modelNames: [...named].filter(mayUse),
    team,
    allowances: team === null ? [keyAllowance(id, key)] : [keyAllowance(id, key), teamAllowance(team)],
    redaction: key.redaction,
    expiresAt: key.expiresAt,
    mayUse,
  };
}

export function keyAllowance(id: string, { name, limits, budgets, onCounterFailure }: KeySettings): SubjectAllowance {
  return { kind: 'key', name, counter: `key:${id}`, limits, budgets, onCounterFailure };
}

export function teamAllowance({ name, limits, budgets, onCounterFailure }: TeamConfig): SubjectAllowance {
  return { kind: 'team', name, counter: `team:${name}`, limits, budgets, onCounterFailure };
}

/** @param lists each must have a name or glob that matches */
function modelCheck(lists: readonly (readonly string[])[]): (model: string) => boolean {
  const compiled = lists.map((list) => list.map(compileGlob));
  return (model) => compiled.every((globs) => globs.some((matches) => matches(model)));
}
