import type { ModelFacts, Price } from '../core/config.ts';
import type { NanoUsd } from '../core/counters.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonDocument } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import type { JsonValue } from '../core/rollout.ts';
import { readInput, type Input } from './input.ts';
import { mostTokens, type CountTokens } from './tokenizer.ts';

/** What a target, arm or policy changes in the body, as far as it changes what the call costs. */
interface Changes {
  readonly params: Readonly<Record<string, JsonValue>> | null;
  readonly system: string | null;
}

export interface Estimate {
  /** The call cannot have more of it. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What the input probably is, for calls whose provider does not tell. */
  likelyInput(): number;
  /** It may ask the provider to keep its input for longer than usual, which costs more. */
  readonly keepsLong: boolean;
  /** To be added to the body, so that the output holds to it; null: the body or the model says how long it may be. */
  readonly cap: Readonly<Record<string, number>> | null;
}

/**
 * Tokens of one picture at most, but for models of which the catalogue says more.
 * @source https://platform.openai.com/docs/guides/images-vision, https://docs.anthropic.com/en/docs/build-with-claude/vision
 */
const PICTURE_TOKENS = 6_000;
/** An input that cannot be seen, of a model whose context is not known. */
const UNSEEN: number = 200_000;
/** Set where neither the caller nor the catalogue says how long a reply may be. */
const DEFAULT_CAP = 4096;
/** Of the older completions; it is what their providers take. */
const COMPLETIONS_CAP = 16;

/** Where no output at all can be asked for; elsewhere some servers take a bound of 0 for none. */
const ZERO_BOUNDS: ReadonlySet<Operation> = new Set(['messages', 'text_completion']);
/** By their operation: the member that limits the output where none of `CAPS` does. */
const CAP_SET: Readonly<Partial<Record<Operation, string>>> = {
  chat: 'max_tokens',
  text_completion: 'max_tokens',
  responses: 'max_output_tokens',
  messages: 'max_tokens',
};
/**
 * Members that limit the output at one server or another, whatever the endpoint. Which of several holds is the server's
 * own, so the largest counts.
 */
const CAPS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens', 'n_predict', 'max_new_tokens'];

/**
 * Members by which a caller chooses a dearer service, with the values that cost no more than the list price.
 * @source https://developers.openai.com/api/docs/pricing, https://platform.claude.com/docs/en/about-claude/pricing
 */
const SURCHARGES: readonly (readonly [name: string, usual: readonly string[]])[] = [
  ['service_tier', ['auto', 'default', 'flex', 'scale', 'standard_only']],
  ['speed', ['standard']],
  ['inference_geo', ['global']],
];

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

  /**
   * @param count the model's tokenizer; null: it has none, or it is not loaded yet
   * @throws GatewayError `invalid_request` where a bound of the output is no whole number
   */
  estimate(changes: Changes, facts: ModelFacts | null, count: CountTokens | null): Estimate {
    const input = (this.input ??= readInput(this.operation, this.clean));
    const pictures = input.pictures * (facts?.picture ?? PICTURE_TOKENS);
    const seen = this.countInput(input, count) + pictures + added(changes, count ?? mostTokens, this.owner);
    const inputTokens = input.isPartlyUnseen ? Math.max(seen, facts?.context ?? UNSEEN) : seen;
    const likely = count ?? likelyTokens;
    const likelyInput = (): number =>
      input.likelyTokens(likely, this.owner) + pictures + added(changes, likely, this.owner);
    const { outputTokens, cap } = this.output(changes, facts);
    return { inputTokens, outputTokens, likelyInput, keepsLong: this.clean.text.includes('"ttl'), cap };
  }

  /** What makes a call cost more than its list price; null: nothing. */
  surcharge(params: Changes['params']): string | null {
    for (const [name, usual] of SURCHARGES) {
      const value = params !== null && Object.hasOwn(params, name) ? params[name] : this.text(name);
      if (typeof value === 'string' && !usual.includes(value)) return name;
    }
    return null;
  }

  private text(name: string): string | null {
    return this.clean.string(this.clean.member(this.clean.root, name));
  }

  private countInput(input: Input, count: CountTokens | null): number {
    if (this.counted === null || this.counted.by !== count)
      this.counted = { by: count, tokens: input.tokens(count, this.owner) };
    return this.counted.tokens;
  }

  private output({ params }: Changes, facts: ModelFacts | null): Pick<Estimate, 'outputTokens' | 'cap'> {
    const name = CAP_SET[this.operation];
    if (name === undefined) return { outputTokens: 0, cap: null };
    const choices = this.choices(params);
    const predicted = choices * this.predicted();
    const given = this.largest(params);
    if (given !== null) return { outputTokens: choices * given + predicted, cap: null };
    const most = facts?.maxOutput ?? null;
    if (most !== null) return { outputTokens: choices * most + predicted, cap: null };
    const cap = this.operation === 'text_completion' ? COMPLETIONS_CAP : DEFAULT_CAP;
    return { outputTokens: choices * cap + predicted, cap: { [name]: cap } };
  }

  /**
   * Of a prediction what does not come true is charged as output, above what is written.
   * @source https://platform.openai.com/docs/guides/predicted-outputs
   */
  private predicted(): number {
    const node = this.clean.member(this.clean.root, 'prediction');
    return node === null ? 0 : mostTokens(this.clean.text.slice(node.start, node.end));
  }

  /** Null: nothing bounds the output. */
  private largest(params: Changes['params']): number | null {
    const least = ZERO_BOUNDS.has(this.operation) ? 0 : 1;
    let most: number | null = null;
    for (const name of CAPS) {
      const cap = this.count(name, params);
      if (cap !== null && cap >= least && (most === null || cap > most)) most = cap;
    }
    return most;
  }

  private choices(params: Changes['params']): number {
    const prompts = this.clean.member(this.clean.root, 'prompt')?.children.length ?? 0;
    const each = Math.max(1, this.count('n', params) ?? 1, this.count('best_of', params) ?? 1);
    return each * Math.max(1, prompts);
  }

  /** Null where it is not given. A member that is no count is refused: some server would make a number of it. */
  private count(name: string, params: Changes['params']): number | null {
    const value = params !== null && Object.hasOwn(params, name) ? (params[name] ?? null) : this.given(name);
    if (value === null || isCount(value)) return value;
    throw new GatewayError(
      'invalid_request',
      `"${name}" must be a whole number, 0 or more: a budget or a limit of tokens is in force, and what the request may take is reserved by it.`,
      { param: name },
    );
  }

  /** Null where it is absent or null. */
  private given(name: string): unknown {
    const node = this.clean.member(this.clean.root, name);
    return node === null || this.clean.isNull(node) ? null : (this.clean.number(node) ?? Number.NaN);
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** UTF-8 bytes: four letters of English, a good third more of a Chinese sign. */
export const BYTES_PER_TOKEN = 4;

/** Of text whose length in tokens nobody tells. */
const likelyTokens: CountTokens = (text) => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** An arm's system prompt and parameters (a schema, tools) are input too. */
function added({ params, system }: Changes, count: CountTokens, owner: string): number {
  const text = (system ?? '') + (params === null ? '' : JSON.stringify(params));
  return text === '' ? 0 : count(text, owner);
}

/** In whole nano dollars, rounded up. */
export function worstCost(
  { inputTokens, outputTokens, keepsLong }: Pick<Estimate, 'inputTokens' | 'outputTokens' | 'keepsLong'>,
  price: Price,
): NanoUsd {
  const { longPrompt } = price;
  // The input is no more than this: where that is not above the bound, the prices of long prompts cannot be its own.
  const rates = longPrompt !== undefined && inputTokens > longPrompt.above ? longPrompt : price;
  const input = Math.max(
    rates.input,
    rates.cachedInput,
    rates.cacheWrite ?? 0,
    keepsLong ? (rates.longCacheWrite ?? 0) : 0,
  );
  return Math.ceil(NANO_PER_TOKEN * (inputTokens * input + outputTokens * rates.output) - ROUNDING);
}

/** Of a price of one dollar per million tokens. */
const NANO_PER_TOKEN = 1000;
/** What is whole but for the last bit of a fraction stays what it is. */
const ROUNDING = 1e-6;
