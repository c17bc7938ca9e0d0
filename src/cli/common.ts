import type { Command } from 'commander';
import { AdminClient } from './admin-client.ts';
import type { Io } from './io.ts';

export const DEFAULT_CONFIG = 'config/sluice.yaml';
const DEFAULT_URL = 'http://127.0.0.1:8081';

/** What every verb takes. */
export interface CommonOptions {
  readonly config?: string;
  readonly url: string;
  readonly token?: string;
  readonly json?: boolean;
}

export function withCommonOptions(command: Command): Command {
  return command
    .option('--config <file>', `configuration file (default: ${DEFAULT_CONFIG})`)
    .option('--url <url>', 'admin URL of the gateway', DEFAULT_URL)
    .option('--token <token>', 'admin token (default: $SLUICE_ADMIN_TOKEN)')
    .option('--json', 'one JSON value on stdout');
}

export function adminClient(options: CommonOptions, io: Io): AdminClient {
  return new AdminClient(options.url, options.token ?? io.env['SLUICE_ADMIN_TOKEN'] ?? '');
}

/** One JSON value with `--json`, else what people read. */
export function print(io: Io, options: CommonOptions, value: unknown, text: () => string): void {
  io.stdout.write(`${options.json === true ? JSON.stringify(value) : text()}\n`);
}
