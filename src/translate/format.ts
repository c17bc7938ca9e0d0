import type { SseEvent } from '../core/sse.ts';
import type { EmitEvent } from '../core/stream-transform.ts';
import type { JsonValue } from '../core/rollout.ts';
import type { Wire } from '../core/translation.ts';
import type { Bytes } from '../core/units.ts';
import type { Completion, ProviderError, StreamPart } from './completion.ts';
import type { Conversation, SettingName } from './conversation.ts';
import type { Notes } from './notes.ts';

export type EmitPart = (part: StreamPart) => void;

/** Cuts the bytes of a stream into events. */
export interface EventParser {
  /** @throws Error for what is not framed so, or an event that is too large */
  push(chunk: Buffer, onEvent: (event: SseEvent) => void): void;
  /** What stood after the last whole event; null: nothing. @throws Error where it cannot be read */
  finish(): SseEvent | null;
}

/** How a vendor frames its streams. */
export interface Framing {
  readonly contentType: string;
  openParser(maxEventBytes: Bytes): EventParser;
}

/** Reads the events of one stream. */
export interface StreamReader {
  push(event: SseEvent, emit: EmitPart): void;
  /** After the last event. Emits what was held back; never an `end` that the provider did not tell of in some way. */
  flush(emit: EmitPart): void;
}

/** Writes the events of one stream. */
export interface StreamWriter {
  /** Once the stream has ended: the same as `itemsOf`. */
  readonly items?: readonly JsonValue[];
  push(part: StreamPart, emit: EmitEvent): void;
}

/** What of the client's request its replies repeat or depend on. */
export interface ReplyContext {
  /** The client's request. */
  readonly conversation: Conversation;
  /** Made for this exchange, for ids that the provider did not give: letters and digits. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** A format that clients speak. */
export interface ClientFormat {
  readonly wire: Wire;
  /** What its clients call the settings. */
  readonly settingNames: Readonly<Record<SettingName, string>>;
  /** @throws GatewayError `invalid_request` with the `param` that is malformed */
  readRequest(body: unknown): Conversation;
  writeReply(completion: Completion, context: ReplyContext): unknown;
  writeError(error: ProviderError): unknown;
  openWriter(context: ReplyContext): StreamWriter;
  /** Of a reply that it wrote, what clients may name by its `id` later; left out: nothing. */
  itemsOf?(reply: unknown): readonly JsonValue[];
}

/** A format that providers speak. */
export interface ProviderFormat {
  readonly wire: Wire;
  /** For people: `Anthropic Messages`. */
  readonly title: string;
  /** Of its streams; server-sent events where it is left out. */
  readonly framing?: Framing;
  /** From the version on. */
  path(model: string, stream: boolean): string;
  /**
   * @param notes takes what is approximated
   * @throws GatewayError `invalid_request` with the `param` that this format has nothing for
   */
  writeRequest(conversation: Conversation, model: string, notes: Notes): unknown;
  /** @throws Error where it is none of this format */
  readReply(body: unknown): Completion;
  readError(status: number, body: string): ProviderError;
  openReader(): StreamReader;
}
