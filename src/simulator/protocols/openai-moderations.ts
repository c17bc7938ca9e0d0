import { InvalidRequest } from '../failure.ts';
import { listOf, isObject, type JsonObject } from '../json.ts';
import { textOf } from '../prompt.ts';
import { Random } from '../random.ts';
import type { ComputationProtocol, Stamp } from './protocol.ts';

const FLAGGED_SCORE = 0.9;
const HARMLESS_SCORE = 0.001;

/** Words that flag a category; the others are reported and never flagged. */
const CATEGORIES: Readonly<Record<string, RegExp | null>> = {
  harassment: /\b(?:idiot|moron)s?\b/i,
  'harassment/threatening': null,
  hate: null,
  'hate/threatening': null,
  illicit: /\b(?:counterfeit|launder)\w*\b/i,
  'illicit/violent': null,
  'self-harm': null,
  'self-harm/instructions': null,
  'self-harm/intent': null,
  sexual: null,
  'sexual/minors': null,
  violence: /\b(?:kill|murder|stab)\w*\b/i,
  'violence/graphic': null,
};

/**
 * OpenAI moderations, judging by a handful of words.
 * @source https://platform.openai.com/docs/api-reference/moderations
 */
export const openaiModerations: ComputationProtocol = {
  kind: 'computation',
  dialect: 'openai',
  defaultModel: 'omni-moderation-latest',
  compute,
};

function compute(body: JsonObject, { model, random }: Stamp): { body: unknown; inputTokens: number } {
  const results = inputTexts(body['input']).map((text) => judge(text, model));
  return { body: { id: `modr-${random.base62(29)}`, model, results }, inputTokens: 0 };
}

/** Strings are judged one by one; a list of parts is one message. @throws InvalidRequest */
function inputTexts(input: unknown): readonly string[] {
  if (typeof input === 'string') return [input];
  const list = listOf(input);
  if (list.length > 0 && list.every(isObject)) return [textOf(list)];
  const texts = list.filter((text) => typeof text === 'string');
  if (texts.length > 0 && texts.length === list.length) return texts;
  throw new InvalidRequest("'input' must be a string, a list of strings or a list of content parts.", 'input');
}

function judge(text: string, model: string): JsonObject {
  const random = new Random(model, text);
  const names = Object.keys(CATEGORIES);
  const flags = names.map((name) => CATEGORIES[name]?.test(text) ?? false);
  const scores = flags.map((flag) => (flag ? FLAGGED_SCORE : HARMLESS_SCORE) * (1 + random.next() / 10));
  const table = (value: (index: number) => unknown): JsonObject =>
    Object.fromEntries(names.map((name, index) => [name, value(index)]));
  return {
    flagged: flags.includes(true),
    categories: table((index) => flags[index]),
    category_scores: table((index) => scores[index]),
    category_applied_input_types: table(() => ['text']),
  };
}
