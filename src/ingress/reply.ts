import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { OwnKeys } from '../core/own-keys.ts';
import type { ReplyJudge } from '../core/policy.ts';
import type { Redactor } from '../core/redaction.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import { replyHeaders } from './reply-headers.ts';

/** A provider's reply as this stage needs it: `upstream/attempt.ts` is one. */
export interface IncomingReply {
  readonly status: number;
  readonly statusText: string;
  readonly rawHeaders: readonly Buffer[];
  /** Part of the body has already arrived. */
  readonly hasWaiting: boolean;
  header(name: string): string | undefined;
  pipeTo(sink: ReplySink): void;
  pause(): void;
  resume(): void;
  stop(kind: 'malformed_reply'): void;
}

/** Exactly one of `end` and `fail` is called, last. */
export interface ReplySink {
  data(chunk: Buffer): void;
  end(): void;
  fail(failure: ReplyFailure): void;
}

export interface ReplyFailure extends Error {
  readonly kind: string;
  toGatewayError(provider: string): GatewayError;
}

/** Reads a JSON reply of an endpoint that is not parsed, and changes what would lead the client elsewhere. */
export interface ReplyEditor {
  /** The text that came where nothing changes. Before redaction. @throws GatewayError */
  edit(text: string): string | Promise<string>;
}

export interface RespondContext {
  readonly redactor: Redactor;
  /** The gateway's own credentials at the provider, which it may quote. */
  readonly ownKeys: OwnKeys;
  /** Null: no policy is about replies. */
  readonly judge: ReplyJudge | null;
  /** Null: nobody reads what is passed through. */
  readonly editor: ReplyEditor | null;
  readonly clock: Clock;
  readonly stallTimeout: Milliseconds;
  /** Of one event of a stream. */
  readonly maxEventBytes: Bytes;
  /** The reply broke off after it had begun: its target's health must know. */
  onCut(): void;
  /** The reply came to its end. */
  onWhole(): void;
}

/** The head of a reply whose body follows as it comes. */
export function sendHead(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  clock: Clock,
  isChanged: boolean,
): void {
  exchange.answered(clock.now());
  outgoing.writeHead(reply.status, reasonPhrase(reply), replyHeaders(reply.rawHeaders, exchange, isChanged));
  // With no chunk at hand the headers go first, so that the client knows the call was accepted; else both in one packet.
  if (!reply.hasWaiting) outgoing.flushHeaders();
}

/** Providers may put bytes there that Node refuses to write; the phrase means nothing, so any stand-in will do. */
export function reasonPhrase({ statusText }: IncomingReply): string {
  return /[^\x20-\x7e]/.test(statusText) ? statusText.replace(/[^\x20-\x7e]/g, '?') : statusText;
}
