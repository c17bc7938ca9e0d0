import type { Price } from '../core/config.ts';
import type { JsonDocument } from '../core/json-document.ts';
import type { JsonValue } from '../core/rollout.ts';
import type { Operation } from '../core/operation.ts';
import type { Bytes } from '../core/units.ts';

/** Text is about four bytes a token in English, three in most other scripts. */
const BYTES_PER_TOKEN = 3;
/** Where the request sets no limit of its own. */
const OUTPUT_TOKENS = 4096;
const PER_MILLION = 1e-6;

const LIMITS = ['max_completion_tokens', 'max_output_tokens', 'max_tokens'];
const WRITING: ReadonlySet<Operation> = new Set(['chat', 'text_completion', 'responses', 'messages']);

type Params = Readonly<Record<string, JsonValue>> | null;

/** What a request may cost, in US dollars, as far as can be told before it is sent. @param params what is set in its body */
export function worstCase(
  operation: Operation,
  document: JsonDocument,
  params: Params,
  bytes: Bytes,
  price: Price,
): number {
  const input = bytes / BYTES_PER_TOKEN;
  const output = WRITING.has(operation) ? outputTokens(document, params) : 0;
  const { longPrompt } = price;
  const rates = longPrompt !== undefined && bytes > longPrompt.above ? longPrompt : price;
  return PER_MILLION * (input * rates.input + output * rates.output);
}

function outputTokens(document: JsonDocument, params: Params): number {
  const numberOf = (name: string): number | null => {
    const set = params?.[name];
    return typeof set === 'number' ? set : document.number(document.member(document.root, name));
  };
  const limits = LIMITS.map(numberOf).filter((limit) => limit !== null);
  const prompts = document.member(document.root, 'prompt')?.children.length ?? 0;
  const choices = Math.max(1, numberOf('n') ?? 1, numberOf('best_of') ?? 1) * Math.max(1, prompts);
  return choices * (limits.length === 0 ? OUTPUT_TOKENS : Math.max(0, ...limits));
}
