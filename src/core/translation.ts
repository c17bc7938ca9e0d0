import type { Operation } from './operation.ts';
import type { StreamTransform } from './stream-transform.ts';

/** A vendor's wire format of conversations. */
export const WIRES = ['chat', 'responses', 'messages', 'gemini', 'bedrock'] as const;
export type Wire = (typeof WIRES)[number];

/** How the bytes of a streamed reply are cut into events: server-sent events, or the binary frames of AWS. */
export type Framing = 'sse' | 'aws-event-stream';

/** A request in the provider's format. */
export interface TranslatedRequest {
  /** From the version on: `/v1/messages`; the provider puts its base before it. */
  readonly path: string;
  readonly body: string;
  /** What the provider does not have and something near stands for, by the field's name in the client's format. */
  readonly approximated: readonly string[];
  /** Of the reply, where it is a stream. Frames are given to `openStream` as events: name and JSON. */
  readonly framing: Framing;
}

export interface TranslatedError {
  readonly status: number;
  readonly body: string;
}

/** One exchange, there and back. */
export interface OpenTranslation {
  readonly request: TranslatedRequest;
  /** A whole reply in the client's format. @throws Error where it is none of the provider's format */
  reply(body: string): string;
  /** An error reply of the provider, in the client's format and words that the client's SDK understands. */
  error(status: number, body: string): TranslatedError;
  /** Events of the provider in, events of the client's format out. Usage is always told, whether the client asked or not. */
  openStream(): StreamTransform;
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
