import type { JsonValue } from '../core/rollout.ts';
import type { Wire } from '../core/translation.ts';

/**
 * A request in no vendor's format. Everything that one of the formats can say and another can take has a place here, in the
 * order in which it was said; what only one of them knows stands in `rest` under its own name, so that a writer either takes
 * it or names it in an error. Nothing is left out on the way in.
 */
export interface Conversation {
  readonly model: string;
  readonly stream: boolean;
  /** Instructions ahead of all messages, in order. Later ones stand among the messages. */
  readonly system: readonly Instruction[];
  /** Roles alternate only where the client made them so: writers merge neighbours where their vendor wants it. */
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | null;
  /** Null: as the vendor does by itself. */
  readonly parallelTools: boolean | null;
  readonly output: OutputFormat | null;
  readonly reasoning: Reasoning | null;
  readonly sampling: Sampling;
  /** The end user, for abuse detection. */
  readonly user: string | null;
  /** Fields without a place here, by their path in the client's format (`logit_bias`, `tools[2].type`). */
  readonly rest: ReadonlyMap<string, JsonValue>;
}

export interface Instruction {
  readonly role: 'system' | 'developer';
  readonly text: string;
  readonly cache: CacheMark | null;
}

export interface Message {
  /** Where the client wrote it, for errors: `messages[3]`, `input[0]`. */
  readonly path: string;
  readonly role: 'user' | 'assistant' | 'system' | 'developer';
  /** Of one participant among several. */
  readonly name: string | null;
  readonly parts: readonly Part[];
}

/** Anthropic's `cache_control`, Bedrock's `cachePoint`: what stands before it is kept. */
export interface CacheMark {
  /** `5m`, `1h`; null: the vendor's own. */
  readonly ttl: string | null;
}

/** What a message holds. Results of tools are parts of user messages, calls of them parts of the assistant's. */
export type Part =
  | TextPart
  | RefusalPart
  | ImagePart
  | FilePart
  | AudioPart
  | ThinkingPart
  | HiddenThinkingPart
  | ToolCallPart
  | ToolResultPart
  | ForeignPart;

export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly cache: CacheMark | null;
}

export interface RefusalPart {
  readonly kind: 'refusal';
  readonly text: string;
}

export interface ImagePart {
  readonly kind: 'image';
  readonly source: MediaSource;
  /** OpenAI's `low`, `high`, `auto`. */
  readonly detail: string | null;
  readonly cache: CacheMark | null;
}

/** A document: PDF, text. */
export interface FilePart {
  readonly kind: 'file';
  readonly source: MediaSource | TextSource;
  readonly name: string | null;
  /** Anthropic's `context` of a document. */
  readonly context: string | null;
  readonly citations: boolean;
  readonly cache: CacheMark | null;
}

export interface AudioPart {
  readonly kind: 'audio';
  /** Base64. */
  readonly data: string;
  /** `wav`, `mp3`. */
  readonly format: string;
}

export interface ThinkingPart {
  readonly kind: 'thinking';
  /** Empty but signed occurs. */
  readonly text: string;
  readonly signature: Signature | null;
  readonly id: string | null;
}

/** Reasoning that only its maker can read: Anthropic's `redacted_thinking`. */
export interface HiddenThinkingPart {
  readonly kind: 'hidden_thinking';
  readonly data: Signature;
}

export interface ToolCallPart {
  readonly kind: 'tool_call';
  /** Empty only in what a provider's reader gives: the exchange then gives one. */
  readonly id: string;
  readonly name: string;
  /** JSON text of an object, as the model wrote it; `{}` where it wrote none. Of a custom tool any text. */
  readonly arguments: string;
  readonly isCustom: boolean;
  readonly cache: CacheMark | null;
}

export interface ToolResultPart {
  readonly kind: 'tool_result';
  readonly callId: string;
  readonly content: readonly (TextPart | ImagePart | FilePart)[];
  /** Null: nobody said. */
  readonly isError: boolean | null;
  readonly isCustom: boolean;
  readonly cache: CacheMark | null;
}

/** Something of one vendor: its own tools' calls and results. Goes back to the same format only. */
interface ForeignPart {
  readonly kind: 'foreign';
  readonly wire: Wire;
  /** Its `type`, for messages. */
  readonly type: string;
  readonly value: JsonValue;
}

export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType: string | null }
  /** Kept at the provider. */
  | { readonly kind: 'id'; readonly id: string };

export interface TextSource {
  readonly kind: 'text';
  readonly mediaType: string;
  readonly text: string;
}

/** Proof of reasoning that its maker wants back unmodified. `wire`: who made it; others are not sent it. */
export interface Signature {
  readonly wire: Wire;
  readonly value: string;
}

export interface Citation {
  readonly url: string | null;
  readonly title: string | null;
  /** The text of the source. */
  readonly quote: string | null;
  /** Characters of the answer; null where the vendor does not tell. */
  readonly start: number | null;
  readonly end: number | null;
  /** As the vendor told it. */
  readonly value: JsonValue;
  readonly wire: Wire;
}

export type Tool = FunctionTool | CustomTool | ForeignTool;

export interface FunctionTool {
  readonly kind: 'function';
  readonly name: string;
  readonly description: string | null;
  /** JSON Schema of an object; null: no arguments. */
  readonly parameters: JsonValue | null;
  readonly strict: boolean | null;
  readonly cache: CacheMark | null;
}

/** OpenAI's tools of free text. */
interface CustomTool {
  readonly kind: 'custom';
  readonly name: string;
  readonly description: string | null;
  readonly format: JsonValue | null;
}

/** A tool that the vendor runs itself. */
interface ForeignTool {
  readonly kind: 'foreign';
  readonly wire: Wire;
  readonly type: string;
  /** Its place in the request: `tools[2]`. */
  readonly path: string;
  readonly value: JsonValue;
}

export type ToolChoice =
  | { readonly kind: 'auto' | 'none' | 'required' }
  | { readonly kind: 'tool'; readonly name: string }
  /** One of these (OpenAI's `allowed_tools`). */
  | { readonly kind: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] };

export type OutputFormat =
  | { readonly kind: 'json' }
  | {
      readonly kind: 'schema';
      readonly name: string | null;
      readonly description: string | null;
      readonly schema: JsonValue;
      readonly strict: boolean | null;
    };

export interface Reasoning {
  /** `off`: the client wants none. `adaptive`: as much as the model likes. */
  readonly mode: 'on' | 'off' | 'adaptive';
  /** `minimal`, `low`, `medium`, `high`, `xhigh`, `max`. */
  readonly effort: string | null;
  readonly budgetTokens: number | null;
  /** Whether the thoughts are to be told: OpenAI's `auto`, `concise`, `detailed`; Gemini's `includeThoughts`. Null: as the vendor does. */
  readonly summary: string | null;
}

/** A setting by the name that it has here; each client format has its own name for it. */
export type SettingName = keyof Sampling | 'tools' | 'toolChoice' | 'parallelTools' | 'output' | 'reasoning' | 'user';

export interface Sampling {
  /** Of the reply, reasoning included. */
  readonly maxTokens: number | null;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly topK: number | null;
  readonly stop: readonly string[];
  readonly seed: number | null;
  readonly presencePenalty: number | null;
  readonly frequencyPenalty: number | null;
  /** Null: not asked for; else the number of alternatives, 0 and more. */
  readonly logprobs: number | null;
  /** How many replies. */
  readonly choices: number | null;
}
