import type { Outcome } from '../core/outcome.ts';
import type { Seconds } from '../core/units.ts';
import { CliError } from './errors.ts';

const ARMS: Readonly<Record<string, number>> = { stable: 0, canary: 1 };
const FLAGS = { error: 'error', refusal: 'refusal', invalid_json: 'invalidJson', truncated: 'truncated' } as const;
const AMOUNTS = {
  ttft_ms: 'ttftMs',
  latency_ms: 'latencyMs',
  output_tokens: 'outputTokens',
  cost_usd: 'costUsd',
} as const;
const TEXTS = { finish_reason: 'finishReason', language: 'language', key: 'key' } as const;

type Fields = Readonly<Record<string, unknown>>;

/** What is no JSON at all: the last line of a log may be cut. */
export class UnreadableLine extends CliError {}

/**
 * One line of an outcome log. A field that is absent or null was not observed; fields that are not known are left alone.
 * @param number of the line, from 1, for the message
 * @param rollout that is judged
 * @returns null where the line is of another rollout, by its `rollout`
 * @throws CliError `invalid_log`, `UnreadableLine` where it is no JSON
 */
export function parseOutcome(line: string, number: number, rollout: string): Outcome | null {
  const fields = parseObject(line, number);
  if ((optional(fields, 'rollout', 'text', isText, number) ?? rollout) !== rollout) return null;
  const outcome: { -readonly [Field in keyof Outcome]: Outcome[Field] } = {
    at: required(fields, 'ts', 'a time in Unix seconds, not milliseconds', isTime, number),
    unit: optional(fields, 'unit', 'text or a number', isLabel, number)?.toString() ?? null,
    arm: ARMS[required(fields, 'arm', '"stable" or "canary"', isArm, number)]!,
    probability: required(fields, 'weight', 'a number from 0 to 1', isShare, number),
    metadata: metadataOf(fields, number),
  };
  for (const [name, field] of entries(FLAGS)) outcome[field] = optional(fields, name, 'true or false', isFlag, number);
  for (const [name, field] of entries(AMOUNTS))
    outcome[field] = optional(fields, name, 'a number from 0', isAmount, number);
  for (const [name, field] of entries(TEXTS)) outcome[field] = optional(fields, name, 'text', isText, number);
  return outcome;
}

function entries<Names extends Readonly<Record<string, string>>>(names: Names) {
  return Object.entries(names) as [string, Names[keyof Names]][];
}

function parseObject(line: string, number: number): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new UnreadableLine('invalid_log', `Line ${number} of the log is not JSON.`, { line: number });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw bad(number, 'is not a JSON object');
}

function metadataOf(fields: Fields, number: number): ReadonlyMap<string, string> {
  const metadata = optional(fields, 'metadata', 'an object', isObject, number);
  if (metadata === undefined) return NO_METADATA;
  const pairs = Object.entries(metadata).filter(([, value]) => value !== null);
  const wrong = pairs.find(([, value]) => !isLabel(value) && typeof value !== 'boolean');
  if (wrong !== undefined) throw bad(number, `has "metadata.${wrong[0]}", which is not text, a number, true or false`);
  return new Map(pairs.map(([name, value]) => [name, String(value)]));
}

const NO_METADATA: ReadonlyMap<string, string> = new Map();

type Is<T> = (value: unknown) => value is T;

const isFlag: Is<boolean> = (value) => typeof value === 'boolean';
const isText: Is<string> = (value) => typeof value === 'string';
const isAmount: Is<number> = (value): value is number => Number.isFinite(value) && (value as number) >= 0;
/** In the year 5138: later times are those in milliseconds, and one would put off all that is due by time for good. */
const LATEST: Seconds = 1e11;
const isTime: Is<number> = (value): value is number => isAmount(value) && value <= LATEST;
const isShare: Is<number> = (value): value is number => isAmount(value) && value <= 1;
const isLabel: Is<string | number> = (value): value is string | number => isText(value) || Number.isFinite(value);
const isArm: Is<string> = (value): value is string => isText(value) && Object.hasOwn(ARMS, value);
const isObject: Is<Fields> = (value): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function required<T>(fields: Fields, name: string, what: string, is: Is<T>, number: number): T {
  const value = optional(fields, name, what, is, number);
  if (value === undefined) throw bad(number, `has no "${name}"; write ${what}`);
  return value;
}

function optional<T>(fields: Fields, name: string, what: string, is: Is<T>, number: number): T | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : null;
  if (value === null) return undefined;
  if (is(value)) return value;
  throw bad(number, `has a "${name}" that is not ${what}`);
}

function bad(number: number, problem: string): CliError {
  return new CliError('invalid_log', `Line ${number} of the log ${problem}.`, { line: number });
}
