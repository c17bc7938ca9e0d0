import type { EmbeddingWire } from '../../core/translation.ts';
import type { ProviderError } from '../completion.ts';
import type { JsonValue } from '../../core/rollout.ts';

/** What a client wants vectors of. */
export interface EmbeddingRequest {
  readonly texts: readonly string[];
  /** Null: as many as the model has. */
  readonly dimensions: number | null;
}

export interface Embeddings {
  /** In the order of the texts. */
  readonly vectors: readonly (readonly number[])[];
  /** Null: the provider does not tell. */
  readonly inputTokens: number | null;
}

/** A vendor's way of asking for vectors. */
export interface EmbeddingFormat {
  readonly wire: EmbeddingWire;
  /** From the version on. @throws GatewayError `invalid_request` with the `param` that the model has nothing for */
  request(asked: EmbeddingRequest, model: string): { readonly path: string; readonly body: unknown };
  /** @throws Error where it is none of this format */
  readReply(body: JsonValue): Embeddings;
  readError(status: number, body: string): ProviderError;
}

/** @throws Error where it is none */
export function vectorOf(value: unknown): readonly number[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every((each) => typeof each === 'number'))
    throw new Error('The reply holds no vector.');
  return value as readonly number[];
}
