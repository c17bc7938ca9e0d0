import { InvalidRequest } from './failure.ts';
import { isObject, listOf, objectsOf, stringOf, type JsonObject } from './json.ts';
import { tokensOf } from './text.ts';

const MESSAGE_TOKENS = 4; // what a message costs besides its text
const ATTACHMENT_TOKENS = 85; // a flat price for each image, file or sound
const MAX_CHOICES = 128; // the providers' bound on `n`

/** Stands in where JSON is asked for without a schema. */
export const ANY_OBJECT_SCHEMA = {
  type: 'object',
  properties: { answer: { type: 'string' }, confidence: { type: 'number', minimum: 0, maximum: 1 } },
  required: ['answer', 'confidence'],
} as const;

export interface ToolSpec {
  readonly name: string;
  /** JSON schema of the arguments. */
  readonly schema: unknown;
}

/** May the model call tools, must it, and which one. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** What the simulated model reads of a request, whatever protocol it came in. */
export interface Prompt {
  /** All that was said; equal conversations get equal replies. */
  readonly conversation: string;
  readonly lastUserText: string;
  /** The last message brings a tool's result. */
  readonly answersTool: boolean;
  readonly inputTokens: number;
  readonly tools: readonly ToolSpec[];
  readonly toolChoice: ToolChoice;
  readonly parallelTools: boolean;
  /** Models of this protocol say a sentence before a call that they chose themselves. */
  readonly speaksBeforeTools: boolean;
  /** The reply must be JSON of this schema; null for free text. */
  readonly jsonSchema: unknown;
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly choices: number;
}

/** The text of a message's content: a string, or the text parts of a list joined. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return objectsOf(content)
    .map((part) => stringOf(part['text']))
    .join('');
}

/** Tokens of one message's content, with a flat price for what is not text. */
export function contentTokens(content: unknown): number {
  if (typeof content === 'string') return MESSAGE_TOKENS + tokensOf(content.length);
  const parts = objectsOf(content).map(partTokens);
  return parts.reduce((sum, tokens) => sum + tokens, MESSAGE_TOKENS);
}

function partTokens(part: JsonObject): number {
  if (typeof part['text'] === 'string') return tokensOf(part['text'].length);
  const type = stringOf(part['type']);
  if (type === 'tool_use' || type === 'tool_result') return tokensOf(JSON.stringify(part).length);
  return ATTACHMENT_TOKENS;
}

/** Tokens of a value that is billed as its JSON text; 0 when absent. */
export function jsonTokens(value: unknown): number {
  return value === undefined || value === null ? 0 : tokensOf(JSON.stringify(value).length);
}

/** @throws InvalidRequest */
export function requireList(body: JsonObject, name: string): readonly JsonObject[] {
  const list = objectsOf(body[name]);
  if (list.length === 0) throw new InvalidRequest(`${name}: at least one message is required`, name);
  return list;
}

/** A token limit under the first of these names that is set. @throws InvalidRequest */
export function tokenLimit(body: JsonObject, ...names: readonly string[]): number | null {
  const name = names.find((candidate) => body[candidate] !== undefined && body[candidate] !== null);
  return name === undefined ? null : wholeNumber(body[name], name, Number.MAX_SAFE_INTEGER);
}

/** The `n` of a request. @throws InvalidRequest */
export function choiceCount(body: JsonObject): number {
  return body['n'] === undefined || body['n'] === null ? 1 : wholeNumber(body['n'], 'n', MAX_CHOICES);
}

/** @throws InvalidRequest unless the value is a whole number from 1 to `most` */
export function wholeNumber(value: unknown, name: string, most: number): number {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most) return Number(value);
  throw new InvalidRequest(
    `Invalid '${name}': expected an integer from 1 to ${most}, got ${JSON.stringify(value)}.`,
    name,
  );
}

/** One stop sequence or several; empty ones never match. */
export function stopList(value: unknown): readonly string[] {
  const list = typeof value === 'string' ? [value] : listOf(value);
  return list.filter((stop): stop is string => typeof stop === 'string' && stop !== '');
}

/** OpenAI's `tool_choice`, in the forms of both its protocols, and the tools that it leaves to choose from. */
export function openaiToolChoice(
  tools: readonly ToolSpec[],
  choice: unknown,
): { readonly tools: readonly ToolSpec[]; readonly toolChoice: ToolChoice } {
  if (choice === 'none' || choice === 'required') return { tools, toolChoice: choice };
  if (!isObject(choice)) return { tools, toolChoice: 'auto' };
  if (choice['type'] !== 'allowed_tools') return { tools, toolChoice: namedTool(choice) };
  const allowed = isObject(choice['allowed_tools']) ? choice['allowed_tools'] : choice;
  const names = new Set(objectsOf(allowed['tools']).map(toolName));
  return {
    tools: tools.filter((tool) => names.has(tool.name)),
    toolChoice: allowed['mode'] === 'required' ? 'required' : 'auto',
  };
}

function namedTool(choice: JsonObject): ToolChoice {
  const name = toolName(choice);
  return name === '' ? 'auto' : { name };
}

/** Chat completions nest the name, responses do not. */
function toolName(tool: JsonObject): string {
  return stringOf(isObject(tool['function']) ? tool['function']['name'] : tool['name']);
}

/** OpenAI's response format, in the forms of both its protocols; null for free text. */
export function openaiJsonSchema(format: unknown): unknown {
  if (!isObject(format)) return null;
  if (format['type'] === 'json_object') return ANY_OBJECT_SCHEMA;
  if (format['type'] !== 'json_schema') return null;
  const holder = isObject(format['json_schema']) ? format['json_schema'] : format;
  return holder['schema'] ?? ANY_OBJECT_SCHEMA;
}
