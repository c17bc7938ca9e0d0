import { DEFAULT_REDACTION } from '../../src/config/redaction.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import { REDACTION_CATEGORIES } from '../../src/core/redaction.ts';
import type {
  DirectionActions,
  Finding,
  RedactionAction,
  RedactionCategory,
  RedactionLog,
  RedactionPolicy,
  Redactor,
  SharedRedactor,
  StreamFormat,
} from '../../src/core/redaction.ts';
import { SseEvent } from '../../src/core/sse.ts';
import type { Detector, RuleInfo } from '../../src/redact/detector.ts';
import { createRedactor } from '../../src/redact/redactor.ts';

export const SECRET = Buffer.from('a key for tests only');

const PORTION = 64;

/** A policy with one action everywhere. */
export function allActions(action: RedactionAction, more: Partial<RedactionPolicy> = {}): RedactionPolicy {
  const actions: DirectionActions = { request: action, response: action };
  const categories = Object.fromEntries(REDACTION_CATEGORIES.map((name) => [name, actions]));
  return { ...DEFAULT_REDACTION, categories: categories as Record<RedactionCategory, DirectionActions>, ...more };
}

/** All rules off but one: what many rules cost together is not measured with it. */
export function onlyRule({ id }: RuleInfo): SharedRedactor {
  return createRedactor(allActions('allow', { overrides: { [id]: { request: 'mask', response: 'mask' } } }), SECRET);
}

/** The rules in portions, each with a name: a test for every rule would cost more than what it tests. */
export function inPortions(rules: readonly Detector[]): [name: string, portion: readonly Detector[]][] {
  const portions = Array.from({ length: Math.ceil(rules.length / PORTION) }, (_, i) =>
    rules.slice(i * PORTION, (i + 1) * PORTION),
  );
  return portions.map((portion) => [`${portion[0]!.id} to ${portion.at(-1)!.id}`, portion]);
}

export interface Told {
  readonly finding: Finding;
  readonly where: string;
}

export class RecordingLog implements RedactionLog {
  readonly told: Told[] = [];
  readonly heldBytes: number[] = [];
  readonly restorations: string[] = [];
  readonly unread: string[] = [];

  found(_direction: string, finding: Finding, where: string): void {
    this.told.push({ finding, where });
  }

  held(bytes: number): void {
    this.heldBytes.push(bytes);
  }

  uninspected(direction: string, reason: string): void {
    this.unread.push(`${direction} ${reason}`);
  }

  restored(category: string, result: string): void {
    this.restorations.push(`${category} ${result}`);
  }

  get rules(): string[] {
    return this.told.map(({ finding }) => finding.rule);
  }
}

export function redactBody(redactor: Redactor, body: unknown, log = new RecordingLog()): unknown {
  const document = redactor.redactDocument(JsonDocument.parse(JSON.stringify(body)), 'request', log);
  return JSON.parse(document.text);
}

export function eventOf(data: unknown, name = ''): SseEvent {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return new SseEvent(Buffer.from(`${name === '' ? '' : `event: ${name}\n`}data: ${text}\n\n`));
}

export function runStream(
  redactor: Redactor,
  format: StreamFormat,
  events: readonly SseEvent[],
  log = new RecordingLog(),
): SseEvent[] {
  const stream = redactor.openStream(format, log);
  const out: SseEvent[] = [];
  for (const event of events) stream.push(event, (next) => out.push(next));
  stream.flush('end', (next) => out.push(next));
  return out;
}
