import type { Command } from 'commander';
import { AdminClient } from './admin-client.ts';
import type { Io } from './io.ts';

export const DEFAULT_CONFIG = 'config/sluice.yaml';
const DEFAULT_URL = 'http://127.0.0.1:8081';

/** What every verb takes and uses. */
export interface LocalOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Of verbs that speak to a gateway. */
export interface CommonOptions extends LocalOptions {
  readonly url: string;
  readonly token?: string;
}

/** Where a verb does not use an option its help says so: scripts may give every verb the same ones. */
const UNUSED = 'not used by this verb';

/** For verbs that speak to a gateway. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--config <file>', UNUSED)
    .option('--url <url>', 'admin URL of the gateway', DEFAULT_URL)
    .option('--token <token>', 'admin token (default: $SLUICE_ADMIN_TOKEN)')
    .option('--json', 'one JSON value on stdout');
}

/** For verbs that speak to no gateway. @param config what the configuration file is to the verb; null: it reads none */
export function withLocalOptions(command: Command, config: string | null): Command {
  return command
    .option('--config <file>', config ?? UNUSED)
    .option('--url <url>', UNUSED)
    .option('--token <token>', UNUSED)
    .option('--json', 'one JSON value on stdout');
}

export function adminClient(options: CommonOptions, io: Io): AdminClient {
  return new AdminClient(options.url, options.token ?? io.env['SLUICE_ADMIN_TOKEN'] ?? '');
}

/** One JSON value with `--json`, else what people read. */
export function print(io: Io, options: LocalOptions, value: unknown, text: () => string): void {
  io.stdout.write(`${options.json === true ? JSON.stringify(value) : text()}\n`);
}
