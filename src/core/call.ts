import type { JsonDocument } from './json-document.ts';

/** A parsed request: the fields that the gateway acts on, and the untouched rest in `document`. */
export interface ModelCall {
  /** As sent by the app; null where the endpoint lets it out (moderations, responses). */
  readonly model: string | null;
  readonly stream: boolean;
  /** The body's `user`, or Anthropic's `metadata.user_id`. */
  readonly user: string | null;
  /** Of the body, over it the `x-sluice-metadata` header, over both the key's own; values as text. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly document: JsonDocument;
  /** The bytes that came, still encoded; sent on where nothing changes. */
  readonly bytes: Buffer;
  /** The `content-encoding` of `bytes`; null for identity. */
  readonly encoding: string | null;
  /** The path and query as the app sent them, from `/v1/` on. */
  readonly path: string;
}
