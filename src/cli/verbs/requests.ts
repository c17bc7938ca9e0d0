import { Option, type Command } from 'commander';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { UsageError } from '../errors.ts';
import { clipped, instant, table } from '../format.ts';
import type { Io } from '../io.ts';
import { parseDuration, wholeCount } from '../parse.ts';

type Filters = Readonly<Partial<Record<keyof typeof FILTERS, string>>>;

interface RequestsOptions extends CommonOptions, Filters {
  readonly minDuration?: string;
  readonly since?: string;
  readonly until?: string;
  readonly cursor?: string;
  readonly source?: string;
  readonly limit: string;
}

/** Options that go to the API as they are. */
const FILTERS = {
  requestId: 'x-sluice-request-id of the reply',
  traceId: 'of its trace',
  key: "the key's name",
  team: "the name of the key's team",
  model: 'as asked for, as sent, or the route',
  provider: 'the one that served it',
  rollout: 'its rollout',
  arm: 'its arm',
  status: 'e.g. 429, or 5xx',
  outcome: 'success, error, truncated, cancelled or denied',
  errorType: 'as the label error_type of metrics',
} as const;

/** What is shown of a record. */
interface RecordReply {
  readonly requestId: string;
  readonly at: string;
  readonly key: string;
  readonly requestedModel: string;
  readonly provider: string;
  readonly model: string;
  readonly status: number;
  readonly outcome: string;
  readonly errorType: string;
  readonly durationMs: number;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

export function addRequests(program: Command, io: Io): void {
  const command = withCommonOptions(
    program
      .command('requests')
      .description('the latest requests of a gateway, and all that it keeps in Postgres, newest first'),
  );
  for (const [name, about] of Object.entries(FILTERS)) command.option(`--${dashed(name)} <value>`, about);
  command
    .option('--min-duration <time>', 'those that took at least so long, e.g. 2s')
    .option('--since <when>', 'an instant such as 2027-01-31T12:00:00Z, or a time ago such as 15m or 7d')
    .option('--until <when>', 'the same')
    .option('-n, --limit <count>', 'records to show, 1 to 1000', '20')
    .option('--cursor <text>', 'the next page, as the one before told it')
    .addOption(new Option('--source <where>', 'only what the gateway has in memory').choices(['memory']))
    .action(async (options: RequestsOptions) => {
      const { headers, value } = await adminClient(options, io).call('GET', `/api/v1/requests?${queryOf(options, io)}`);
      const cursor = headers.get('x-sluice-cursor');
      const incomplete = headers.get('x-sluice-incomplete');
      print(io, options, options.json === true ? { requests: value, cursor, incomplete } : value, () =>
        screen(value as readonly RecordReply[], cursor, incomplete),
      );
    });
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function queryOf(options: RequestsOptions, io: Io): URLSearchParams {
  const query = new URLSearchParams({ limit: String(wholeCount('--limit', options.limit)) });
  for (const name of Object.keys(FILTERS) as (keyof typeof FILTERS)[])
    if (options[name] !== undefined) query.set(name, options[name]);
  const { minDuration, since, until, cursor, source } = options;
  if (minDuration !== undefined) query.set('minDurationMs', String(parseDuration('--min-duration', minDuration)));
  if (since !== undefined) query.set('since', when('--since', since, io));
  if (until !== undefined) query.set('until', when('--until', until, io));
  if (cursor !== undefined) query.set('cursor', cursor);
  if (source !== undefined) query.set('source', source);
  return query;
}

const DAY = 24 * 3_600_000;

/** @throws UsageError */
function when(option: string, text: string, io: Io): string {
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? [];
  if (days !== undefined) return new Date(io.now() - Number(days) * DAY).toISOString();
  if (/^\d+(?:\.\d+)?(?:ms|s|m|h)$/.test(text)) return new Date(io.now() - parseDuration(option, text)).toISOString();
  const at = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(at)) return new Date(at).toISOString();
  throw new UsageError(
    `${option}: "${text}" is no instant; write e.g. 2027-01-31T12:00:00Z, or a time ago such as 15m`,
  );
}

const HEADER = ['AT', 'REQUEST', 'KEY', 'MODEL', 'SERVED BY', 'STATUS', 'OUTCOME', 'MS', 'TOKENS'];

const INCOMPLETE: Readonly<Record<string, string>> = {
  timeout: 'the search of the records in Postgres took too long: ask for a key, a model or a time (--since)',
  unavailable: 'the records in Postgres could not be searched',
};

function screen(records: readonly RecordReply[], cursor: string | null, incomplete: string | null): string {
  const note = incomplete === null ? '' : `\nonly what is in memory: ${INCOMPLETE[incomplete] ?? incomplete}`;
  if (records.length === 0) return `No request that is remembered fits.${note}`;
  const rows = records.map((each) => [
    instant(each.at),
    each.requestId,
    clipped(each.key, 16),
    clipped(each.requestedModel, 24),
    clipped(each.provider === '' ? '' : `${each.provider}/${each.model}`, 28),
    String(each.status),
    each.errorType === '' ? each.outcome : `${each.outcome}: ${clipped(each.errorType, 24)}`,
    each.durationMs.toFixed(0),
    each.inputTokens === null ? '' : `${each.inputTokens}+${each.outputTokens ?? 0}`,
  ]);
  const more = cursor === null ? '' : `\nmore: --cursor ${cursor}`;
  return `${table(HEADER, rows, ['STATUS', 'MS', 'TOKENS'])}${more}${note}`;
}
