import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { DEFAULT_REDACTION } from '../../config/redaction.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Direction, RedactionPolicy, Redactor } from '../../core/redaction.ts';
import { withLocalOptions, type LocalOptions } from '../common.ts';
import { CliError, UsageError } from '../errors.ts';
import { readLines, readText } from '../input.ts';
import type { Io } from '../io.ts';
import { load } from './check.ts';

/** The code of a line without a text, as the gateway answers a request that it cannot read. */
const INVALID = 'invalid_request';

interface RedactOptions extends LocalOptions {
  readonly jsonl?: boolean;
  readonly direction: string;
}

export function addRedact(program: Command, io: Io): void {
  withLocalOptions(
    program.command('redact').description('redact text here, without a gateway'),
    'configuration file whose rules apply (default: the default rules)',
  )
    .argument('[file]', 'the text; - for stdin', '-')
    .option('--jsonl', 'one {"text":...} a line in, one {"text":...,"findings":[...]} a line out')
    .option('--direction <direction>', 'whose rules apply: request or response', 'request')
    .action(async (file: string, options: RedactOptions) => {
      const direction = parseDirection(options.direction);
      const { createRedactor } = await import('../../redact/redactor.ts');
      // The key of hashes and placeholders: they match within one run, and tell nothing about the gateway's own.
      const redactor = createRedactor(await policy(options, io), randomBytes(32));
      if (options.jsonl === true) await redactLines(redactor, direction, file, io);
      else await redactWhole(redactor, direction, file, options, io);
    });
}

function parseDirection(text: string): Direction {
  if (text === 'request' || text === 'response') return text;
  throw new UsageError(`--direction: "${text}" is neither request nor response`);
}

async function policy(options: LocalOptions, io: Io): Promise<RedactionPolicy> {
  return options.config === undefined ? DEFAULT_REDACTION : (await load(options.config, io)).config.redaction;
}

async function redactWhole(
  redactor: Redactor,
  direction: Direction,
  file: string,
  options: RedactOptions,
  io: Io,
): Promise<void> {
  const text = await readText(file, io);
  const result = refusingBlocked(() => redactor.redactText(text, direction));
  // Not `print`: the text goes out as it came, with no line end added.
  io.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : result.text);
}

/** A line that is refused or is none becomes `{"error":...}`, so that output lines stay beside their input lines. */
async function redactLines(redactor: Redactor, direction: Direction, file: string, io: Io): Promise<void> {
  let number = 0;
  const failed: CliError[] = [];
  for await (const line of readLines(file, io)) {
    number++;
    try {
      const text = textOf(line, number);
      io.stdout.write(`${JSON.stringify(refusingBlocked(() => redactor.redactText(text, direction)))}\n`);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const { code, message } = error;
      failed.push(error);
      io.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
    }
  }
  if (failed.length > 0) throw summaryOf(failed, number);
}

function summaryOf(failed: readonly CliError[], lines: number): CliError {
  const invalid = failed.filter(({ code }) => code === INVALID).length;
  const blocked = failed.length - invalid;
  const parts: string[] = [];
  if (blocked > 0) parts.push(`${blocked} of ${lines} lines were refused by a rule with the action \`block\`.`);
  if (invalid > 0) parts.push(`${invalid} of ${lines} lines are not {"text": "..."}.`);
  return new CliError(blocked > 0 ? 'secret_detected' : INVALID, parts.join(' '));
}

function textOf(line: string, number: number): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = null;
  }
  const text = (value as { text?: unknown } | null)?.text;
  if (typeof text === 'string') return text;
  throw new CliError(INVALID, `Line ${number} is not {"text": "..."}.`);
}

function refusingBlocked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw blockedError(error);
  }
}

/** @throws whatever is no refusal */
function blockedError(error: unknown): CliError {
  if (error instanceof GatewayError) return new CliError(error.code, error.message);
  throw error;
}
