import type { Command } from 'commander';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { CliError, UsageError } from '../errors.ts';
import { instant } from '../format.ts';
import { readText } from '../input.ts';
import type { Io } from '../io.ts';
import { keyId, keyPath, keyScreen, keyTable, listKeys, type KeyReply, type SecretReply } from '../key-reply.ts';

interface CreateOptions extends CommonOptions {
  readonly file?: string;
  readonly owner?: string;
  readonly team?: string;
  readonly models?: string;
  readonly metadata: readonly string[];
  readonly requests?: string;
  readonly tokens?: string;
  readonly concurrent?: string;
  readonly budget: readonly string[];
  readonly expires?: string;
  readonly allowArmOverride?: boolean;
}

const DAY = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY };

export function addKey(program: Command, io: Io): void {
  const key = program.command('key').description('make, see, rotate and revoke the keys of a running gateway');
  addCreate(key, io);
  addList(key, io);
  addShow(key, io);
  addRotate(key, io);
  addRevoke(key, io);
}

function addCreate(key: Command, io: Io): void {
  const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  withCommonOptions(key.command('create').description('make a key; its secret is shown this once'))
    .argument('<name>', 'stands in metrics, logs and rollout matches')
    .option(
      '-f, --file <file>',
      'YAML or JSON: the key as in the configuration, for what no option is for; - for stdin',
    )
    .option('--owner <text>', 'who answers for it')
    .option('--team <name>', 'a team of the configuration')
    .option('--models <list>', 'names or globs, e.g. gpt-4o,claude-* (default: all)')
    .option('--metadata <name=value>', "joined to its requests' metadata; may be repeated", collect, [])
    .option('--requests <rate>', 'e.g. 600/m')
    .option('--tokens <rate>', 'e.g. 200k/m')
    .option('--concurrent <count>', 'requests at one time')
    .option('--budget <budget>', 'e.g. "50 USD/month" or "5 USD/day rolling"; may be repeated', collect, [])
    .option('--expires <when>', 'an instant such as 2027-01-31, or a time from now such as 30d')
    .option('--allow-arm-override', 'may choose its arm by the x-sluice-arm header')
    .action(async (name: string, options: CreateOptions) => {
      const body = { ...(await readDeclared(options.file, io)), ...fromOptions(options, io), name };
      const { value } = await adminClient(options, io).call('POST', '/api/v1/keys', body);
      print(io, options, value, () => secretText(value as SecretReply, 'was made'));
    });
}

async function readDeclared(file: string | undefined, io: Io): Promise<object> {
  if (file === undefined) return {};
  const { parse } = await import('yaml');
  let declared: unknown;
  try {
    declared = parse(await readText(file, io));
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('invalid_input', `"${file}" is neither YAML nor JSON: ${(error as Error).message}`);
  }
  if (typeof declared === 'object' && declared !== null && !Array.isArray(declared)) return declared;
  throw new CliError('invalid_input', `"${file}" holds no key; write its fields, e.g. models: [gpt-4o]`);
}

/** Only what was given: the rest is the file's, or has its default. */
function fromOptions(options: CreateOptions, io: Io): object {
  const { owner, team, models, metadata, requests, tokens, concurrent, budget, expires, allowArmOverride } = options;
  const limits = given({ requests, tokens, concurrent });
  return given({
    owner,
    team,
    models: models?.split(',').map((each) => each.trim()),
    metadata: metadata.length === 0 ? undefined : Object.fromEntries(metadata.map(pair)),
    limits: Object.keys(limits).length === 0 ? undefined : limits,
    budget: budget.length === 0 ? undefined : budget,
    expiresAt: expires === undefined ? undefined : expiry(expires, io.now()),
    allowArmOverride,
  });
}

function given(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--metadata: "${text}" is not name=value; write e.g. team=search`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function expiry(text: string, now: number): string {
  const [, amount, unit] = /^(\d{1,6})(m|h|d)$/.exec(text) ?? [];
  return unit === undefined ? text : new Date(now + Number(amount) * UNITS[unit]!).toISOString();
}

function addList(key: Command, io: Io): void {
  withCommonOptions(key.command('list').description('all keys; never their secrets'))
    .option('--all', 'revoked ones too')
    .action(async ({ all, ...options }: CommonOptions & { readonly all?: boolean }) => {
      const keys = (await listKeys(adminClient(options, io))).filter(
        ({ state }) => all === true || state !== 'revoked',
      );
      print(io, options, keys, () => keyTable(keys));
    });
}

function addShow(key: Command, io: Io): void {
  withCommonOptions(key.command('show').description('all of one key but its secret'))
    .argument('<key>', 'its name or id')
    .action(async (given: string, options: CommonOptions) => {
      const client = adminClient(options, io);
      const { value } = await client.call('GET', keyPath(await keyId(client, given)));
      print(io, options, value, () => keyScreen(value as KeyReply));
    });
}

function addRotate(key: Command, io: Io): void {
  withCommonOptions(key.command('rotate').description('give a key a new secret, shown this once'))
    .argument('<key>', 'its name or id')
    .option('--overlap <time>', 'how long the secret before stays valid, e.g. 24h or 7d; 0: it ends at once', '24h')
    .action(async (given: string, { overlap, ...options }: CommonOptions & { readonly overlap: string }) => {
      const client = adminClient(options, io);
      const path = `${keyPath(await keyId(client, given))}/rotate`;
      const { value } = await client.call('POST', path, { overlap });
      print(io, options, value, () => secretText(value as SecretReply, 'has a new secret'));
    });
}

function addRevoke(key: Command, io: Io): void {
  withCommonOptions(key.command('revoke').description('end a key, within a second on every gateway of the store'))
    .argument('<key>', 'its name or id')
    .action(async (given: string, options: CommonOptions) => {
      const client = adminClient(options, io);
      const { value } = await client.call('DELETE', keyPath(await keyId(client, given)));
      print(io, options, value, () => `The key "${(value as KeyReply).name}" is revoked.`);
    });
}

function secretText({ name, id, secret, previousSecrets, warnings }: SecretReply, what: string): string {
  return [
    `The key "${name}" (${id}) ${what}. It is shown this once:`,
    '',
    secret,
    '',
    ...previousSecrets.map(({ prefix, validUntil }) => `${prefix} stays valid until ${instant(validUntil)} UTC.`),
    ...warnings,
  ]
    .join('\n')
    .trimEnd();
}
