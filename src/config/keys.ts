import { hash } from 'node:crypto';
import type { z } from 'zod';
import type { Config, KeyConfig } from '../core/config.ts';
import type { KeySettings } from '../core/keys.ts';
import type { TeamConfig } from '../core/limits.ts';
import type { RedactionChange, RedactionPolicy } from '../core/redaction.ts';
import { describeAllowance, toAllowance } from './allowance-schema.ts';
import { storedKey, type key, type team } from './key-schema.ts';
import { ConfigError, Issues, placeless, type Path } from './problem.ts';
import { resolveRedactionChange } from './redaction.ts';
import { suggest } from './suggest.ts';
import { toIssues, wording } from './zod-issues.ts';

type KeyFile = z.output<typeof key>;
type TeamFile = z.output<typeof team>;

/** Asks the redactor about what a key changes. */
type ChangeCheck = (change: RedactionChange, policy: RedactionPolicy, path: Path, issues: Issues) => void;

export function toTeam({ name, models, metadata, ...file }: TeamFile): TeamConfig {
  return { name, models, metadata, ...toAllowance(file) };
}

/** Adds an issue for a team that there is not; what it returns counts only where none was added. */
export function toKey(file: KeyFile, teams: readonly TeamConfig[], at: Path, issues: Issues): KeyConfig {
  const settings = toSettings(file);
  checkTeam(settings, teams, at, issues);
  return { ...settings, secretHash: hash('sha256', file.secret) };
}

/**
 * The settings of a key as declared to the API, without regard to a configuration.
 * @throws ConfigError whose problems have paths such as `limits.requests` and no file
 */
export function readStoredKey(declared: unknown): KeySettings {
  const parsed = storedKey.safeParse(declared, { error: wording });
  if (!parsed.success) throw new ConfigError(toIssues(parsed.error.issues).map(placeless));
  return toSettings(parsed.data);
}

/** As `readStoredKey`, with the checks that the configuration file's keys get. @throws ConfigError */
export function parseStoredKey(declared: unknown, config: Config, checkChange: ChangeCheck): KeySettings {
  const settings = readStoredKey(declared);
  const issues = new Issues();
  checkTeam(settings, config.teams, [], issues);
  if (settings.redaction !== null) checkChange(settings.redaction, config.redaction, ['redaction', 'rules'], issues);
  if (issues.list.length > 0) throw new ConfigError(issues.list.map(placeless));
  return settings;
}

/** As it would be declared, with every default filled in. */
export function describeKeySettings({ redaction, expiresAt, limits, budgets, onCounterFailure, ...rest }: KeySettings) {
  return {
    name: rest.name,
    owner: rest.owner,
    team: rest.team,
    models: rest.models,
    metadata: rest.metadata,
    allowArmOverride: rest.allowArmOverride,
    ...describeAllowance({ limits, budgets, onCounterFailure }),
    redaction: redaction === null ? null : describeChange(redaction),
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  };
}

function describeChange({ categories, rules, restore }: RedactionChange) {
  return { ...categories, rules: Object.entries(rules).map(([id, actions]) => ({ id, ...actions })), restore };
}

function toSettings(file: Omit<KeyFile, 'secret'>): KeySettings {
  const { name, models, allowArmOverride, metadata } = file;
  return {
    name,
    owner: file.owner ?? null,
    team: file.team ?? null,
    models,
    allowArmOverride,
    metadata,
    ...toAllowance(file),
    redaction: resolveRedactionChange(file.redaction),
    expiresAt: file.expiresAt ?? null,
  };
}

function checkTeam({ team }: KeySettings, teams: readonly TeamConfig[], at: Path, issues: Issues): void {
  const names = teams.map(({ name }) => name);
  if (team !== null && !names.includes(team))
    issues.add([...at, 'team'], `names the unknown team "${team}"`, suggest(team, names));
}
