import type { AdminClient } from './admin-client.ts';
import { CliError } from './errors.ts';
import { clipped, instant, table } from './format.ts';

/** What the control plane tells of a key, as far as people read it. */
export interface KeyReply {
  readonly id: string;
  readonly source: 'store' | 'config';
  readonly name: string;
  readonly state: 'active' | 'expired' | 'revoked';
  readonly prefix: string | null;
  readonly previousSecrets: readonly { readonly prefix: string; readonly validUntil: string }[];
  readonly owner: string | null;
  readonly team: string | null;
  readonly models: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly allowArmOverride: boolean;
  readonly limits: Readonly<Record<string, string | number>>;
  readonly budget: readonly string[];
  readonly onCounterFailure: unknown;
  readonly redaction: unknown;
  readonly expiresAt: string | null;
  readonly createdAt: string | null;
  readonly revokedAt: string | null;
  readonly warnings: readonly string[];
}

export type SecretReply = KeyReply & { readonly secret: string };

const MODELS_WIDTH = 24;

export async function listKeys(client: AdminClient): Promise<readonly KeyReply[]> {
  return (await client.call('GET', '/api/v1/keys')).value as readonly KeyReply[];
}

/** The id of a key that is given by its id or its name; of several of one name the one that is not revoked. */
export async function keyId(client: AdminClient, given: string): Promise<string> {
  if (/^(?:key_|config:)/.test(given)) return given;
  const named = (await listKeys(client)).filter(({ name }) => name === given);
  const live = named.filter(({ state }) => state !== 'revoked');
  const [key, other] = live.length > 0 ? live : named;
  if (key === undefined)
    throw new CliError('key_not_found', `There is no key "${given}"; \`sluice key list\` shows all.`);
  if (other !== undefined)
    throw new CliError('ambiguous_key', `Several keys have the name "${given}": ${key.id}, ${other.id}; give the id.`);
  return key.id;
}

export function keyPath(id: string): string {
  return `/api/v1/keys/${encodeURIComponent(id)}`;
}

export function keyTable(keys: readonly KeyReply[]): string {
  if (keys.length === 0) return 'There are no keys; `sluice key create NAME` makes one.';
  const rows = keys.map(({ id, name, state, prefix, team, owner, models, expiresAt, warnings }) => [
    name,
    warnings.length === 0 ? state : `${state}!`,
    prefix ?? '-',
    team ?? '-',
    owner ?? '-',
    clipped(models.join(','), MODELS_WIDTH),
    expiresAt === null ? '-' : instant(expiresAt),
    id,
  ]);
  const notes = keys.flatMap(({ name, warnings }) => warnings.map((warning) => `${name}: ${warning}`));
  const list = table(['NAME', 'STATE', 'SECRET', 'TEAM', 'OWNER', 'MODELS', 'EXPIRES (UTC)', 'ID'], rows);
  return [list, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n');
}

export function keyScreen(key: KeyReply): string {
  const pairs = (values: Readonly<Record<string, string | number>>): string =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ');
  const lines: readonly (readonly [string, string])[] = [
    ['name', key.name],
    ['id', key.id],
    ['state', key.state],
    ['secret', key.prefix ?? '-'],
    ...key.previousSecrets.map(
      ({ prefix, validUntil }) => ['old secret', `${prefix} until ${instant(validUntil)} UTC`] as const,
    ),
    ['owner', key.owner ?? '-'],
    ['team', key.team ?? '-'],
    ['models', key.models.join(', ')],
    ['limits', pairs(key.limits) || '-'],
    ['budget', key.budget.join(', ') || '-'],
    ['metadata', pairs(key.metadata) || '-'],
    ['arm override', key.allowArmOverride ? 'yes' : 'no'],
    ['redaction', key.redaction === null ? '-' : JSON.stringify(key.redaction)],
    ['created', key.createdAt === null ? 'in the configuration file' : `${instant(key.createdAt)} UTC`],
    ['expires', key.expiresAt === null ? 'never' : `${instant(key.expiresAt)} UTC`],
    ...(key.revokedAt === null ? [] : [['revoked', `${instant(key.revokedAt)} UTC`] as const]),
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  return [...lines.map(([label, value]) => `${label.padEnd(width)}  ${value}`), ...key.warnings].join('\n');
}
