import { z } from 'zod';
import type { Wire } from '../../src/core/translation.ts';

/** What every SDK is asked, each in its own words. */
export interface Asked {
  readonly model: string;
  readonly prompt: string;
  /** Base64 of a PNG beside the prompt. */
  readonly image?: string;
  /** `get_weather` and `get_time`. */
  readonly tools?: 'auto' | 'none' | 'required' | 'named';
  /** The reply is to be a WEATHER. */
  readonly schema?: boolean;
  readonly reasons?: boolean;
  readonly maxTokens?: number;
  readonly stream: boolean;
  readonly signal?: AbortSignal;
  /** Called once the first piece of a stream is there. */
  readonly onFirst?: () => void;
}

/** What came of it. */
export interface Told {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  /** As OpenAI's chat format names it; null where the SDK does not tell. */
  readonly finish: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface Client {
  /** One turn. */
  ask(asked: Asked): Promise<Told>;
  /** Tools are run and answered until the model only talks. @returns the last turn, and the calls of all */
  loop(asked: Asked): Promise<Told>;
}

export interface ClientOptions {
  /** Of the gateway, without a path. */
  readonly url: string;
  readonly apiKey: string;
  /** Of the SDK itself. */
  readonly maxRetries: number;
}

export interface ClientKind {
  readonly name: string;
  readonly wire: Wire;
  /** What the SDK does not do, with any provider. */
  readonly lacks?: readonly ('limit' | 'no tools')[];
  open(options: ClientOptions): Client;
}

export const WEATHER = z.object({
  city: z.string(),
  unit: z.enum(['celsius', 'fahrenheit']),
  days: z.number(),
});

/** Written out, so that all SDKs send the same. */
export const WEATHER_SCHEMA = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
    days: { type: 'number' },
  },
  required: ['city', 'unit', 'days'],
  additionalProperties: false,
} as const;

export const TOOL_NAMES = ['get_weather', 'get_time'] as const;
export const NAMED_TOOL = 'get_time';

/** What both tools answer. */
export const RESULT = 'sun at noon';

/** More than a budget of thinking. */
export const MAX_TOKENS = 6000;
export const THINKING_BUDGET = 2000;

/** A single pixel. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Of an error of any SDK. */
export function statusOf(error: unknown): number | undefined {
  const { status, statusCode, cause, lastError } = error as Readonly<Record<string, unknown>>;
  for (const each of [status, statusCode]) if (typeof each === 'number') return each;
  return cause === undefined && lastError === undefined ? undefined : statusOf(cause ?? lastError);
}
