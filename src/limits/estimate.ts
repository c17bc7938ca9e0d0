import type { ModelFacts, Price } from '../core/config.ts';
import type { NanoUsd } from '../core/counters.ts';
import type { JsonDocument } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import type { JsonValue } from '../core/rollout.ts';
import { readInput, type Input } from './input.ts';
import { mostTokens, type CountTokens } from './tokenizer.ts';

/** What a target or arm changes in the body, as far as it changes what the call costs. */
interface Changes {
  readonly params: Readonly<Record<string, JsonValue>> | null;
  readonly system: string | null;
}

export interface Estimate {
  /** The call cannot have more of it. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What the input probably is, for calls whose provider does not tell. */
  readonly likelyInput: number;
  /** To be added to the body, so that the output holds to it; null: the body or the model says how long it may be. */
  readonly cap: Readonly<Record<string, number>> | null;
}

/** An input that cannot be seen, of a model whose context is not known. */
const UNSEEN: number = 200_000;
/** Set where neither the caller nor the catalogue says how long a reply may be. */
const DEFAULT_CAP = 4096;
/** Of the older completions; it is what their providers take. */
const COMPLETIONS_CAP = 16;

/** By their operation: the members that limit the output. The last one is set where none is. */
const CAPS: Readonly<Partial<Record<Operation, readonly string[]>>> = {
  chat: ['max_completion_tokens', 'max_tokens'],
  text_completion: ['max_tokens'],
  responses: ['max_output_tokens'],
  messages: ['max_tokens'],
};

/** What all candidates of one call have in common: their input. Read at most once, and only if somebody asks. */
export class CallSize {
  private readonly operation: Operation;
  private readonly clean: JsonDocument;
  private readonly owner: string;
  private input: Input | null = null;
  private counted: { readonly by: CountTokens | null; readonly tokens: number } | null = null;

  /** @param clean the body after redaction @param owner whose call it is */
  constructor(operation: Operation, clean: JsonDocument, owner: string) {
    this.operation = operation;
    this.clean = clean;
    this.owner = owner;
  }

  /** @param count the model's tokenizer; null: it has none, or it is not loaded yet */
  estimate(changes: Changes, facts: ModelFacts | null, count: CountTokens | null): Estimate {
    const input = (this.input ??= readInput(this.operation, this.clean));
    const seen = this.countInput(input, count) + added(changes, count, this.owner);
    const inputTokens = input.isPartlyUnseen ? Math.max(seen, facts?.context ?? UNSEEN) : seen;
    const likelyInput = count === null ? Math.ceil(input.bytes / BYTES_PER_TOKEN) : seen;
    const { outputTokens, cap } = this.output(changes, facts);
    return { inputTokens, outputTokens, likelyInput, cap };
  }

  private countInput(input: Input, count: CountTokens | null): number {
    if (this.counted === null || this.counted.by !== count)
      this.counted = { by: count, tokens: input.tokens(count, this.owner) };
    return this.counted.tokens;
  }

  private output({ params }: Changes, facts: ModelFacts | null): Pick<Estimate, 'outputTokens' | 'cap'> {
    const names = CAPS[this.operation];
    if (names === undefined) return { outputTokens: 0, cap: null };
    const choices = this.choices(params);
    const given = this.largest(names, params);
    if (given !== null) return { outputTokens: choices * given, cap: null };
    const most = facts?.maxOutput ?? null;
    if (most !== null) return { outputTokens: choices * most, cap: null };
    const cap = this.operation === 'text_completion' ? COMPLETIONS_CAP : DEFAULT_CAP;
    return { outputTokens: choices * cap, cap: { [names.at(-1)!]: cap } };
  }

  /** Null: none of them is a count. */
  private largest(names: readonly string[], params: Changes['params']): number | null {
    let most: number | null = null;
    for (const name of names) {
      const count = this.count(name, params);
      if (count !== null && (most === null || count > most)) most = count;
    }
    return most;
  }

  private choices(params: Changes['params']): number {
    const prompts = this.clean.member(this.clean.root, 'prompt')?.children.length ?? 0;
    const each = Math.max(1, this.count('n', params) ?? 1, this.count('best_of', params) ?? 1);
    return each * Math.max(1, prompts);
  }

  /** A member that is no count is the provider's to refuse. */
  private count(name: string, params: Changes['params']): number | null {
    const value =
      params !== null && Object.hasOwn(params, name)
        ? params[name]
        : this.clean.number(this.clean.member(this.clean.root, name));
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
  }
}

/** UTF-8 bytes: four letters of English, a good third more of a Chinese sign. */
const BYTES_PER_TOKEN = 4;

/** Of text whose length in tokens nobody tells. */
export function likelyTokens(text: string, count: CountTokens | null): number {
  return count === null ? Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) : count(text);
}

/** An arm's system prompt and parameters (a schema, tools) are input too. */
function added({ params, system }: Changes, count: CountTokens | null, owner: string): number {
  const text = (system ?? '') + (params === null ? '' : JSON.stringify(params));
  if (text === '') return 0;
  return count === null ? mostTokens(text) : count(text, owner);
}

/** In whole nano dollars, rounded up. */
export function worstCost({ inputTokens, outputTokens }: Estimate, price: Price): NanoUsd {
  const input = Math.max(price.input, price.cachedInput, price.cacheWrite ?? 0);
  return Math.ceil(NANO_PER_TOKEN * (inputTokens * input + outputTokens * price.output) - ROUNDING);
}

/** Of a price of one dollar per million tokens. */
const NANO_PER_TOKEN = 1000;
/** What is whole but for the last bit of a fraction stays what it is. */
const ROUNDING = 1e-6;
