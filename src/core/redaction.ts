import type { AskingExchange, DetectorConfig } from './external-detector.ts';
import type { JsonDocument } from './json-document.ts';
import type { RedactionAction } from './redaction-actions.ts';
import type { StreamTransform } from './stream-transform.ts';

export { REDACTION_ACTIONS, type RedactionAction } from './redaction-actions.ts';

/** `request`: from the caller to the provider; `response`: back. */
export type Direction = 'request' | 'response';

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
  /** Texts in which it must find something, and in which it must not: tried when the configuration is loaded. */
  readonly examples?: readonly string[];
  readonly nearMisses?: readonly string[];
  /** Its place in the list of rules of the file. */
  readonly index?: number;
}

/**
 * Where a reply gets the values back that placeholders stand for: nowhere; in the arguments of tool calls, so that tools
 * work; or in its text too. In a URL never: whoever has planted it there would read the value.
 */
export const RESTORE_SCOPES = ['nowhere', 'tool_arguments', 'everywhere'] as const;
export type RestoreScope = (typeof RESTORE_SCOPES)[number];

export interface RedactionPolicy {
  readonly categories: Readonly<Record<RedactionCategory, DirectionActions>>;
  /** Bundled rules with actions other than their category's, by id. */
  readonly overrides: Readonly<Record<string, Partial<DirectionActions>>>;
  readonly rules: readonly CustomRule[];
  /** Whole values that are never findings. */
  readonly allow: readonly string[];
  /** Of values that were replaced by the action `placeholder`. */
  readonly restore: Readonly<Record<RedactionCategory | 'custom', RestoreScope>>;
  /** What cannot be inspected: `open` passes and is counted, `closed` is refused. */
  readonly failure: 'open' | 'closed';
  /** Asked about requests, after the rules. */
  readonly detectors: readonly DetectorConfig[];
}

/** What a route or a key changes of the policy. */
export interface RedactionChange {
  readonly categories: Readonly<Partial<Record<RedactionCategory, Partial<DirectionActions>>>>;
  /** Of bundled rules and of the policy's own, by id. */
  readonly rules: Readonly<Record<string, Partial<DirectionActions>>>;
  readonly restore: Readonly<Partial<RedactionPolicy['restore']>>;
}

/** One match; offsets in UTF-16 units of the inspected text. Never carries the value. */
export interface Finding {
  /** Dotted and stable, e.g. `secret.github_pat`, `pii.email`: the same in config, headers, metrics and audit. */
  readonly rule: string;
  readonly category: RedactionCategory | 'custom';
  readonly action: RedactionAction;
  readonly start: number;
  readonly end: number;
  /** Keyed and of the value: the same for the same value, within one store. Absent where the value was too long to be held. */
  readonly hash?: string;
}

/** Where the findings of one exchange are told; `where` is a place such as `messages[2].content`, never a value. */
export interface RedactionLog {
  found(direction: Direction, finding: Finding, where: string): void;
  /** Bytes of events that wait for more text before they can be judged. */
  held(bytes: number): void;
  /** A placeholder in a reply. */
  restored(category: Finding['category'], result: RestoreResult): void;
  /** A part of a body that nobody can read. */
  uninspected(direction: Direction, reason: UninspectedReason): void;
}

/**
 * Why something was not inspected, or only as far as text goes. `invalid_json`: it says that it is JSON. `encoding`: it is
 * compressed in a way that is not undone, or cannot be undone, or it is a file that should be base64 and is not. `charset`: its text is neither UTF-8 nor UTF-16. `multipart`:
 * its parts cannot be told apart. `media`: it is a picture, sound or video, or a document or archive that is not opened.
 * `unknown_event`: the event of a stream has no known form, so that a value that goes over several is
 * not seen. Strings of JSON of any shape are inspected.
 */
export type UninspectedReason = 'invalid_json' | 'encoding' | 'charset' | 'multipart' | 'media' | 'unknown_event';

/** `unknown`: it was not issued in this exchange, or a model has mangled it. `refused`: it stands where it must not be. */
export type RestoreResult = 'restored' | 'refused' | 'unknown';

/** The streamed reply formats whose lanes (choice, channel, block) are known; `any`: each event tells which. */
export type StreamFormat = 'chat' | 'completions' | 'responses' | 'messages' | 'any';

/** A text that arrives in pieces. What leaves, joined, is the redacted text, however it was split. */
export interface TextStream {
  /** What is decided. @throws GatewayError `secret_detected` */
  push(piece: string): string;
  /** The rest. @param isBroken the text was cut off. @throws GatewayError `secret_detected` */
  finish(isBroken: boolean): string;
}

/** The redaction of one policy. All methods are linear in their input, and all but `redactAside` synchronous. */
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
  /**
   * As `redactDocument`, but other requests need not wait for a large document of an exchange: another thread judges it.
   * @param abortSignal asked for once, where there is something to be stopped
   * @throws also the reason of the signal
   */
  redactAside(
    document: JsonDocument,
    direction: Direction,
    log: RedactionLog,
    abortSignal: () => AbortSignal,
  ): JsonDocument | Promise<JsonDocument>;
  /** Replies only. Its output, joined, is what `redactDocument` would make of the joined text, however it was split. */
  openStream(format: StreamFormat, log: RedactionLog): StreamTransform;
  /** One text that is no JSON. @param name of the field that it is the value of. @throws GatewayError `secret_detected` */
  redactPlain(text: string, direction: Direction, log: RedactionLog, where: string, name?: string): string;
  /** @param place what stands in the given line, counted from 1 */
  openText(direction: Direction, log: RedactionLog, place: (line: number) => string): TextStream;
  /**
   * To be called before something passes that could not be inspected: counts it.
   * @throws GatewayError where the policy has it refused: `uninspectable_body`, of a reply `upstream_unavailable`
   */
  uninspected(direction: Direction, reason: UninspectedReason, log: RedactionLog): void;
}

export interface SharedRedactor extends Redactor {
  /**
   * The redactor of one exchange: its request first, then its reply, in which the values of the request come back.
   * @param tenant whose placeholders they are: no other tenant's for the same value are the same
   */
  forExchange(tenant: string): RequestRedactor;
}

/** Of one exchange. */
export interface RequestRedactor extends Redactor {
  /** Detectors outside the process have to be asked about its request. */
  readonly asksDetectors: boolean;
  /**
   * Has them asked about what `redactDocument` has left: no secret that a rule knows goes there.
   * @throws GatewayError `detector_unavailable`, `secret_detected`
   */
  askDetectors(document: JsonDocument, exchange: AskingExchange, log: RedactionLog): Promise<JsonDocument>;
}
