import { InvalidRequest } from '../failure.ts';
import { listOf, type JsonObject } from '../json.ts';
import { wholeNumber } from '../prompt.ts';
import { Random } from '../random.ts';
import { tokensOf } from '../text.ts';
import type { ComputationProtocol, Stamp } from './protocol.ts';

const DEFAULT_DIMENSIONS = 1536;
const MAX_DIMENSIONS = 4096;
const MAX_INPUTS = 2048; // the API's own bound

/**
 * OpenAI embeddings. A vector depends on the model, the input and the number of dimensions alone.
 * @source https://platform.openai.com/docs/api-reference/embeddings
 */
export const openaiEmbeddings: ComputationProtocol = {
  kind: 'computation',
  dialect: 'openai',
  defaultModel: null,
  compute,
};

function compute(body: JsonObject, { model }: Stamp): { body: unknown; inputTokens: number } {
  const inputs = inputList(body['input']);
  const dimensions = wholeNumber(body['dimensions'] ?? DEFAULT_DIMENSIONS, 'dimensions', MAX_DIMENSIONS);
  const encode = body['encoding_format'] === 'base64' ? asBase64 : asNumbers;
  const data = inputs.map((input, index) => ({
    object: 'embedding',
    index,
    embedding: encode(unitVector(dimensions, new Random(model, JSON.stringify(input)))),
  }));
  const inputTokens = inputs.reduce((sum: number, input) => sum + inputTokensOf(input), 0);
  const usage = { prompt_tokens: inputTokens, total_tokens: inputTokens };
  return { body: { object: 'list', data, model, usage }, inputTokens };
}

/** An input is a string or a list of token numbers; a list of those is several inputs. @throws InvalidRequest */
function inputList(input: unknown): readonly unknown[] {
  const list = typeof input === 'string' || typeof listOf(input)[0] === 'number' ? [input] : listOf(input);
  if (list.length > 0 && list.length <= MAX_INPUTS && list.every(isInput)) return list;
  throw new InvalidRequest(`'input' must be a string, a list of tokens, or 1 to ${MAX_INPUTS} of either.`, 'input');
}

function isInput(input: unknown): boolean {
  if (typeof input === 'string') return input !== '';
  return Array.isArray(input) && input.length > 0 && input.every((token) => Number.isInteger(token));
}

function inputTokensOf(input: unknown): number {
  return typeof input === 'string' ? tokensOf(input.length) : listOf(input).length;
}

function unitVector(dimensions: number, random: Random): Float32Array {
  const vector = Float32Array.from({ length: dimensions }, () => random.next() * 2 - 1);
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => value / norm);
}

function asNumbers(vector: Float32Array): number[] {
  return [...vector];
}

/** Little-endian 32-bit floats. */
function asBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}
