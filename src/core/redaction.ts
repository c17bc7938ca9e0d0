import type { JsonDocument } from './json-document.ts';
import type { StreamTransform } from './stream-transform.ts';

/** `request`: from the caller to the provider; `response`: back. */
export type Direction = 'request' | 'response';

export const REDACTION_ACTIONS = ['allow', 'report', 'mask', 'hash', 'placeholder', 'block'] as const;
export type RedactionAction = (typeof REDACTION_ACTIONS)[number];

export const REDACTION_CATEGORIES = [
  'secrets',
  'cards',
  'ibans',
  'national_ids',
  'emails',
  'phones',
  'ips',
  'generic_secrets',
] as const;
export type RedactionCategory = (typeof REDACTION_CATEGORIES)[number];

export interface DirectionActions {
  readonly request: RedactionAction;
  readonly response: RedactionAction;
}

/** A rule from the configuration; its pattern runs on a linear-time engine. */
export interface CustomRule extends DirectionActions {
  readonly id: string;
  readonly pattern: string;
}

export interface RedactionPolicy {
  readonly categories: Readonly<Record<RedactionCategory, DirectionActions>>;
  readonly rules: readonly CustomRule[];
  /** Whole values that are never findings. */
  readonly allow: readonly string[];
}

/** One match; offsets in UTF-16 units of the inspected text. Never carries the value. */
export interface Finding {
  /** Dotted and stable, e.g. `secret.github_pat`, `pii.email`: the same in config, headers, metrics and audit. */
  readonly rule: string;
  readonly category: RedactionCategory | 'custom';
  readonly action: RedactionAction;
  readonly start: number;
  readonly end: number;
}

/** Where the findings of one exchange are told; `where` is a place such as `messages[2].content`, never a value. */
export interface RedactionLog {
  found(direction: Direction, finding: Finding, where: string): void;
  /** Bytes of events that wait for more text before they can be judged. */
  held(bytes: number): void;
}

/** The streamed reply formats whose lanes (choice, channel, block) are known. */
export type StreamFormat = 'chat' | 'completions' | 'responses' | 'messages';

/** The redaction of one configuration snapshot. All methods are synchronous and linear in their input. */
export interface Redactor {
  /** False where every action of the direction is `allow`: the stage is skipped. */
  inspects(direction: Direction): boolean;
  /** No rule can match in this text of JSON; cheap, and false says nothing. What is clean need not be read further. */
  isClean(json: string, direction: Direction): boolean;
  /** @throws GatewayError `secret_detected` where a rule with the action `block` matches. */
  redactText(text: string, direction: Direction): { readonly text: string; readonly findings: readonly Finding[] };
  /**
   * Inspects every string that a person, tool or model wrote. Returns the document it was given where nothing changes.
   * @throws GatewayError `secret_detected`
   */
  redactDocument(document: JsonDocument, direction: Direction, log: RedactionLog): JsonDocument;
  /** Replies only. Its output, joined, is what `redactDocument` would make of the joined text, however it was split. */
  openStream(format: StreamFormat, log: RedactionLog): StreamTransform;
}
