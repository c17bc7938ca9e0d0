import type { Allowance, TeamConfig } from './limits.ts';
import type { RedactionChange } from './redaction.ts';
import type { Milliseconds } from './units.ts';

/** What somebody may use at most, counted under a name of its own. */
export interface SubjectAllowance extends Allowance {
  readonly kind: 'key' | 'team';
  /** For people: the name of the key or team. */
  readonly name: string;
  /** What it is counted under, on all gateways: `key:ID` or `team:NAME`. A key that takes the name of a revoked one begins anew. */
  readonly counter: string;
}

/** Who calls. Made by the one auth gate; nothing else in the gateway decides identity. */
export interface Principal {
  /** `key_…` of a stored key, `config:NAME` of one of the configuration, `anonymous` without one. */
  readonly id: string;
  /** The key's name; `anonymous` without one. */
  readonly name: string;
  readonly isAnonymous: boolean;
  /** Who answers for its key; null: nobody is named. */
  readonly owner: string | null;
  readonly allowArmOverride: boolean;
  /** The team's, over it the key's. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The models that its key or team names without a wildcard, as far as it may use them. */
  readonly modelNames: readonly string[];
  readonly team: TeamConfig | null;
  /** The key's, then the team's: all hold at once. */
  readonly allowances: readonly SubjectAllowance[];
  readonly redaction: RedactionChange | null;
  /** From this wall-clock instant on the gate refuses its key. */
  readonly expiresAt: Milliseconds | null;
  /** What both its key and its team allow. */
  mayUse(model: string): boolean;
}

/** Who shares what a key makes: its team, or the key alone. The same on all gateways and after a restart. */
export function tenantOf({ id, team }: Pick<Principal, 'id' | 'team'>): string {
  return team === null ? id : `team:${team.name}`;
}

const maps = new WeakMap<Principal['metadata'], ReadonlyMap<string, string>>();

/** A key's own metadata, made once for all of its requests. */
export function metadataOf({ metadata }: Principal): ReadonlyMap<string, string> {
  let map = maps.get(metadata);
  if (map === undefined) maps.set(metadata, (map = new Map(Object.entries(metadata))));
  return map;
}
