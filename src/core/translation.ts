import type { Operation } from './operation.ts';
import type { Bytes, Seconds } from './units.ts';

/** A vendor's wire format of conversations. */
export const WIRES = ['chat', 'responses', 'messages', 'gemini', 'bedrock'] as const;
export type Wire = (typeof WIRES)[number];

/** A vendor's wire format of embeddings, where it has another one than OpenAI's. */
export type EmbeddingWire = 'gemini-embeddings' | 'vertex-embeddings' | 'titan-embeddings';

/** A request in the provider's format. */
export interface TranslatedRequest {
  /** From the version on: `/v1/messages`; the provider puts its base before it. */
  readonly path: string;
  readonly body: string;
  /** What the provider does not have and something near stands for, by the field's name in the client's format. */
  readonly approximated: readonly string[];
}

export interface TranslatedError {
  /** Not always the provider's: some refuse a bad credential as a bad request. */
  readonly status: number;
  readonly body: string;
  /** As the body says it; null: it does not. */
  readonly retryAfter: Seconds | null;
}

/** Something that a reply told under an id by which the client may name it later. */
export interface TranslatedItem {
  readonly id: string;
  readonly json: string;
}

/** One exchange, there and back. */
export interface OpenTranslation {
  /** The provider has told tokens of its reply, as far as it came; formats that cannot leave them out say 0 otherwise. */
  readonly hasUsage: boolean;
  /** Of the reply, once it is whole: empty where the client's protocol has no such ids, or where nothing is to be kept. */
  items(): readonly TranslatedItem[];
  /** Whether a reply of the provider with this content type is a stream. */
  isStream(contentType: string | undefined): boolean;
  readonly request: TranslatedRequest;
  /** A whole reply in the client's format. @throws Error where it is none of the provider's format */
  reply(body: string): string;
  /** An error reply of the provider, in the client's format and words that the client's SDK understands. */
  error(status: number, body: string): TranslatedError;
  /** Usage is always told, whether the client asked or not. */
  openStream(maxEventBytes: Bytes): ByteTranslation;
}

/** Bytes of a provider's stream in, events of the client's format out. Null: nothing can leave yet. Both throw what they cannot read. */
export interface ByteTranslation {
  push(chunk: Buffer): Buffer | null;
  /** After the last byte, also where the provider broke off: then what comes out has no end of its own. */
  finish(): Buffer | null;
}

/** One pair of formats; pure. */
export interface Translation {
  /** `chat-messages`: client, then provider. */
  readonly name: string;
  /**
   * @param body the client's request after redaction, with all changes of its target
   * @param model the provider's name of it
   * @throws GatewayError `invalid_request` with `param` naming the field that the provider has nothing for
   */
  open(body: unknown, model: string): OpenTranslation;
}

/** Operations that can be translated, by the format that their clients speak. */
export const CLIENT_WIRES: Readonly<Partial<Record<Operation, Wire>>> = {
  chat: 'chat',
  responses: 'responses',
  messages: 'messages',
};
