import { z } from 'zod';
import { describeKeySettings, readStoredKey } from '../config/keys.ts';
import type { KeyConfig } from '../core/config.ts';
import { configKeyId, type KeySettings, type StoredKey } from '../core/keys.ts';
import type { Milliseconds } from '../core/units.ts';

const time = () => z.iso.datetime();

export const keySchema = z.strictObject({
  id: z.string(),
  source: z.enum(['store', 'config']).describe('Keys of the configuration file can only be changed there.'),
  name: z.string(),
  state: z.enum(['active', 'expired', 'revoked']),
  prefix: z.string().nullable().describe('How its secret begins; of a key of the file nothing is known.'),
  previousSecrets: z
    .array(z.strictObject({ prefix: z.string(), validUntil: time() }))
    .describe('Secrets before the last rotations that are still valid.'),
  owner: z.string().nullable(),
  team: z.string().nullable(),
  models: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  allowArmOverride: z.boolean(),
  limits: z.strictObject({
    requests: z.string().optional(),
    tokens: z.string().optional(),
    concurrent: z.int().optional(),
  }),
  budget: z.array(z.string()),
  onCounterFailure: z.string().describe('`closed`, or a share such as `25%`.'),
  redaction: z.record(z.string(), z.unknown()).nullable(),
  expiresAt: time().nullable(),
  createdAt: time().nullable(),
  updatedAt: time().nullable(),
  revokedAt: time().nullable(),
  version: z.int().nullable(),
  warnings: z.array(z.string()).describe('Why it is refused or not what it seems.'),
});

type KeyJson = z.output<typeof keySchema>;

/** What of the configuration in force says something about stored keys. */
export interface KeySurroundings {
  readonly teams: readonly { readonly name: string }[];
  readonly keys: readonly KeyConfig[];
}

export function configKeyJson(key: KeyConfig, now: Milliseconds): KeyJson {
  return {
    ...(describeKeySettings(key) as ReturnType<typeof settingsJson>),
    id: configKeyId(key.name),
    source: 'config',
    state: key.expiresAt !== null && key.expiresAt <= now ? 'expired' : 'active',
    prefix: null,
    previousSecrets: [],
    createdAt: null,
    updatedAt: null,
    revokedAt: null,
    version: null,
    warnings: [],
  };
}

export function storedKeyJson(key: StoredKey, around: KeySurroundings, now: Milliseconds): KeyJson {
  const settings = settingsOf(key);
  const { id, createdAt, updatedAt, revokedAt, version } = key;
  const [newest, ...older] = key.secrets;
  return {
    ...settingsJson(settings ?? { ...NOTHING, name: key.name }),
    id,
    source: 'store',
    state: stateOf(key, settings, now),
    prefix: newest!.prefix,
    previousSecrets: older
      .filter(({ validUntil }) => validUntil! > now && revokedAt === null)
      .map(({ prefix, validUntil }) => ({ prefix, validUntil: instant(validUntil!) })),
    createdAt: instant(createdAt),
    updatedAt: instant(updatedAt),
    revokedAt: revokedAt === null ? null : instant(revokedAt),
    version,
    warnings: revokedAt === null ? warningsOf(key, settings, around) : [],
  };
}

/** Of a key that newer software declared: as it is treated. */
const NOTHING: KeySettings = {
  name: '',
  owner: null,
  team: null,
  models: [],
  allowArmOverride: false,
  metadata: {},
  limits: { requests: null, tokens: null, concurrent: null },
  budgets: [],
  onCounterFailure: { kind: 'closed' },
  redaction: null,
  expiresAt: null,
};

function settingsOf({ declared }: StoredKey): KeySettings | null {
  try {
    return readStoredKey(declared);
  } catch {
    return null;
  }
}

function settingsJson(settings: KeySettings) {
  const { models, ...rest } = describeKeySettings(settings);
  return { ...rest, models: [...models] };
}

function stateOf({ revokedAt }: StoredKey, settings: KeySettings | null, now: Milliseconds): KeyJson['state'] {
  if (revokedAt !== null) return 'revoked';
  return settings !== null && settings.expiresAt !== null && settings.expiresAt <= now ? 'expired' : 'active';
}

function warningsOf({ name }: StoredKey, settings: KeySettings | null, { teams, keys }: KeySurroundings): string[] {
  const warnings: string[] = [];
  if (settings === null)
    warnings.push('Its declaration cannot be read, so it is refused: another version of sluice wrote it.');
  const team = settings?.team ?? null;
  if (team !== null && !teams.some((each) => each.name === team))
    warnings.push(`The configuration has no team "${team}", so the key is refused: add the team, or change the key.`);
  if (keys.some((each) => each.name === name))
    warnings.push(`The configuration has a key "${name}" too: metrics and rollouts take the two for one.`);
  return warnings;
}

function instant(milliseconds: Milliseconds): string {
  return new Date(milliseconds).toISOString();
}
