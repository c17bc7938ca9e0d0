import type { JsonValue } from '../core/rollout.ts';
import type { Seconds } from '../core/units.ts';
import type { Citation, Part, Signature } from './conversation.ts';

/** A reply in no vendor's format. */
export interface Completion {
  readonly id: string | null;
  /** As the provider named it. */
  readonly model: string | null;
  /** Seconds since the epoch. */
  readonly createdAt: number | null;
  readonly choices: readonly Choice[];
  readonly usage: TokenUsage | null;
  readonly serviceTier: string | null;
}

export interface Choice {
  /** Text, refusal, thinking, tool calls and foreign parts, in the order in which the model made them. */
  readonly parts: readonly Part[];
  readonly finish: Finish;
  /** In OpenAI's form (`{ content: [...] }`); null: none. */
  readonly logprobs: JsonValue | null;
}

/**
 * Why a reply ended. `tool_calls`: the client must answer calls. `pause`: the provider goes on when asked again.
 * `stop_sequence`: one of the client's own.
 */
export type FinishReason =
  | 'stop'
  | 'stop_sequence'
  | 'length'
  | 'context_window'
  | 'tool_calls'
  | 'content_filter'
  | 'refusal'
  | 'pause'
  | 'error';

export interface Finish {
  readonly reason: FinishReason;
  /** The sequence that was met, where the provider tells. */
  readonly stopSequence: string | null;
  /** The provider's own word, or its message for `error`. */
  readonly detail: string | null;
}

export interface TokenUsage {
  /** All of the prompt: uncached, read from a cache and written to one. */
  readonly input: number;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  /** Those of it that are kept for the longer of the vendor's times, which costs more; left out: none, or it does not tell. */
  readonly longCacheWrite?: number;
  /** All that was written, reasoning included. */
  readonly output: number;
  readonly reasoning: number | null;
}

/** An error of a provider. */
export interface ProviderError {
  /** HTTP status; of an error inside a stream the one that its type stands for. */
  readonly status: number;
  readonly message: string;
  /** The provider's own type or code: `overloaded_error`, `RESOURCE_EXHAUSTED`. */
  readonly type: string | null;
  /** Where the provider tells in its body when to come again; left out: it does not. */
  readonly retryAfter?: Seconds;
}

/** What a block of a stream is; the same kinds as parts of a reply. */
export type Block =
  | { readonly kind: 'text' }
  | { readonly kind: 'refusal' }
  | { readonly kind: 'thinking'; readonly id: string | null }
  | { readonly kind: 'hidden_thinking'; readonly data: Signature }
  /** Its id is empty where the provider gave none: the exchange then gives one. */
  | { readonly kind: 'tool_call'; readonly id: string; readonly name: string; readonly isCustom: boolean }
  /** Whole at once. */
  | { readonly kind: 'foreign'; readonly part: Extract<Part, { kind: 'foreign' }> };

/**
 * A stream in no vendor's format. In each choice blocks come one after the other: `block_start`, deltas, `block_end`; a reader
 * whose vendor interleaves them (tool calls of the chat format) sorts that out. `start` is first; `finish` once per choice;
 * `usage` may come any number of times, always the sum so far; `end` or `error` is last.
 */
export type StreamPart =
  | {
      readonly kind: 'start';
      readonly id: string | null;
      readonly model: string | null;
      readonly createdAt: number | null;
    }
  | { readonly kind: 'block_start'; readonly choice: number; readonly block: Block }
  /** Text of a text, refusal or thinking block, or of the arguments of a tool call. Never empty. */
  | { readonly kind: 'delta'; readonly choice: number; readonly text: string }
  /** Of the open thinking block. */
  | { readonly kind: 'signature'; readonly choice: number; readonly signature: Signature }
  | { readonly kind: 'citation'; readonly choice: number; readonly citation: Citation }
  | { readonly kind: 'logprobs'; readonly choice: number; readonly logprobs: JsonValue }
  | { readonly kind: 'block_end'; readonly choice: number }
  | { readonly kind: 'finish'; readonly choice: number; readonly finish: Finish }
  | { readonly kind: 'usage'; readonly usage: TokenUsage }
  /** The provider is alive and has nothing to say. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'error'; readonly error: ProviderError }
  | { readonly kind: 'end' };
