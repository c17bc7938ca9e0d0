import type { Dialect } from '../failure.ts';
import type { JsonObject } from '../json.ts';
import type { Prompt } from '../prompt.ts';
import type { Random } from '../random.ts';
import type { Turn } from '../turn.ts';
import type { StreamEvent } from './sse.ts';

/** What a reply carries besides its content. */
export interface Stamp {
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
  readonly fingerprint: string;
  /** Ids and the cuts of a stream are drawn from here. */
  readonly random: Random;
}

/** All that a protocol needs to put turns on the wire. */
export interface Rendering {
  readonly body: JsonObject;
  readonly prompt: Prompt;
  /** One for each choice. */
  readonly turns: readonly Turn[];
  readonly stamp: Stamp;
}

/** A protocol whose replies a model writes. Pure: the same rendering gives the same bytes. */
export interface GenerationProtocol {
  readonly kind: 'generation';
  readonly dialect: Dialect;
  /** @throws InvalidRequest */
  readPrompt(body: JsonObject, model?: string): Prompt;
  renderBody(rendering: Rendering): unknown;
  /** Their tokens are those that the whole reply is billed for. */
  renderEvents(rendering: Rendering): StreamEvent[];
  /** Of a protocol whose streams are no server-sent events. */
  readonly framing?: { readonly contentType: string; readonly frame: (event: string) => Uint8Array };
}

/** A generation protocol from what it does. */
export function generation(dialect: Dialect, steps: Omit<GenerationProtocol, 'kind' | 'dialect'>): GenerationProtocol {
  return { kind: 'generation', dialect, ...steps };
}

/** A protocol whose replies are computed from the input alone. */
export interface ComputationProtocol {
  readonly kind: 'computation';
  readonly dialect: Dialect;
  /** Used when the request names none; null where a model is required. */
  readonly defaultModel: string | null;
  /** @throws InvalidRequest */
  compute(body: JsonObject, stamp: Stamp): { readonly body: unknown; readonly inputTokens: number };
}

export type Protocol = GenerationProtocol | ComputationProtocol;

/** Output tokens of all choices. */
export function outputTokensOf(turns: readonly Turn[]): number {
  return turns.reduce((sum, turn) => sum + turn.outputTokens, 0);
}
