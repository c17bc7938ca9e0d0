import { InvalidRequest } from '../failure.ts';
import { isObject, listOf, objectsOf, stringOf, type JsonObject } from '../json.ts';
import {
  contentTokens,
  jsonTokens,
  openaiJsonSchema,
  openaiToolChoice,
  textOf,
  tokenLimit,
  type Prompt,
  type ToolSpec,
} from '../prompt.ts';
import { tokensOf } from '../text.ts';
import { responseEvents } from './openai-responses-events.ts';
import { finishedItems, responseObject } from './openai-responses-object.ts';
import { generation, type Rendering } from './protocol.ts';
import { isSignature } from './thoughts.ts';

/**
 * OpenAI responses.
 * @source https://platform.openai.com/docs/api-reference/responses, /responses-streaming
 */
export const openaiResponses = generation('openai', { readPrompt, renderBody, renderEvents: responseEvents });

function readPrompt(body: JsonObject): Prompt {
  const items = inputItems(body['input']);
  checkReasoning(items, body['store'] !== false);
  const lastUser = items.findLast((item) => item['role'] === 'user');
  return {
    conversation: JSON.stringify([body['instructions'], items]),
    lastUserText: textOf(lastUser?.['content']),
    answersTool: items.at(-1)?.['type'] === 'function_call_output',
    inputTokens: items.reduce((sum, item) => sum + itemTokens(item), fixedTokens(body)),
    ...openaiToolChoice(objectsOf(body['tools']).flatMap(readTool), body['tool_choice']),
    parallelTools: body['parallel_tool_calls'] !== false,
    speaksBeforeTools: false,
    jsonSchema: openaiJsonSchema(isObject(body['text']) ? body['text']['format'] : undefined),
    maxTokens: tokenLimit(body, 'max_output_tokens'),
    stop: [],
    choices: 1,
  };
}

/** @throws InvalidRequest for reasoning that is not as it was made, or that nobody has kept */
function checkReasoning(items: readonly JsonObject[], isStored: boolean): void {
  for (const { type, id, encrypted_content: proof } of items) {
    if (type !== 'reasoning' || isSignature(proof)) continue;
    if (typeof proof === 'string')
      throw new InvalidRequest(`The encrypted content for item ${stringOf(id)} could not be verified.`);
    if (!isStored) throw new InvalidRequest(`Item with id '${stringOf(id)}' not found.`);
  }
}

/** A string is one user message. @throws InvalidRequest */
function inputItems(input: unknown): readonly JsonObject[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  const items = objectsOf(listOf(input));
  if (items.length === 0) throw new InvalidRequest("Missing required parameter: 'input'.", 'input');
  return items;
}

function fixedTokens(body: JsonObject): number {
  return tokensOf(stringOf(body['instructions']).length) + jsonTokens(body['tools']);
}

/** Calls and their results are billed as JSON. */
function itemTokens(item: JsonObject): number {
  return 'content' in item ? contentTokens(item['content']) : jsonTokens(item);
}

/** Tools that the provider runs itself are accepted and never called. */
function readTool(tool: JsonObject): ToolSpec[] {
  if (tool['type'] !== 'function') return [];
  return [{ name: stringOf(tool['name']), schema: tool['parameters'] ?? { type: 'object' } }];
}

function renderBody(rendering: Rendering): unknown {
  const { prompt, turns } = rendering;
  const response = responseObject(rendering);
  const turn = turns[0]!;
  return response.finished(finishedItems(turn, rendering), turn, prompt.inputTokens);
}
